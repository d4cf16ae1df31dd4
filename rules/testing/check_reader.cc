#include "rules/testing/check_reader.h"

#include <algorithm>

namespace seamwatch::rules::testing {

void CheckReader::report(const Node& node, std::string what, std::string remedy) {
  problems.add(document.place(node), where + std::move(what), std::move(remedy));
}

void CheckReader::warn(const Node& node, std::string what, std::string remedy) {
  warnings.add(document.place(node), where + std::move(what), std::move(remedy));
}

void CheckReader::duration(MapReader& reader, std::string_view key, Millis& out) {
  const Node* node = reader.node().find(key);
  if (node != nullptr && node->is_null()) {
    report(*node, quoted(key) + ": empty duration string", "write a duration like 5m, or 0s");
  }
  reader.read(key, out);
}

LabelTexts CheckReader::texts(MapReader& reader, std::string_view key) {
  LabelTexts read;
  reader.each_entry(key, [&](const std::string& name, const Node&, const Node& value) {
    if (!value.is_scalar() && !value.is_null()) {
      report(value, quoted(name) + " must be a text", "put it in quotes");
      return;
    }
    read.emplace_back(name, value.is_null() ? "" : value.scalar);
  });
  std::sort(read.begin(), read.end());
  return read;
}

Labels CheckReader::labels(MapReader& reader, std::string_view key) {
  LabelTexts read = texts(reader, key);
  return Labels(std::vector<Labels::Pair>(read.begin(), read.end()));
}

Matchers CheckReader::matchers(MapReader& reader, std::string_view key) {
  Matchers all;
  if (reader.require(key, "add `matchers: ['alertname=\"X\"']`") == nullptr) {
    return all;
  }
  reader.each(key, [&](const Node& item) {
    auto read = item.is_scalar() ? parse_matchers(item.scalar)
                                 : Result<Matchers>(error("a matcher must be a text"));
    if (!read || read->empty()) {
      report(item,
             read ? "an empty matcher" : read.error().message,
             "write a matcher like 'alertname=\"X\"'");
      return;
    }
    all.insert(all.end(), read->begin(), read->end());
  });
  return all;
}

Compare CheckReader::compare(MapReader& reader, bool expects_something) {
  std::string text = "exact";
  if (!reader.read("match", text) || text == "exact") {
    return Compare::exact;
  }
  const Node& node = *reader.node().find("match");
  if (text != "subset") {
    report(node, "unknown match " + quoted(text), "use \"exact\" or \"subset\"");
  } else if (!expects_something) {
    report(node,
           "a subset of nothing is always there",
           "remove `match: subset`, or say what is expected");
  }
  return Compare::subset;
}

}  // namespace seamwatch::rules::testing
