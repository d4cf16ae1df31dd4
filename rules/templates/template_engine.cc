#include "rules/templates/template_engine.h"

#include "rules/templates/executor.h"
#include "rules/templates/go_format.h"
#include "rules/templates/parser.h"

namespace seamwatch::rules::templates {

TemplateSet TemplateSet::over(const TemplateSet& base) {
  TemplateSet out;
  out.base_ = &base;
  return out;
}

TemplateSet TemplateSet::onto(const TemplateSet& base) const {
  TemplateSet out = *this;
  out.base_ = &base;
  return out;
}

Status TemplateSet::add(std::string_view name, std::string_view text, const Functions& functions) {
  const Functions& builtins = builtin_functions();
  const auto is_function = [&](std::string_view word) {
    return functions.find(word) != functions.end() || builtins.find(word) != builtins.end();
  };
  auto parsed = parse_template(std::string(name), text, is_function);
  if (!parsed) {
    return parsed.error();
  }
  for (Definition& definition : *parsed) {
    if (find(definition.name) == nullptr || !definition.is_empty()) {
      const std::string key = definition.name;
      definitions_[key] = std::make_shared<const Definition>(std::move(definition));
    }
  }
  return {};
}

bool TemplateSet::defines(std::string_view name) const {
  return find(name) != nullptr;
}

const Definition* TemplateSet::find(std::string_view name) const {
  const auto found = definitions_.find(name);
  if (found != definitions_.end()) {
    return found->second.get();
  }
  return base_ == nullptr ? nullptr : base_->find(name);
}

Result<std::string> TemplateSet::execute(std::string_view name,
                                         const Value& data,
                                         const Functions& functions,
                                         const ExecuteOptions& options) const {
  const Definition* definition = find(name);
  if (definition == nullptr) {
    return error("template: no template " + go_quote(name));
  }
  return Executor(*this, functions, options).run(*definition, data);
}

}  // namespace seamwatch::rules::templates
