#include "rules/lint/ignore_comments.h"

#include <algorithm>
#include <map>

#include <re2/re2.h>

namespace seamwatch::rules {
namespace {

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

bool is_comment(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(" \t\r");
  return begin != std::string_view::npos && line[begin] == '#';
}

class Reader {
 public:
  Reader(const RuleFile& file, std::string_view text) : file_(file), lines_(split_lines(text)) {
    for (const RuleGroup& group : file.groups) {
      starts_.push_back(group.place.line);
      for (const Rule& rule : group.rules) {
        starts_.push_back(rule.place.line);
      }
    }
    std::sort(starts_.begin(), starts_.end());
    starts_.erase(std::unique(starts_.begin(), starts_.end()), starts_.end());
  }

  RuleText read(const Rule& rule) const {
    static const re2::RE2 kFor(R"((?:^\s*(?:-\s+)?|[{,]\s*)["']?for["']?\s*:)");
    const int line = rule.place.line;
    const auto next = std::upper_bound(starts_.begin(), starts_.end(), line);
    const int last = next == starts_.end() ? static_cast<int>(lines_.size()) : above(*next) - 1;
    RuleText made;
    for (int at = above(line); at <= last; ++at) {
      const std::string_view text = lines_[static_cast<std::size_t>(at - 1)];
      add_codes(text, at, made);
      made.has_for = made.has_for || (!is_comment(text) && re2::RE2::PartialMatch(text, kFor));
    }
    return made;
  }

 private:
  // The first of the comment lines straight above `line`; `line` itself where there is none.
  int above(int line) const {
    while (line > 1 && line <= static_cast<int>(lines_.size()) &&
           is_comment(lines_[static_cast<std::size_t>(line - 2)])) {
      --line;
    }
    return line;
  }

  void add_codes(std::string_view text, int line, RuleText& into) const {
    static const re2::RE2 kIgnore(R"(#\s*seamwatch:ignore\b((?:[\s,]*[A-Za-z0-9_-]+)*))");
    static const re2::RE2 kCode(R"(([A-Za-z0-9_-]+))");
    re2::StringPiece codes;
    if (!re2::RE2::PartialMatch(text, kIgnore, &codes)) {
      return;
    }
    const int column = static_cast<int>(codes.data() - text.data()) + 1;
    std::string code;
    if (codes.empty()) {
      into.ignored_at.emplace_back("", Place{file_.file, line, column});
    }
    while (re2::RE2::FindAndConsume(&codes, kCode, &code)) {
      into.ignored.insert(code);
      into.ignored_at.emplace_back(code, Place{file_.file, line, column});
    }
  }

  const RuleFile& file_;
  std::vector<std::string_view> lines_;
  std::vector<int> starts_;
};

}  // namespace

std::vector<RuleText> read_rule_texts(const RuleFile& file, std::string_view text) {
  const Reader reader(file, text);
  std::vector<RuleText> all;
  for (const RuleGroup& group : file.groups) {
    for (const Rule& rule : group.rules) {
      all.push_back(reader.read(rule));
    }
  }
  return all;
}

}  // namespace seamwatch::rules
