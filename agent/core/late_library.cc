#include "agent/core/late_library.h"

#include <stdexcept>

#include <dlfcn.h>

namespace seamwatch {
namespace {

[[noreturn]] void fail(const std::string& name) {
  const char* words = ::dlerror();
  throw std::runtime_error("cannot use " + name + ": " + (words != nullptr ? words : "no reason") +
                           "; install the package that holds it");
}

}  // namespace

LateLibrary::LateLibrary(const char* name) : name_(name), handle_(::dlopen(name, RTLD_NOW)) {
  if (handle_ == nullptr) {
    fail(name_);
  }
}

void* LateLibrary::find(const char* name) const {
  void* found = ::dlsym(handle_, name);
  if (found == nullptr) {
    fail(name_);
  }
  return found;
}

}  // namespace seamwatch
