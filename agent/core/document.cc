#include "agent/core/document.h"

namespace seamwatch {

const Node* Node::find(std::string_view key) const {
  for (const NodeEntry& entry : entries) {
    if (entry.key.scalar == key) {
      return &entry.value;
    }
  }
  return nullptr;
}

}  // namespace seamwatch
