// CelProgram: an expression of the Common Expression Language over one variable, `body`, the JSON
// of an answer. Compiled when a module is read, run at each probe. Pure; immutable, so any thread.
//
// Done: all operators, `in`, indexing, `? :`, literals of lists and maps (with texts as keys), the
// macros has, all, exists, exists_one, map and filter, size, contains, startsWith, endsWith,
// matches (RE2), int, uint, double, string, bool and dyn. As in blackbox_exporter every number of
// the JSON is a double. Not done: bytes, timestamps, durations, types as values, messages.
// Source: github.com/google/cel-spec, doc/langdef.md.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "agent/core/result.h"

namespace seamwatch::probes {

namespace cel {
struct Node;
}

class CelProgram {
 public:
  // Errors: what does not parse, with its column; names, functions and macros that there are not;
  // more than 8 KiB, or nested deeper than 100.
  [[nodiscard]] static Result<CelProgram> compile(std::string_view text);

  // Whether `body` meets the expression. Errors: a key that is not there, operands that do not fit,
  // a result that is no bool, more than 100,000 steps or 16 MiB of new texts and lists. No value of
  // the body is part of the message.
  [[nodiscard]] Result<bool> run(boost::json::value body) const;

  const std::string& text() const { return text_; }

 private:
  CelProgram(std::string text, std::shared_ptr<const cel::Node> root)
      : text_(std::move(text)), root_(std::move(root)) {}

  std::string text_;
  std::shared_ptr<const cel::Node> root_;
};

}  // namespace seamwatch::probes
