// The keys of every vendor receiver type, as data: read by notify_vendor.cc, and for its secrets by
// what shows a file (agent/web/alertmanager/config_text.cc). Types, defaults and what `global`
// gives stand in one row each. Source: Alertmanager 0.33, docs/configuration.md and recorded
// verdicts of amtool.
#pragma once

#include <span>
#include <string_view>

namespace seamwatch::rules {

enum class KeyKind {
  text,         // may hold a template
  secret,       // with a twin `KEY_file`
  flag,         // true or false
  number,       // a whole number
  duration,     // kept as text
  go_duration,  // one of Go, kept as it is written
  texts,        // a list of texts
  map,          // of texts
  tree,         // anything
  list,         // of maps with `keys`
  section,      // one map with `keys`
};

struct VendorKey {
  std::string_view name;
  KeyKind kind = KeyKind::text;
  std::string_view value = {};           // the default of a text, flag or number
  std::span<const VendorKey> keys = {};  // of a list or section
  std::string_view global = {};          // the key of `global` that serves where this is absent
  std::string_view global_default = {};  // and what serves where that is absent too
  std::string_view missing = {};  // what is wrong where nothing serves; "" = it may be absent
  bool address = false;           // of http or https, never a template
};

struct VendorType {
  std::string_view name;  // "slack"
  bool sent = false;
  bool send_resolved = true;
  std::span<const VendorKey> keys;
};

std::span<const VendorType> vendor_types();

// nullptr where there is no such type.
const VendorType* find_vendor_type(std::string_view name);

}  // namespace seamwatch::rules
