// Executor: walks one parsed template over its data and writes the result. One object an execution.
// template_engine.cc calls it. Source: Go, text/template/exec.go.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "rules/templates/html_escaper.h"
#include "rules/templates/template_engine.h"
#include "rules/templates/tree.h"
#include "rules/templates/value.h"

namespace seamwatch::rules::templates {

class Executor {
 public:
  // All references must outlive the execution.
  Executor(const TemplateSet& set, const Functions& functions, const ExecuteOptions& options)
      : set_(set), functions_(functions), options_(options) {}

  // The result of executing `definition` over `data`.
  [[nodiscard]] Result<std::string> run(const Definition& definition, const Value& data);

 private:
  enum class Flow { on, stop, next };

  using Variables = std::vector<std::pair<std::string, Value>>;

  // Statements (executor.cc).
  Flow walk(const NodeList& nodes, const Value& dot);
  Flow walk(const Node& node, const Value& dot);
  Flow condition(const Node& node, const Value& dot);
  Flow range(const Node& node, const Value& dot);
  Flow iterate(const Node& node, const Value& index, const Value& item);
  Flow range_of(const Node& node, const Value& subject, bool& any);
  void call(const Node& node, const Value& dot);
  void print(const Value& value);
  void write(std::string_view text);

  // What a word is invoked with: the words of its command, and what a pipe hands over last.
  struct Invocation {
    const Expr* command;
    const Value& dot;
    const Value* final;
  };

  // What a function or method takes.
  struct Taken {
    const std::vector<Parameter>& parameters;
    bool variadic;
  };

  // Expressions (evaluator.cc). On failure they give nil; the failure is kept.
  Value pipeline(const Expr& pipe, const Value& dot);
  Value word(const Expr& word, const Expr* command, const Value& dot, const Value* final);
  Value fields(const Value& dot,
               const Value& receiver,
               const std::vector<std::string>& names,
               const Expr* command,
               const Value* final);
  Value field(const Value& receiver, const std::string& name, const Invocation& with);
  Value map_entry(const Value& map, const std::string& name);
  Value method_call(const Type::Method& method, const Value& receiver, const Invocation& with);
  Value function_call(const Expr& word, const Expr* command, const Value& dot, const Value* final);
  Value logic(bool is_and, const Expr* command, const Value& dot, const Value* final);
  bool arguments(const std::string& name, const Taken& taken, const Invocation& with, List& out);
  Value argument(const Expr& expr, Parameter wanted, const Value& dot);
  Value constant(const Expr& expr, Parameter wanted);
  Value operand(const Expr& expr, const Value& dot);
  Value checked(Value value, Parameter wanted);
  Value variable(const std::string& name);
  void set_variable(const std::string& name, const Value& value);
  bool no_arguments(const Expr& word, const Expr* command, const Value* final);

  // Failures and limits.
  bool failed() const { return !failure_.empty(); }

  Value fail(std::string what);
  bool step();
  bool charge(const Value& value);
  bool charge_text(const Value& value);
  void at(const Expr& expr);
  void at(const Node& node);

  const TemplateSet& set_;
  const Functions& functions_;
  const ExecuteOptions& options_;
  const Definition* definition_ = nullptr;
  const Expr* at_expr_ = nullptr;  // where the execution is, for messages: one of the two
  const Node* at_node_ = nullptr;
  Variables variables_;
  std::size_t scope_ = 0;  // where the variables of this template begin
  int depth_ = 0;          // of template calls
  int levels_ = 0;         // of statements and expressions within each other
  std::int64_t steps_ = 0;
  HtmlEscaper html_;
  std::string out_;
  std::string failure_;
};

// The name of a parameter's type, as Go's messages have it.
std::string_view type_name(Parameter parameter);

}  // namespace seamwatch::rules::templates
