// SharedText: a text that many values have in common, such as the link of a rule in all of its
// alerts. Never changes; copies share it and may go to other threads.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace seamwatch {

class SharedText {
 public:
  SharedText() = default;  // empty

  SharedText(std::string text)
      : text_(text.empty() ? nullptr : std::make_shared<const std::string>(std::move(text))) {}

  SharedText(const char* text) : SharedText(std::string(text)) {}

  bool empty() const { return text_ == nullptr; }

  operator std::string_view() const {
    return text_ == nullptr ? std::string_view() : std::string_view(*text_);
  }

  friend bool operator==(const SharedText& a, const SharedText& b) {
    return a.text_ == b.text_ || std::string_view(a) == std::string_view(b);
  }

 private:
  std::shared_ptr<const std::string> text_;  // none where it is empty
};

}  // namespace seamwatch
