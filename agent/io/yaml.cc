#include "agent/io/yaml.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/yaml.h>

#include "agent/core/utf8.h"

namespace seamwatch {
namespace {

constexpr std::size_t kBytesMax = 16 << 20;
constexpr std::size_t kNodesMax = 1000000;
constexpr std::size_t kDepthMax = 64;
constexpr int kJoinedMax = 100;  // values of keys that are there twice
constexpr std::size_t kFewKeys = 32;

// Thrown through yaml-cpp's parser to stop it; caught in parse_yaml only.
struct LimitReached {};

std::size_t count_nodes(const Node& node) {
  std::size_t count = 1;
  for (const Node& item : node.items) {
    count += count_nodes(item);
  }
  for (const NodeEntry& entry : node.entries) {
    count += 1 + count_nodes(entry.value);
  }
  return count;
}

// Whether a plain scalar is YAML's null.
bool is_null_text(const std::string& text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

// Whether the parser takes `text` for UTF-16 or UTF-32, which it reads too.
bool has_wide_mark(std::string_view text) {
  return text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff") ||
         text.starts_with(std::string_view("\0\0\xfe\xff", 4));
}

// Where the first byte stands that is no UTF-8; its column counts bytes.
Place first_bad_byte(const std::string& file, std::string_view text) {
  Place place{file, 1, 1};
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t before = at;
    const char32_t rune = next_code_point(text, at);
    if (rune == 0xfffd && at - before == 1) {
      break;
    }
    place = rune == '\n' ? Place{file, place.line + 1, 1}
                         : Place{file, place.line, place.column + static_cast<int>(at - before)};
  }
  return place;
}

// The line with this number, from 0, without its end.
std::string_view line_of(std::string_view text, int number) {
  for (; number > 0 && !text.empty(); --number) {
    const std::size_t end = text.find('\n');
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

// What the parser says of `text`, with the remedy where its words do not lead to the cause.
Diagnostic not_yaml(const std::string& file,
                    std::string_view text,
                    const YAML::ParserException& failure) {
  const std::string_view line = line_of(text, failure.mark.line);
  const std::size_t tab = line.substr(0, line.find_first_not_of(" \t")).find('\t');
  if (tab != std::string_view::npos) {
    return {Place{file, failure.mark.line + 1, static_cast<int>(tab) + 1},
            "not YAML: a tab in the indentation",
            "indent with blanks"};
  }
  const bool star = failure.msg == YAML::ErrorMsg::ALIAS_NOT_FOUND;
  return {
      Place{file, failure.mark.line + 1, failure.mark.column + 1},
      "not YAML: " + failure.msg,
      star ? "quote a value that begins with *" : "check indentation, quotes and colons near here"};
}

// Builds the tree from the parser's events. A stack of open collections; in a map, a key waits for
// its value.
class Builder final : public YAML::EventHandler {
 public:
  Builder(Document& document, Diagnostics& problems) : document_(document), problems_(problems) {}

  void OnDocumentStart(const YAML::Mark&) override {}

  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    complete(make(Node::Kind::null, mark), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    Node node = found == anchors_.end() ? make(Node::Kind::null, mark) : found->second;
    nodes_ += count_nodes(node);
    check_size(make(Node::Kind::null, mark));
    complete(std::move(node), 0);
  }

  void OnScalar(const YAML::Mark& mark,
                const std::string& tag,
                YAML::anchor_t anchor,
                const std::string& value) override {
    Node node = make(Node::Kind::scalar, mark);
    node.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    if (!node.quoted && is_null_text(value)) {
      node.kind = Node::Kind::null;
    }
    node.scalar = value;
    complete(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark,
                       const std::string&,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(make(Node::Kind::list, mark), anchor, mark);
  }

  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark,
                  const std::string&,
                  YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(make(Node::Kind::map, mark), anchor, mark);
  }

  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor = 0;
    std::optional<Node> key = std::nullopt;  // of a map: read, and waiting for its value
    std::vector<Node> merged = {};           // values of `<<`
    std::set<std::string> keys = {};         // of a map that is long

    // Whether the map has the key `name`: looked for one by one while there are few.
    bool has(const std::string& name) {
      if (node.entries.size() < kFewKeys) {
        return node.find(name) != nullptr;
      }
      if (keys.empty()) {
        for (const NodeEntry& entry : node.entries) {
          keys.insert(entry.key.scalar);
        }
      }
      return keys.contains(name);
    }

    // Adds to the value of `name` what `later` has besides, so that it is looked at too. That the
    // key is there twice is reported, so nothing of it is ever used.
    void join(const std::string& name, Node later) {
      const auto earlier =
          std::find_if(node.entries.begin(), node.entries.end(), [&](const NodeEntry& entry) {
            return entry.key.scalar == name;
          });
      Node& into = earlier->value;
      if (into.is_list() && later.is_list()) {
        std::move(later.items.begin(), later.items.end(), std::back_inserter(into.items));
      } else if (into.is_map() && later.is_map()) {
        std::set<std::string> known;
        for (const NodeEntry& entry : into.entries) {
          known.insert(entry.key.scalar);
        }
        for (NodeEntry& entry : later.entries) {
          if (!known.contains(entry.key.scalar)) {
            into.entries.push_back(std::move(entry));
          }
        }
      }
    }

    void add(NodeEntry entry) {
      if (!keys.empty()) {
        keys.insert(entry.key.scalar);
      }
      node.entries.push_back(std::move(entry));
    }
  };

  Node make(Node::Kind kind, const YAML::Mark& mark) {
    Node node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    ++nodes_;
    check_size(node);
    return node;
  }

  void check_size(const Node& at) {
    if (nodes_ > kNodesMax) {
      problems_.add(document_.place(at),
                    "the file has more than 1000000 values",
                    "split it, or use fewer aliases");
      throw LimitReached();
    }
  }

  void open(Node node, YAML::anchor_t anchor, const YAML::Mark& mark) {
    if (open_.size() >= kDepthMax) {
      problems_.add(Place{document_.file, mark.line + 1, mark.column + 1},
                    "more than 64 levels of nesting",
                    "make the file flatter");
      throw LimitReached();
    }
    open_.push_back(Open{std::move(node), anchor, std::nullopt});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    for (const Node& source : std::exchange(done.merged, {})) {
      merge(done, source);
    }
    complete(std::move(done.node), done.anchor);
  }

  // Adds the entries of `source` (a map, or a list of maps) whose keys `into` does not have.
  void merge(Open& into, const Node& source) {
    for (const Node& item : source.items) {
      merge(into, item);
    }
    for (const NodeEntry& entry : source.entries) {
      if (!into.has(entry.key.scalar)) {
        into.add(entry);
      }
    }
  }

  void complete(Node node, YAML::anchor_t anchor) {
    if (anchor != 0) {
      // A copy, and one of each level where anchors stand within each other.
      nodes_ += count_nodes(node);
      check_size(node);
      anchors_[anchor] = node;
    }
    if (open_.empty()) {
      document_.root = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.is_list()) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      if (node.is_list() || node.is_map()) {
        problems_.add(document_.place(node), "a key must be a single text", "quote the key");
      }
      parent.key = std::move(node);
    } else {
      add_entry(parent, std::move(node));
    }
  }

  void add_entry(Open& parent, Node value) {
    Node key = std::move(*parent.key);
    parent.key.reset();
    if (key.scalar == "<<" && !key.quoted) {
      parent.merged.push_back(std::move(value));
      return;
    }
    if (parent.has(key.scalar)) {
      const Node* earlier = parent.node.find(key.scalar);
      problems_.add(document_.place(key),
                    "key " + quoted_key(key) + " is there twice",
                    "remove one; the first has its value at line " + std::to_string(earlier->line));
      if (++joined_ <= kJoinedMax) {
        parent.join(key.scalar, std::move(value));
      }
      return;
    }
    if (value.is_null() && value.line > key.line) {  // the parser stands at what comes next
      value.line = key.line;
      value.column = key.column;
    }
    key.kind = Node::Kind::scalar;
    parent.add(NodeEntry{std::move(key), std::move(value)});
  }

  static std::string quoted_key(const Node& key) { return "\"" + key.scalar + "\""; }

  Document& document_;
  Diagnostics& problems_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::size_t nodes_ = 0;
  int joined_ = 0;
};

}  // namespace

Document parse_yaml(std::string file, std::string_view text, Diagnostics& problems) {
  Document document;
  document.file = std::move(file);
  if (text.size() > kBytesMax) {
    problems.add(Place{document.file, 0, 0}, "the file is larger than 16 MiB", "split it");
    return document;
  }
  if (!has_wide_mark(text) && !is_valid_utf8(text)) {
    problems.add(first_bad_byte(document.file, text),
                 "not YAML: a byte that is no UTF-8",
                 "save the file in UTF-8");
    return document;
  }
  std::istringstream in{std::string(text)};
  Builder builder(document, problems);
  try {
    YAML::Parser parser(in);
    parser.HandleNextDocument(builder);
  } catch (const YAML::ParserException& failure) {
    Diagnostic found = not_yaml(document.file, text, failure);
    problems.add(std::move(found.place), std::move(found.what), std::move(found.remedy));
  } catch (const YAML::Exception& failure) {
    problems.add(Place{document.file, 0, 0},
                 std::string("not YAML: ") + failure.what(),
                 "check indentation, quotes and colons");
  } catch (const LimitReached&) {  // reported where it was found
  }
  return document;
}

}  // namespace seamwatch
