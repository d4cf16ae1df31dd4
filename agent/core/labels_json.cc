#include "agent/core/labels_json.h"

#include <string>
#include <utility>
#include <vector>

namespace seamwatch {

boost::json::object labels_json(const Labels& labels) {
  boost::json::object out;
  for (const auto& [name, value] : labels) {
    out[name] = boost::json::string_view(value.data(), value.size());
  }
  return out;
}

Labels labels_from_json(const boost::json::value& value) {
  std::vector<Labels::View> pairs;
  for (const auto& [name, text] : value.as_object()) {
    pairs.emplace_back(name, text.as_string());
  }
  return Labels::of(std::move(pairs));
}

}  // namespace seamwatch
