#include "agent/core/labels.h"

#include <algorithm>
#include <cstdio>

#include "agent/core/utf8.h"

namespace seamwatch {
namespace {

bool name_less(const Labels::Pair& pair, std::string_view name) {
  return pair.first < name;
}

bool is_classic(std::string_view name, bool colons) {
  if (name.empty()) {
    return false;
  }
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    const bool digit = i > 0 && c >= '0' && c <= '9';
    if (!letter && !digit && !(colons && c == ':')) {
      return false;
    }
  }
  return true;
}

}  // namespace

Labels::Labels(std::initializer_list<Pair> pairs) : Labels(std::vector<Pair>(pairs)) {}

Labels::Labels(std::vector<Pair> pairs) : pairs_(std::move(pairs)) {
  std::stable_sort(
      pairs_.begin(), pairs_.end(), [](const Pair& a, const Pair& b) { return a.first < b.first; });
  // Keep the last of each run of equal names, without empty values.
  std::size_t kept = 0;
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    const bool last = i + 1 == pairs_.size() || pairs_[i + 1].first != pairs_[i].first;
    if (last && !pairs_[i].second.empty()) {
      if (kept != i) {
        pairs_[kept] = std::move(pairs_[i]);
      }
      ++kept;
    }
  }
  pairs_.resize(kept);
}

std::string_view Labels::get(std::string_view name) const {
  const auto at = std::lower_bound(pairs_.begin(), pairs_.end(), name, name_less);
  return at != pairs_.end() && at->first == name ? std::string_view(at->second)
                                                 : std::string_view();
}

bool Labels::has(std::string_view name) const {
  return !get(name).empty();
}

void Labels::set(std::string_view name, std::string_view value) {
  const auto at = std::lower_bound(pairs_.begin(), pairs_.end(), name, name_less);
  const bool found = at != pairs_.end() && at->first == name;
  if (value.empty()) {
    if (found) {
      pairs_.erase(at);
    }
  } else if (found) {
    at->second = value;
  } else {
    pairs_.emplace(at, name, value);
  }
}

void Labels::erase(std::string_view name) {
  set(name, "");
}

std::uint64_t Labels::fingerprint() const {
  std::uint64_t hash = 14695981039346656037ULL;
  const auto add = [&hash](std::string_view bytes) {
    for (const char c : bytes) {
      hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    }
    hash = (hash ^ 0xffU) * 1099511628211ULL;
  };
  for (const auto& [name, value] : pairs_) {
    add(name);
    add(value);
  }
  return hash;
}

std::string Labels::to_string() const {
  std::string out = "{";
  for (const auto& [name, value] : pairs_) {
    if (out.size() > 1) {
      out += ", ";
    }
    out += is_classic_label_name(name) ? name : quoted(name);
    out += '=';
    out += quoted(value);
  }
  return out + "}";
}

std::string fingerprint_hex(std::uint64_t fingerprint) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out(16, '0');
  for (auto digit = out.rbegin(); digit != out.rend(); ++digit) {
    *digit = kDigits[fingerprint & 15U];
    fingerprint >>= 4U;
  }
  return out;
}

bool is_classic_metric_name(std::string_view name) {
  return is_classic(name, true);
}

bool is_classic_label_name(std::string_view name) {
  return is_classic(name, false);
}

bool is_utf8_name(std::string_view name) {
  return !name.empty() && is_valid_utf8(name);
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          char escape[5];
          std::snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned char>(c));
          out += escape;
        } else {
          out += c;
        }
    }
  }
  return out + "\"";
}

}  // namespace seamwatch
