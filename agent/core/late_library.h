// LateLibrary: a shared library that is loaded when something of it is called for the first time.
// For libraries that not every agent needs and whose mere presence costs megabytes and milliseconds
// at a start, as they bring others along. Their headers are used as always; a file beside the
// library's only user defines the functions that are called, each by the one that is found here.
#pragma once

#include <string>

namespace seamwatch {

class LateLibrary {
 public:
  // Loads `name`, as the dynamic linker knows it ("libcurl.so.4"). It stays. Throws
  // std::runtime_error, which says what is missing, where it cannot be loaded.
  explicit LateLibrary(const char* name);
  LateLibrary(const LateLibrary&) = delete;
  LateLibrary& operator=(const LateLibrary&) = delete;

  // The library's function `name`, of the type of `declared`: its declaration in the library's
  // header. Throws std::runtime_error where there is none.
  template <class Function>
  Function* find(Function* /*declared*/, const char* name) const {
    return reinterpret_cast<Function*>(find(name));
  }

 private:
  void* find(const char* name) const;

  std::string name_;
  void* handle_;
};

}  // namespace seamwatch
