// SeenTexts: short texts that were looked at lately and hold nothing to redact. The labels of many
// alerts are the same few texts, and looking here costs a tenth of trying the patterns. A part of a
// Redactor; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace seamwatch::agent {

class SeenTexts {
 public:
  static constexpr std::size_t kBytesMax = 128;  // longer ones are not kept

  bool has(std::string_view text) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return places_[place_of(text)] == text && !text.empty();
  }

  // In the place of another one.
  void add(std::string_view text) {
    if (text.size() <= kBytesMax) {
      const std::lock_guard<std::mutex> lock(mutex_);
      places_[place_of(text)] = text;
    }
  }

 private:
  static constexpr std::size_t kPlaces = 1024;

  static std::size_t place_of(std::string_view text) {
    return std::hash<std::string_view>()(text) % kPlaces;
  }

  mutable std::mutex mutex_;
  std::array<std::string, kPlaces> places_;
};

}  // namespace seamwatch::agent
