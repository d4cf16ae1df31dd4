// SharedText: a text that many values have in common, such as the link of a rule in all of its
// alerts. Never changes; copies share it and may go to other threads. Eight bytes a copy, and one
// allocation a text, so that it pays for a text of two holders as well.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

#include <boost/smart_ptr/intrusive_ptr.hpp>

namespace seamwatch {

class SharedText {
 public:
  SharedText() = default;  // empty

  // Requires: less than 4 GiB.
  SharedText(std::string_view text);

  SharedText(const std::string& text) : SharedText(std::string_view(text)) {}

  SharedText(const char* text) : SharedText(std::string_view(text)) {}

  bool empty() const { return block_ == nullptr; }

  operator std::string_view() const;

  std::string str() const { return std::string(std::string_view(*this)); }

  friend bool operator==(const SharedText& a, const SharedText& b) {
    return a.block_ == b.block_ || std::string_view(a) == std::string_view(b);
  }

  template <std::convertible_to<std::string_view> Text>
  friend bool operator==(const SharedText& a, const Text& b) {
    return std::string_view(a) == std::string_view(b);
  }

 private:
  struct Block;
  friend void intrusive_ptr_add_ref(const Block* block);
  friend void intrusive_ptr_release(const Block* block);

  boost::intrusive_ptr<const Block> block_;  // none where it is empty
};

}  // namespace seamwatch
