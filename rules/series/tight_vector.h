// Growth of long vectors by an eighth: most of a doubling would stay empty.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace seamwatch::rules {

// Makes room for `more`.
template <class T>
void make_room(std::vector<T>& vector, std::size_t more = 1) {
  if (vector.capacity() - vector.size() < more) {
    vector.reserve(vector.size() + std::max({more, std::size_t{4}, vector.size() / 8}));
  }
}

}  // namespace seamwatch::rules
