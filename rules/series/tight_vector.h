// Growth of long vectors by an eighth: most of a doubling would stay empty.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace seamwatch::rules {

// Makes room for one more.
template <class T>
void make_room(std::vector<T>& vector) {
  if (vector.size() == vector.capacity()) {
    vector.reserve(vector.size() + std::max<std::size_t>(4, vector.size() / 8));
  }
}

}  // namespace seamwatch::rules
