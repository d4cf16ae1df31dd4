// Labels: the sorted set of name/value pairs that identifies a series or an alert. An empty value
// is the same as no label. Value type; free to copy between threads.
// Source: Prometheus data model, https://prometheus.io/docs/concepts/data_model/
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace seamwatch {

class Labels {
 public:
  using Pair = std::pair<std::string, std::string>;

  Labels() = default;

  Labels(std::initializer_list<Pair> pairs);

  // Sorts by name; of equal names the last one wins; empty values are dropped.
  explicit Labels(std::vector<Pair> pairs);

  // The value of `name`, or "" where it is absent.
  std::string_view get(std::string_view name) const;

  bool has(std::string_view name) const;

  // Sets, replaces, or (with an empty value) removes one label.
  void set(std::string_view name, std::string_view value);

  void erase(std::string_view name);

  bool empty() const { return pairs_.empty(); }

  std::size_t size() const { return pairs_.size(); }

  auto begin() const { return pairs_.begin(); }

  auto end() const { return pairs_.end(); }

  // FNV-1a 64 over name 0xff value 0xff in name order: Alertmanager's fingerprint.
  std::uint64_t fingerprint() const;

  // `{a="1", b="x"}` with Go-quoted values; names that are not classic are quoted. The metric name
  // label is printed like any other.
  std::string to_string() const;

  friend bool operator==(const Labels&, const Labels&) = default;
  friend auto operator<=>(const Labels&, const Labels&) = default;

 private:
  std::vector<Pair> pairs_;
};

struct LabelsHash {
  std::size_t operator()(const Labels& labels) const { return labels.fingerprint(); }
};

// The 16 lower-case hex digits that Alertmanager's API shows for a fingerprint.
std::string fingerprint_hex(std::uint64_t fingerprint);

// [a-zA-Z_:][a-zA-Z0-9_:]* and, for labels, the same without colons: the classic names.
bool is_classic_metric_name(std::string_view name);
bool is_classic_label_name(std::string_view name);

// Valid UTF-8 and not empty: what Prometheus 3 takes for names.
bool is_utf8_name(std::string_view name);

// A double-quoted text with Go's escapes, as %q prints it for printable text.
std::string quoted(std::string_view text);

}  // namespace seamwatch
