// SeenTexts: short texts that were looked at lately and hold nothing to redact. The labels of many
// alerts are the same few texts, and looking here costs a tenth of trying the patterns. A part of a
// Redactor; each thread remembers its own, so that none waits.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace seamwatch::agent {

class SeenTexts {
 public:
  static constexpr std::size_t kBytesMax = 128;  // longer ones are not kept

  bool has(std::string_view text) const {
    const Places& places = of_this_thread();
    return places.owner == owner_ && !text.empty() && places.texts[place_of(text)] == text;
  }

  // In the place of another one; where the thread remembered those of another redactor, they go.
  void add(std::string_view text) const {
    if (text.size() > kBytesMax) {
      return;
    }
    Places& places = of_this_thread();
    if (places.owner != owner_) {
      places.owner = owner_;
      places.texts.assign(kPlaces, std::string());
    }
    places.texts[place_of(text)] = text;
  }

 private:
  static constexpr std::size_t kPlaces = 1024;

  struct Places {
    std::uint64_t owner = 0;
    std::vector<std::string> texts;
  };

  static Places& of_this_thread() {
    static thread_local Places places;
    return places;
  }

  static std::uint64_t next_owner() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
  }

  static std::size_t place_of(std::string_view text) {
    return std::hash<std::string_view>()(text) % kPlaces;
  }

  std::uint64_t owner_ = next_owner();
};

}  // namespace seamwatch::agent
