#include "tests/lives/life.h"

#include <cstdio>

#include "tests/lives/alert_source.h"
#include "tests/lives/setting.h"
#include "tests/lives/store_lock.h"
#include "tests/lives/verdict.h"
#include "tests/scenario/alert_steps.h"
#include "tests/scenario/folder.h"
#include "tests/scenario/history_look.h"
#include "tests/scenario/sim_world.h"

namespace seamwatch::fakes {
namespace {

using namespace std::chrono_literals;

constexpr Millis kSpan = 60min;
constexpr Millis kHealing = 20min;  // for retries, circuits and the longest group interval
constexpr Millis kRepeat = 30s;     // how often the source posts again

// By a path that is the same each time: when a rule group is evaluated depends on that of its file.
agent::ConfigSources sources_of(const Folder& folder) {
  std::filesystem::current_path(folder.file(""));
  agent::ConfigSources out;
  out.config_file = "seamwatch.yml";
  out.listen = "127.0.0.1:0";
  return out;
}

class Story {
 public:
  Story(std::uint64_t seed, bool show)
      : show_(show),
        chance_(seed),
        setting_(draw_setting(chance_)),
        files_(setting_.files),
        store_({}),
        world_(seed, sources_of(files_), store_.file("store")),
        source_(chance_, world_, setting_.probed) {}

  std::vector<std::string> tell() {
    while (world_.now() < kSpan) {
      run_for(chance_.between(10ms, 40s));
      happen();
    }
    heal();
    run_for(kHealing);
    judge_end();
    note("all end");
    source_.end_all();
    run_for(kHealing);
    judge_end();
    const std::size_t pending = world_.agent().deliverer().pending();
    if (pending > 0) {
      wrong_.push_back(std::to_string(pending) + " notices are pending in the end");
    }
    add(wrong_on_the_way(seen(), setting_));
    if (show_) {
      show_all();
    }
    for (std::string& one : wrong_) {
      one = "(" + to_string(setting_) + ") " + one;
    }
    return wrong_;
  }

 private:
  void note(const std::string& what) const {
    if (show_) {
      std::printf("%s %s\n", to_rfc3339(world_.wall_at(world_.now())).c_str(), what.c_str());
    }
  }

  void add(const std::vector<std::string>& wrong) {
    wrong_.insert(wrong_.end(), wrong.begin(), wrong.end());
  }

  void judge_end() {
    add(wrong_in_the_end(seen(), source_.alerts(), setting_, world_.wall_at(world_.now())));
  }

  // All that was seen and journalled, with the times from which it can be put in order.
  void show_all() {
    for (const auto& [name, text] : setting_.files) {
      std::printf("%s:\n%s", name.c_str(), text.c_str());
    }
    for (const SeenNotice& notice : seen()) {
      std::printf("%s\n", to_string(notice).c_str());
    }
    for (const boost::json::value& entry : history_of(world_)) {
      std::printf(
          "%s %s\n", entry.at("at").as_string().c_str(), boost::json::serialize(entry).c_str());
    }
  }

  std::vector<SeenNotice> seen() const { return seen_notices(world_.network(), kills_); }

  // The source posts again meanwhile.
  void run_for(Millis span) {
    const Nanos end = world_.now() + span;
    while (repeat_at_ < end) {
      world_.run_until(repeat_at_);
      source_.repeat();
      repeat_at_ += kRepeat;
    }
    world_.run_until(end);
  }

  void happen() {
    const int what = chance_.below(100);
    if (what < 45) {
      note("some flip");
      source_.flip_some();
    } else if (what < 65) {
      disturb_receiver();
    } else if (what < 82) {
      const int handlers = chance_.below(40);
      note("kill after " + std::to_string(handlers));
      world_.kill_after(handlers);
      kills_.push_back(world_.wall_at(world_.now()));
    } else if (what < 86) {
      note("restart");
      world_.restart();
    } else if (what < 94) {
      silence();
    } else if (what < 97) {
      step("ack",
           "service=~\"[" + std::to_string(chance_.below(9)) + "0-2]\"",
           {{"by", "me"}, {"for", "10m"}});
    } else if (what < 98) {
      reload();
    } else {
      lock();
    }
  }

  void reload() {
    if (setting_.reroutes && chance_.one_in(2)) {
      reroute(setting_, chance_);
      files_.write("notify.yml", setting_.files["notify.yml"]);
    }
    note("reload\n" + setting_.files["notify.yml"]);
    if (!world_.reload().empty()) {
      wrong_.push_back("a reload was refused");
    }
  }

  // Another process holds the database for a while.
  void lock() {
    if (setting_.locks) {
      note("locked");
      const StoreLock lock(store_.file("store"));
      const int what = chance_.below(3);
      run_for(chance_.between(1s, 40s));
      if (what == 0) {
        source_.flip_some();
        run_for(chance_.between(1s, 40s));
      } else if (what == 1) {
        disturb_receiver();
        run_for(chance_.between(1s, 40s));
      }
      note("unlocked");
    }
  }

  void silence() {
    if (!setting_.silences) {
      return;
    }
    if (chance_.one_in(2)) {
      step("end_silence", "all", {});
    } else {
      step("silence",
           "service=~\"[" + std::to_string(chance_.below(9)) + "0-2]\"",
           {{"for", chance_.of(std::vector<std::string>{"1m", "5m", "20m"})}});
    }
  }

  void step(const std::string& kind, const std::string& name, Labels values) {
    note(kind + " " + name);
    const std::string problem = alert_step({Millis{}, kind, name, std::move(values)}, world_);
    if (!problem.empty() && kind != "ack") {  // there may be nothing to acknowledge
      wrong_.push_back(problem);
    }
  }

  void disturb_receiver() {
    const std::string& name = chance_.of(setting_.all);
    SimHost host;
    host.fault =
        chance_.of(std::vector<std::string>{"", "", "refuse", "reset", "hang", "lost_answer"});
    host.status = chance_.of(std::vector<int>{200, 200, 200, 503, setting_.rejects ? 400 : 429});
    host.latency = chance_.of(std::vector<Millis>{1ms, 5ms, 500ms, 3s});
    host.answers_after = chance_.of(std::vector<Millis>{0ms, 5ms, 1s, 4s});
    note(name + ": " + host.fault + " " + std::to_string(host.status));
    world_.network().host(name + ".test") = host;
  }

  void redrive() {
    agent::HttpCall call;
    call.method = "POST";
    call.path = "/api/seamwatch/notify/redrive";
    call.headers.emplace_back("content-type", "application/json");
    call.body = R"({"all": true})";
    agent::HttpReply reply = world_.call(call);
    if (reply.status == 503) {  // it has just started
      run_for(1min);
      reply = world_.call(std::move(call));
    }
    if (reply.status != 200) {
      wrong_.push_back("redrive: " + reply.body);
    }
  }

  void heal() {
    note("all is well");
    for (const std::string& name : setting_.all) {
      world_.network().host(name + ".test") = SimHost{};
    }
    if (setting_.rejects) {
      redrive();
    }
    step("end_silence", "all", {});
  }

  bool show_;
  Chance chance_;
  Setting setting_;
  Folder files_;
  Folder store_;
  SimWorld world_;
  AlertSource source_;
  Nanos repeat_at_ = kRepeat;
  std::vector<WallTime> kills_;
  std::vector<std::string> wrong_;
};

}  // namespace

std::vector<std::string> live(std::uint64_t seed, bool show) {
  return Story(seed, show).tell();
}

}  // namespace seamwatch::fakes
