// What is fuzzed: each target takes any bytes whatever and must end, soon, without a crash. One
// that finds a promise broken says which.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace seamwatch::fuzz {

struct Target {
  std::string_view name;  // its corpus is the folder tests/fuzz/corpus/NAME
  // "" where all is well, else which promise the input breaks.
  std::string (*run)(std::string_view input);
};

std::span<const Target> targets();

}  // namespace seamwatch::fuzz
