// fuzz CORPUS_FOLDER [SECONDS [SEED]]: replays the corpus of each target, then mutates it for that
// many seconds in all (default 10). A crash prints the input; a promise broken, or an input that
// takes more than five seconds, is a failure. The last line is `N passed, N failed`; one replayed
// input is one test, and so are the mutations of a target.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <unistd.h>

#include "tests/fuzz/targets.h"

// There where a sanitizer is; else nullptr.
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace {

using Clock = std::chrono::steady_clock;
using seamwatch::fuzz::Target;

constexpr std::size_t kInputMax = 4096;
constexpr std::size_t kLargeMax = 65'536;  // of one in kLargeEvery
constexpr std::size_t kLargeEvery = 32;
constexpr auto kSlow = std::chrono::seconds(5);

std::string_view running_target;
std::string_view running_input;

// Written as a C literal, so that it can be taken over into a test.
void print_running() {
  std::string text = "fuzz: crashed: " + std::string(running_target) + ": \"";
  for (const char c : running_input) {
    char escaped[8];
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
    std::snprintf(escaped, sizeof escaped, plain ? "%c" : "\\%03o", byte);
    text += escaped;
  }
  text += "\"\n";
  static_cast<void>(!write(STDERR_FILENO, text.data(), text.size()));
}

void on_signal(int number) {
  print_running();
  std::signal(number, SIG_DFL);
  std::raise(number);
}

struct Counts {
  std::size_t passed = 0;
  std::size_t failed = 0;
};

// Runs one input; prints why it fails, if it does.
bool run_one(const Target& target, const std::string& input) {
  running_target = target.name;
  running_input = input;
  const auto began = Clock::now();
  std::string problem = target.run(input);
  if (problem.empty() && Clock::now() - began > kSlow) {
    problem = "took more than five seconds";
  }
  if (!problem.empty()) {
    std::cout << target.name << ": " << problem << ": " << std::quoted(input) << "\n";
  }
  return problem.empty();
}

std::vector<std::string> read_corpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> inputs;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return inputs;
}

class Mutator {
 public:
  Mutator(const std::vector<std::string>& corpus, std::uint64_t seed)
      : corpus_(corpus), random_(seed) {}

  // One of the corpus, changed in one to eight places.
  std::string next() {
    std::string input = corpus_[below(corpus_.size())];
    for (std::size_t count = 1 + below(8); count > 0; --count) {
      change(input);
    }
    const bool large = below(kLargeEvery) == 0;
    if (large) {
      enlarge(input);
    }
    input.resize(std::min(input.size(), large ? kLargeMax : kInputMax));
    return input;
  }

 private:
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }

  // Repeats a part until it is as large as it may be: depth, length and number without end.
  void enlarge(std::string& input) {
    const std::size_t at = below(input.size());
    const std::string part = input.substr(at, 1 + below(64));
    std::string repeated;
    while (!part.empty() && repeated.size() + input.size() < kLargeMax) {
      repeated += part;
    }
    input.insert(at, repeated);
  }

  void change(std::string& input) {
    const std::size_t at = below(input.size() + 1);
    switch (below(6)) {
      case 0:  // a byte anywhere
        input.insert(at, 1, static_cast<char>(below(256)));
        break;
      case 1:
        input.erase(at, 1 + below(8));
        break;
      case 2:
        if (at < input.size()) {
          input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
        }
        break;
      case 3: {  // a part of itself again, up to many times
        const std::string part = input.substr(at, 1 + below(16));
        for (std::size_t times = 1 + below(1U << below(8)); times > 0; --times) {
          input.insert(std::min(at, input.size()), part);
        }
        break;
      }
      default: {  // a part of another
        const std::string& other = corpus_[below(corpus_.size())];
        input.insert(at, other.substr(below(other.size() + 1), 1 + below(32)));
        break;
      }
    }
  }

  const std::vector<std::string>& corpus_;
  std::mt19937_64 random_;
};

void run_target(const Target& target,
                const std::filesystem::path& folder,
                std::chrono::milliseconds budget,
                std::uint64_t seed,
                Counts& counts) {
  const std::vector<std::string> corpus = read_corpus(folder / target.name);
  for (const std::string& input : corpus) {
    ++(run_one(target, input) ? counts.passed : counts.failed);
  }
  Mutator mutator(corpus, seed);
  const auto until = Clock::now() + budget;
  bool good = !corpus.empty();
  std::size_t runs = 0;
  for (; good && Clock::now() < until; ++runs) {
    good = run_one(target, mutator.next());
  }
  ++(good ? counts.passed : counts.failed);
  std::cout << target.name << ": " << corpus.size() << " inputs, " << runs << " mutations, seed "
            << seed << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) {
    std::cerr << "usage: fuzz CORPUS_FOLDER [SECONDS [SEED]]\n";
    return 2;
  }
  if (__sanitizer_set_death_callback != nullptr) {
    __sanitizer_set_death_callback(print_running);
  }
  std::signal(SIGABRT, on_signal);
  const int seconds = argc > 2 ? std::atoi(argv[2]) : 10;
  const std::uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
  const auto targets = seamwatch::fuzz::targets();
  const std::chrono::milliseconds budget(1000 * seconds / static_cast<int>(targets.size()));
  Counts counts;
  for (const Target& target : targets) {
    run_target(target, argv[1], budget, seed, counts);
  }
  std::cout << counts.passed << " passed, " << counts.failed << " failed\n";
  return counts.failed == 0 ? 0 : 1;
}
