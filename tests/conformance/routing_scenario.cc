#include "tests/conformance/routing_scenario.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "agent/io/yaml.h"
#include "rules/routing/alert_store.h"
#include "rules/routing/decision.h"

namespace seamwatch::conformance {
namespace {

using namespace seamwatch::rules;

// One acceptance scenario, with webhooks that record what they are sent.
class Scenario {
 public:
  Scenario(const Node& node, std::string config_text) : node_(node) {
    for (std::size_t at; (at = config_text.find("{{webhook:")) != std::string::npos;) {
      config_text.replace(at, 10, "http://");
      config_text.replace(config_text.find("}}", at), 2, "");
    }
    Loaded loaded = conformance::load(text_of(node, "name"), config_text);
    problems_ = loaded.problems.to_string();
    config_ = loaded.config;
    const Node* flags = node.find("flags");
    const std::string delay = flags == nullptr ? "" : text_of(*flags, "dispatch.start-delay");
    // The process starts half a second before it is ready, which is where the scenario begins.
    not_before_ = delay.empty() ? at(-0.5) : at(-0.5) + *parse_duration(delay);
    tolerance_ = Millis(std::stoi(text_of(node, "tolerance_ms")));
  }

  std::string run() {
    if (!problems_.empty()) {
      return problems_;
    }
    restart(at(-0.5));
    for (const Node& action : items_of(node_, "actions")) {
      const WallTime when = at(std::stod(text_of(action, "at")));
      flush_until(when - Millis(1));
      act(action, when);
    }
    flush_until(at(60));
    return check();
  }

 private:
  struct Post {
    WallTime at;
    std::vector<Alert> alerts;
  };

  struct Silence {
    Matchers matchers;
    WallTime starts_at, ends_at;
  };

  static WallTime at(double seconds) {
    return wall_from_unix_millis(1'700'000'000'000 + std::llround(seconds * 1000));
  }

  static std::optional<WallTime> time_of(const Node& node, std::string_view key) {
    const std::string text = text_of(node, key);
    // A start before the scenario is one that was not sent.
    return text.empty() || text[0] == '-' ? std::nullopt : std::optional(at(std::stod(text)));
  }

  void restart(WallTime now) {
    dispatcher_ = std::make_unique<Dispatcher>(config_, now, NotBefore{not_before_, not_before_});
    inhibitor_ = std::make_unique<Inhibitor>(config_->inhibit_rules);
    for (const AlertPtr& alert : store_.all()) {
      inhibitor_->insert(*alert);
    }
    dispatcher_->insert(store_.all(), now);
  }

  void act(const Node& action, WallTime now) {
    for (const Node& item : items_of(action, "post_alerts")) {
      const PostedAlert posted{labels_of(item.find("labels")),
                               labels_of(item.find("annotations")),
                               time_of(item, "starts_at"),
                               time_of(item, "ends_at"),
                               ""};
      const auto accepted = accept_post(posted, now, config_->resolve_timeout);
      const AlertPtr alert = store_.put(accepted.value(), now);
      inhibitor_->insert(*alert);
      dispatcher_->insert({alert}, now);
    }
    if (const Node* silence = action.find("create_silence")) {
      Matchers matchers;
      for (const Node& matcher : items_of(*silence, "matchers")) {
        matchers.push_back(
            Matcher::make(MatchType::equal, text_of(matcher, "name"), text_of(matcher, "value"))
                .value());
      }
      silences_.push_back(
          {matchers, *time_of(*silence, "starts_at"), *time_of(*silence, "ends_at")});
    }
    if (action.find("reload") != nullptr) {
      restart(now);
    }
  }

  void flush_until(WallTime end) {
    for (auto next = dispatcher_->next_flush(); next && *next <= end;
         next = dispatcher_->next_flush()) {
      for (const GroupFlush& flush : dispatcher_->flush(*next)) {
        tell(flush);
        dispatcher_->recorded(flush);
      }
    }
  }

  void tell(const GroupFlush& flush) {
    const auto silenced_by = [&](const Labels& labels) {
      std::vector<std::string> out;
      for (const Silence& silence : silences_) {
        if (silence.starts_at <= flush.at && flush.at < silence.ends_at &&
            match_all(silence.matchers, labels)) {
          out.emplace_back("silence");
        }
      }
      return out;
    };
    const Decision decision = decide(flush, {*config_, log_, *inhibitor_, "", silenced_by});
    for (const SinkDecision& sink : decision.sinks) {
      if (sink.entry) {
        log_.put(*sink.entry);
      }
      if (sink.notification) {
        const std::size_t index = std::stoul(sink.key.sink.substr(sink.key.sink.find('[') + 1));
        const Receiver* receiver = config_->receiver(sink.key.receiver);
        const std::string name = receiver->webhooks[index].url.text.reveal().substr(7);
        posts_[name].push_back({flush.at, sink.notification->alerts});
      }
    }
  }

  bool near(const std::optional<WallTime>& got, const std::optional<WallTime>& want) const {
    return got.has_value() == want.has_value() &&
           (!got || std::chrono::abs(*got - *want) <= tolerance_);
  }

  bool same(const std::vector<Alert>& got, const std::vector<Node>& want) const {
    return got.size() == want.size() &&
           std::all_of(want.begin(), want.end(), [&](const Node& node) {
             return std::any_of(got.begin(), got.end(), [&](const Alert& alert) {
               return alert.labels == labels_of(node.find("labels")) &&
                      alert.annotations == labels_of(node.find("annotations")) &&
                      near(alert.starts_at, time_of(node, "starts_at")) &&
                      near(alert.ends_at, time_of(node, "ends_at"));
             });
           });
  }

  std::string check() {
    std::string wrong;
    const Node* expect = node_.find("expect");
    const Node* hooks = node_.find("webhooks");
    for (const NodeEntry& entry : expect->entries) {
      const std::string& name = entry.key.scalar;
      std::vector<Post> posts = posts_[name];
      if (const Node* hook = hooks == nullptr ? nullptr : hooks->find(name)) {
        const WallTime from = at(std::stod(text_of(*hook, "discard_until")));
        std::erase_if(posts, [&](const Post& post) { return post.at < from; });
      }
      wrong += check_webhook(name, posts, entry.value);
    }
    return wrong;
  }

  std::string check_webhook(const std::string& name,
                            const std::vector<Post>& posts,
                            const Node& windows) {
    std::string wrong;
    std::size_t expected_alerts = 0;
    WallTime last = at(0);
    for (const Node& window : windows.items) {
      const auto& between = items_of(window, "between");
      const WallTime from = at(std::stod(between[0].scalar));
      last = at(std::stod(between[1].scalar));
      const auto& alerts = items_of(window, "alerts");
      expected_alerts += alerts.size();
      const bool found = std::any_of(posts.begin(), posts.end(), [&](const Post& post) {
        return from <= post.at && post.at <= last && same(post.alerts, alerts);
      });
      wrong += found ? ""
                     : name + ": nothing fits between " + between[0].scalar + " and " +
                           between[1].scalar + "; ";
    }
    std::size_t got_alerts = 0;
    for (const Post& post : posts) {
      got_alerts += post.at <= last ? post.alerts.size() : 0;
    }
    return got_alerts == expected_alerts
               ? wrong
               : wrong + name + ": " + std::to_string(got_alerts) + " alerts were sent, not " +
                     std::to_string(expected_alerts) + "; ";
  }

  const Node& node_;
  std::string problems_;
  std::shared_ptr<NotifyConfig> config_;
  WallTime not_before_;
  Millis tolerance_{};
  AlertStore store_;
  NotificationLog log_;
  std::vector<Silence> silences_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::unique_ptr<Inhibitor> inhibitor_;
  std::map<std::string, std::vector<Post>> posts_;
};

}  // namespace

Loaded load(const std::string& name, const std::string& text) {
  Loaded out;
  const Document document = parse_yaml(name, text, out.problems);
  *out.config = load_notify_config(document, out.problems);
  return out;
}

Labels labels_of(const Node* node) {
  std::vector<Labels::Pair> pairs;
  for (const NodeEntry& entry : node == nullptr ? std::vector<NodeEntry>() : node->entries) {
    pairs.emplace_back(entry.key.scalar, entry.value.scalar);
  }
  return Labels(std::move(pairs));
}

const std::vector<Node>& items_of(const Node& node, std::string_view key) {
  static const std::vector<Node> none;
  const Node* list = node.find(key);
  return list == nullptr ? none : list->items;
}

std::string text_of(const Node& node, std::string_view key) {
  const Node* value = node.find(key);
  return value == nullptr ? "" : value->scalar;
}

std::string run_scenario(const Node& scenario) {
  return Scenario(scenario, text_of(scenario, "config")).run();
}

}  // namespace seamwatch::conformance
