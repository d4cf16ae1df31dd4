// Labels: the sorted set of name/value pairs that identifies a series or an alert. An empty value
// is the same as no label. Value type: copies share one block of memory that never changes, so they
// cost nothing and may go to other threads.
// Source: Prometheus data model, https://prometheus.io/docs/concepts/data_model/
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/smart_ptr/intrusive_ptr.hpp>

namespace seamwatch {

class Labels {
 public:
  using Pair = std::pair<std::string, std::string>;
  using View = std::pair<std::string_view, std::string_view>;

  // Goes over the pairs in the order of their names. Views hold for as long as some copy of the
  // labels does.
  class Iterator;

  Labels() = default;

  Labels(std::initializer_list<Pair> pairs);

  // Sorts by name; of equal names the last one wins; empty values are dropped.
  explicit Labels(const std::vector<Pair>& pairs);

  // The same from views, which need not hold afterwards.
  static Labels of(std::vector<View> pairs) { return take(pairs); }

  // The same without a copy: leaves `pairs` in another order, some of them gone.
  static Labels take(std::vector<View>& pairs);

  // The value of `name`, or "" where it is absent.
  std::string_view get(std::string_view name) const;

  bool has(std::string_view name) const;

  // Sets, replaces, or (with an empty value) removes one label. Copies stay as they are; this makes
  // a new block, so many labels are better given to of() at once.
  void set(std::string_view name, std::string_view value);

  void erase(std::string_view name);

  // Whether all names and values are ASCII that JSON has as it is (see is_plain_json).
  bool is_plain() const;

  bool empty() const { return block_ == nullptr; }

  std::size_t size() const;

  Iterator begin() const;
  Iterator end() const;

  // FNV-1a 64 over name 0xff value 0xff in name order: Alertmanager's fingerprint. Computed once a
  // block.
  std::uint64_t fingerprint() const;

  // `{a="1", b="x"}` with Go-quoted values; names that are not classic are quoted. The metric name
  // label is printed like any other.
  std::string to_string() const;

  friend bool operator==(const Labels& a, const Labels& b);
  friend std::strong_ordering operator<=>(const Labels& a, const Labels& b);

 private:
  struct Block;  // all names and values, one after the other

  friend void intrusive_ptr_add_ref(const Block* block);
  friend void intrusive_ptr_release(const Block* block);

  static Labels sorted(const std::vector<View>& pairs);
  View at(std::size_t index) const;
  std::size_t lower_bound(std::string_view name) const;

  boost::intrusive_ptr<const Block> block_;  // none where there are no labels
};

class Labels::Iterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = View;
  using difference_type = std::ptrdiff_t;
  using reference = View;

  // What operator-> needs where there is no object to point to.
  struct pointer {
    View view;

    const View* operator->() const { return &view; }
  };

  Iterator(const Labels* labels, std::size_t index) : labels_(labels), index_(index) {}

  View operator*() const { return labels_->at(index_); }

  pointer operator->() const { return {labels_->at(index_)}; }

  Iterator& operator++() {
    ++index_;
    return *this;
  }

  Iterator operator++(int) {
    Iterator before = *this;
    ++index_;
    return before;
  }

  friend bool operator==(const Iterator&, const Iterator&) = default;

 private:
  const Labels* labels_;
  std::size_t index_;
};

inline Labels::Iterator Labels::begin() const {
  return {this, 0};
}

inline Labels::Iterator Labels::end() const {
  return {this, size()};
}

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
