// MapReader: takes typed values out of one map of a Document and reports every wrong type, missing
// key and unknown key with place and remedy. Use: construct, read() each known key, done().
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/diagnostics.h"
#include "agent/core/document.h"
#include "agent/core/labels.h"
#include "agent/core/secret.h"
#include "agent/core/times.h"

namespace seamwatch {

class MapReader {
 public:
  // `what` names the map in messages: "integration", "route". A node that is not a map (null counts
  // as an empty one) is reported here once, and every read() then finds nothing.
  MapReader(const Document& document, const Node& node, std::string what, Diagnostics& problems);

  // The value of `key`, known from now on; nullptr where absent or null.
  const Node* find(std::string_view key);

  // Like find(), and reports a missing key with `remedy`.
  const Node* require(std::string_view key, std::string_view remedy);

  // Each returns true and sets `out` where the key is there with a fitting value; otherwise `out`
  // keeps its value (the default), and a value that does not fit is reported.
  bool read(std::string_view key, std::string& out);  // any scalar
  bool read(std::string_view key, Secret& out);
  bool read(std::string_view key, bool& out);  // true false (also yes no on off, as YAML 1.1)
  bool read(std::string_view key, std::int64_t& out);
  bool read(std::string_view key, double& out);
  bool read(std::string_view key, Millis& out);                    // a Prometheus duration
  bool read(std::string_view key, Nanos& out);                     // a Go duration
  bool read(std::string_view key, std::vector<std::string>& out);  // a list of scalars
  bool read(std::string_view key, Labels& out);                    // a map of scalars

  // Calls `each` for every item of the list at `key`; reports what is not a list.
  void each(std::string_view key, const std::function<void(const Node&)>& each);

  // Calls `each` for every entry of the map at `key`; reports what is not a map.
  void each_entry(
      std::string_view key,
      const std::function<void(const std::string& name, const Node& key, const Node& value)>& each);

  // Reports every key that nothing asked for, with the nearest known one as remedy.
  void done();

  // Reports something else at `node`.
  void report(const Node& node, std::string what, std::string remedy = "");

  const Document& document() const { return document_; }

  const Node& node() const { return node_; }

  Diagnostics& problems() { return problems_; }

 private:
  const Node* scalar(std::string_view key, std::string_view wanted);

  const Document& document_;
  const Node& node_;
  std::string what_;
  Diagnostics& problems_;
  std::vector<std::string> known_;
};

}  // namespace seamwatch
