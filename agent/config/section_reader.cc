#include "agent/config/section_reader.h"

#include <algorithm>
#include <cctype>

#include "agent/core/assert.h"
#include "agent/core/labels.h"

namespace seamwatch::agent {
namespace {

constexpr std::size_t kNameBytesMax = 100;
constexpr const char* kNameRemedy =
    "use at most 100 letters, digits, `_`, `.` and `-`, the first of them no `.` or `-`";

const Node kNothing;

std::string tick(std::string_view key) {
  return "\"" + std::string(key) + "\"";
}

bool is_name(const std::string& text) {
  const auto good = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-';
  };
  return !text.empty() && text.size() <= kNameBytesMax && text[0] != '.' && text[0] != '-' &&
         std::all_of(text.begin(), text.end(), good);
}

bool has_space_or_control(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
  });
}

bool is_url(const std::string& text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (text.starts_with(scheme)) {
      const char first = text.size() > scheme.size() ? text[scheme.size()] : '/';
      return std::string_view("/?#:").find(first) == std::string_view::npos &&
             !has_space_or_control(text);
    }
  }
  return false;
}

bool is_email(const std::string& text) {
  const std::size_t at = text.find('@');
  return at != std::string::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string::npos && !has_space_or_control(text);
}

std::vector<std::string_view> split_words(std::string_view words) {
  std::vector<std::string_view> out;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    out.push_back(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return out;
}

}  // namespace

SectionReader::SectionReader(const Document& document,
                             const Node& node,
                             const Section& section,
                             Diagnostics& problems)
    : section_(section), map_(document, node, std::string(section.what), problems) {}

const KeySpec& SectionReader::spec(std::string_view key, std::initializer_list<KeyType> types) {
  const auto found = std::find_if(section_.keys.begin(),
                                  section_.keys.end(),
                                  [&](const KeySpec& each) { return each.key == key; });
  SW_ASSERT(found != section_.keys.end());
  SW_ASSERT(types.size() == 0 || std::find(types.begin(), types.end(), found->type) != types.end());
  asked_.insert(found->key);
  return *found;
}

bool SectionReader::text(std::string_view key, std::string& out) {
  using enum KeyType;
  const KeySpec& wanted = spec(key, {KeyType::text, name, word, url, email});
  if (wanted.required) {
    map_.require(key, "add `" + std::string(key) + ":`, " + std::string(wanted.help));
  }
  std::string value;
  if (!map_.read(key, value) || !check_text(wanted, value)) {
    return false;
  }
  out = std::move(value);
  return true;
}

bool SectionReader::check_text(const KeySpec& wanted, const std::string& value) {
  using enum KeyType;
  const auto reject = [&](const std::string& shown, std::string remedy) {
    report(wanted.key, tick(wanted.key) + " cannot be " + quoted(shown), std::move(remedy));
    return false;
  };
  if (wanted.type == name && !is_name(value)) {
    return reject(value, kNameRemedy);
  }
  if (wanted.type == url && !is_url(value)) {
    const bool may_hold_secret = value.find_first_of("@?") != std::string::npos;
    return reject(may_hold_secret ? redact_url(value) : value,
                  "write a URL that begins with http:// or https://");
  }
  if (wanted.type == email && !is_email(value)) {
    return reject(value, "write an address like ops@example.org");
  }
  if (wanted.type == word) {
    const auto words = split_words(wanted.words);
    if (std::find(words.begin(), words.end(), value) == words.end()) {
      std::string all;
      for (const std::string_view each : words) {
        all += (all.empty() ? "" : ", ") + std::string(each);
      }
      return reject(value, "write one of " + all);
    }
  }
  return true;
}

bool SectionReader::duration(std::string_view key, Millis& out) {
  const KeySpec& wanted = spec(key, {KeyType::duration});
  Millis value{};
  if (!map_.read(key, value)) {
    return false;
  }
  if (value.count() < wanted.minimum) {
    report(key,
           tick(key) + " must be at least " + format_duration(Millis(wanted.minimum)) + ", not " +
               format_duration(value),
           "write a longer one");
    return false;
  }
  out = value;
  return true;
}

bool SectionReader::count(std::string_view key, std::int64_t& out) {
  const KeySpec& wanted = spec(key, {KeyType::count});
  std::int64_t value = 0;
  if (!map_.read(key, value)) {
    return false;
  }
  if (value < wanted.minimum || value > wanted.maximum) {
    const bool low = value < wanted.minimum;
    report(key,
           tick(key) + " must be at " + (low ? "least " : "most ") +
               std::to_string(low ? wanted.minimum : wanted.maximum) + ", not " +
               std::to_string(value),
           low ? "write a larger number" : "write a smaller number");
    return false;
  }
  out = value;
  return true;
}

bool SectionReader::flag(std::string_view key, bool& out) {
  spec(key, {KeyType::flag});
  return map_.read(key, out);
}

bool SectionReader::texts(std::string_view key, std::vector<std::string>& out) {
  spec(key, {KeyType::texts});
  return map_.read(key, out);
}

bool SectionReader::labels(std::string_view key, Labels& out) {
  spec(key, {KeyType::labels});
  return map_.read(key, out);
}

const Node* SectionReader::find(std::string_view key) {
  spec(key, {});
  return map_.find(key);
}

SectionReader SectionReader::section(std::string_view key) {
  const KeySpec& wanted = spec(key, {KeyType::map});
  const Node* node = map_.find(key);
  return {map_.document(), node == nullptr ? kNothing : *node, *wanted.section, map_.problems()};
}

void SectionReader::each_entry(std::string_view key, bool check_names, const Entry& each) {
  const KeySpec& wanted = spec(key, {KeyType::map_of});
  map_.each_entry(key, [&](const std::string& name, const Node& at, const Node& value) {
    if (check_names && !is_name(name)) {
      map_.report(
          at, std::string(wanted.section->what) + " cannot be called " + quoted(name), kNameRemedy);
    }
    each(name, at, SectionReader(map_.document(), value, *wanted.section, map_.problems()));
  });
}

void SectionReader::each_item(std::string_view key,
                              const std::function<void(SectionReader item)>& each) {
  const KeySpec& wanted = spec(key, {KeyType::list_of});
  map_.each(key, [&](const Node& item) {
    each(SectionReader(map_.document(), item, *wanted.section, map_.problems()));
  });
}

void SectionReader::done() {
  SW_ASSERT(asked_.size() == section_.keys.size());
  map_.done();
}

Place SectionReader::place(std::string_view key) const {
  const Node* value = map_.node().find(key);
  return value == nullptr ? place() : map_.document().place(*value);
}

Place SectionReader::key_place(std::string_view key) const {
  for (const NodeEntry& entry : map_.node().entries) {
    if (entry.key.scalar == key) {
      return map_.document().place(entry.key);
    }
  }
  return place();
}

void SectionReader::report(std::string_view key, std::string what, std::string remedy) {
  map_.problems().add(place(key), std::move(what), std::move(remedy));
}

}  // namespace seamwatch::agent
