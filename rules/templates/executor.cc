#include "rules/templates/executor.h"

#include <algorithm>

#include "rules/templates/go_format.h"

namespace seamwatch::rules::templates {
namespace {

constexpr int kLevelsMax = 4000;  // keeps the stack below two megabytes

// "NAME:LINE:COLUMN" of a position; columns count bytes from 0, as Go's do.
std::string location(const Source& source, std::size_t position) {
  const std::string_view before = std::string_view(source.text).substr(0, position);
  const std::size_t line_start = before.rfind('\n');
  const std::size_t column =
      line_start == std::string_view::npos ? position : position - line_start - 1;
  const auto lines = std::count(before.begin(), before.end(), '\n') + 1;
  return source.name + ":" + std::to_string(lines) + ":" + std::to_string(column);
}

constexpr std::size_t kItemsAStep = 16;
constexpr std::size_t kBytesAStep = 64;

// Adds the items of `value`, those within each other too, to `size`; false past a limit.
bool measure(const Value& value, int depth, std::size_t size_max, std::size_t& size) {
  if (++size > size_max || depth < 0) {
    return false;
  }
  const auto inside = [&](const Value& item) { return measure(item, depth - 1, size_max, size); };
  switch (value.kind()) {
    case Value::Kind::list:
      return std::all_of(value.as_list().begin(), value.as_list().end(), inside);
    case Value::Kind::map:
      return std::all_of(value.as_map().begin(), value.as_map().end(), [&](const auto& entry) {
        return inside(entry.second);
      });
    case Value::Kind::structure:
      return std::all_of(value.as_struct().values.begin(), value.as_struct().values.end(), inside);
    default:
      return true;
  }
}

}  // namespace

Value Executor::fail(std::string what) {
  if (failed()) {
    return Value();
  }
  const Definition& in = *definition_;
  if (at_expr_ == nullptr && at_node_ == nullptr) {
    failure_ = "template: " + in.name + ": " + what;
    return Value();
  }
  const std::size_t position = at_expr_ != nullptr ? at_expr_->position : at_node_->position;
  const std::string context = at_expr_ != nullptr ? to_string(*at_expr_) : to_string(*at_node_);
  failure_ = "template: " + location(*in.source, position) + ": executing " + go_quote(in.name) +
             " at <" + context + ">: " + what;
  return Value();
}

bool Executor::step() {
  if (++steps_ > options_.limits.steps_max) {
    fail("exceeded maximum number of steps (" + std::to_string(options_.limits.steps_max) + ")");
  }
  return !failed();
}

// Counts what a value that a function made takes as steps, so that loops which let values grow end.
// False where it is too large, or too deep to be walked.
bool Executor::charge(const Value& value) {
  const std::size_t size_max = static_cast<std::size_t>(options_.limits.steps_max);
  std::size_t size = 0;
  if (!measure(value, options_.limits.depth_max, size_max, size)) {
    fail("exceeded maximum size of a value (" + std::to_string(size_max) + " items within " +
         std::to_string(options_.limits.depth_max) + " levels)");
    return false;
  }
  const bool is_text = value.kind() == Value::Kind::string;
  if (is_text && value.as_string().size() > options_.limits.output_bytes_max) {
    write(value.as_string());  // which says so
    return false;
  }
  steps_ += static_cast<std::int64_t>(size / kItemsAStep);
  return charge_text(value);
}

// The same for a text, which is copied wherever it goes.
bool Executor::charge_text(const Value& value) {
  if (value.kind() == Value::Kind::string) {
    steps_ += static_cast<std::int64_t>(value.as_string().size() / kBytesAStep);
  }
  return step();
}

void Executor::at(const Expr& expr) {
  at_expr_ = &expr;
  at_node_ = nullptr;
}

void Executor::at(const Node& node) {
  at_expr_ = nullptr;
  at_node_ = &node;
}

void Executor::write(std::string_view text) {
  if (out_.size() + text.size() > options_.limits.output_bytes_max) {
    fail("exceeded maximum output size (" + std::to_string(options_.limits.output_bytes_max) +
         " bytes)");
    return;
  }
  out_ += text;
}

void Executor::print(const Value& value) {
  if (value.kind() == Value::Kind::function) {
    fail("can't print " + (at_expr_ != nullptr ? to_string(*at_expr_) : to_string(*at_node_)) +
         " of type " + value.type_name());
    return;
  }
  if (options_.mode == Mode::text) {
    return write(value.is_nil() ? "<no value>" : sprint(value));
  }
  const auto escaped = html_.value(value);
  if (!escaped) {
    fail(escaped.error().message);
    return;
  }
  write(*escaped);
}

Executor::Flow Executor::walk(const NodeList& nodes, const Value& dot) {
  for (const Node& node : nodes) {
    const Flow flow = walk(node, dot);
    if (failed() || flow != Flow::on) {
      return flow;
    }
  }
  return Flow::on;
}

Executor::Flow Executor::walk(const Node& node, const Value& dot) {
  at(node);
  if (!step()) {
    return Flow::on;
  }
  if (++levels_ > kLevelsMax) {
    fail("exceeded maximum template depth (" + std::to_string(options_.limits.depth_max) + ")");
  }
  Flow flow = Flow::on;
  switch (failed() ? NodeKind::stop : node.kind) {
    case NodeKind::text:
      write(options_.mode == Mode::html ? html_.text(node.text) : node.text);
      break;
    case NodeKind::action: {
      Value value = pipeline(*node.pipe, dot);
      if (!failed() && node.pipe->names.empty()) {
        // What the template escaped itself is not escaped once more.
        const Expr& last = node.pipe->parts.back().parts.front();
        if (options_.mode == Mode::html && last.kind == ExprKind::identifier &&
            last.text == "html" && value.kind() == Value::Kind::string) {
          value = Value(value.as_string(), html_type());
        }
        print(value);
      }
      break;
    }
    case NodeKind::condition:
    case NodeKind::with:
      flow = condition(node, dot);
      break;
    case NodeKind::range:
      flow = range(node, dot);
      break;
    case NodeKind::call:
      call(node, dot);
      break;
    case NodeKind::stop:
      flow = Flow::stop;
      break;
    case NodeKind::next:
      flow = Flow::next;
      break;
  }
  --levels_;
  return flow;
}

Executor::Flow Executor::condition(const Node& node, const Value& dot) {
  const std::size_t mark = variables_.size();
  const Value value = pipeline(*node.pipe, dot);
  Flow flow = Flow::on;
  if (!failed()) {
    const bool is_with = node.kind == NodeKind::with;
    flow = value.truth() ? walk(node.list, is_with ? value : dot) : walk(node.else_list, dot);
  }
  variables_.resize(mark);
  return flow;
}

// One turn of a loop. The pipeline's variables were made before the first one.
Executor::Flow Executor::iterate(const Node& node, const Value& index, const Value& item) {
  const std::vector<std::string>& names = node.pipe->names;
  const std::size_t mark = variables_.size();
  if (!names.empty() && node.pipe->assigns) {
    set_variable(names[0], names.size() > 1 ? index : item);
    if (names.size() > 1) {
      set_variable(names[1], item);
    }
  } else if (!names.empty()) {
    variables_[mark - 1].second = item;
    if (names.size() > 1) {
      variables_[mark - 2].second = index;
    }
  }
  const Flow flow = step() ? walk(node.list, item) : Flow::on;
  variables_.resize(mark);
  return flow == Flow::next ? Flow::on : flow;
}

Executor::Flow Executor::range_of(const Node& node, const Value& subject, bool& any) {
  const auto goes_on = [&](Flow flow) { return !failed() && flow == Flow::on; };
  switch (subject.kind()) {
    case Value::Kind::list: {
      std::int64_t index = 0;
      for (const Value& item : subject.as_list()) {
        any = true;
        if (!goes_on(iterate(node, Value(index++), item))) {
          break;
        }
      }
      break;
    }
    case Value::Kind::map:
      for (const auto& [key, item] : subject.as_map()) {
        any = true;
        if (!goes_on(iterate(node, Value(key), item))) {
          break;
        }
      }
      break;
    case Value::Kind::integer:
      if (node.pipe->names.size() > 1) {
        fail("can't use " + sprint(subject) + " to iterate over more than one variable");
        break;
      }
      for (std::int64_t i = 0; i < subject.as_integer(); ++i) {
        any = true;
        if (!goes_on(iterate(node, Value(i), Value(i)))) {
          break;
        }
      }
      break;
    case Value::Kind::nil:
      break;
    default:
      fail("range can't iterate over " + sprint(subject));
  }
  return Flow::on;
}

Executor::Flow Executor::range(const Node& node, const Value& dot) {
  const std::size_t mark = variables_.size();
  const Value subject = pipeline(*node.pipe, dot);
  bool any = false;
  Flow flow = Flow::on;
  if (!failed()) {
    range_of(node, subject, any);
  }
  if (!failed() && !any) {
    flow = walk(node.else_list, dot);
  }
  variables_.resize(mark);
  return flow;
}

void Executor::call(const Node& node, const Value& dot) {
  const Definition* called = set_.find(node.text);
  if (called == nullptr) {
    fail("template " + go_quote(node.text) + " not defined");
    return;
  }
  if (depth_ >= options_.limits.depth_max) {
    fail("exceeded maximum template depth (" + std::to_string(options_.limits.depth_max) + ")");
    return;
  }
  const Value data = node.pipe ? pipeline(*node.pipe, dot) : Value();
  if (failed()) {
    return;
  }
  const std::size_t mark = variables_.size();
  const std::size_t outer_scope = std::exchange(scope_, mark);
  const Definition* outer = std::exchange(definition_, called);
  variables_.emplace_back("$", data);
  ++depth_;
  walk(called->nodes, data);
  --depth_;
  definition_ = outer;
  scope_ = outer_scope;
  variables_.resize(mark);
}

Result<std::string> Executor::run(const Definition& definition, const Value& data) {
  definition_ = &definition;
  variables_.emplace_back("$", data);
  walk(definition.nodes, data);
  if (!failed() && options_.mode == Mode::html) {
    if (const auto finished = html_.finish(); !finished) {
      at_expr_ = nullptr;
      at_node_ = nullptr;
      fail(finished.error().message);
    }
  }
  if (failed()) {
    return error(std::move(failure_));
  }
  return std::move(out_);
}

}  // namespace seamwatch::rules::templates
