// The functions of libical that we call, which load it at the first call: recurring silences are
// rare, and it brings ICU, 2 MB of memory at a start. Any thread.
#include <libical/ical.h>

#include "agent/core/late_library.h"

namespace {

const seamwatch::LateLibrary& library() {
  static const seamwatch::LateLibrary kIcal("libical.so.3");
  return kIcal;
}

}  // namespace

extern "C" {

void icalerror_set_errors_are_fatal(int fatal) {
  static const auto kReal =
      library().find(&icalerror_set_errors_are_fatal, "icalerror_set_errors_are_fatal");
  kReal(fatal);
}

icaltimetype icaltime_null_time() {
  static const auto kReal = library().find(&icaltime_null_time, "icaltime_null_time");
  return kReal();
}

int icaltime_is_null_time(const icaltimetype time) {
  static const auto kReal = library().find(&icaltime_is_null_time, "icaltime_is_null_time");
  return kReal(time);
}

int icaltime_is_utc(const icaltimetype time) {
  static const auto kReal = library().find(&icaltime_is_utc, "icaltime_is_utc");
  return kReal(time);
}

icalrecurrencetype icalrecurrencetype_from_string(const char* text) {
  static const auto kReal =
      library().find(&icalrecurrencetype_from_string, "icalrecurrencetype_from_string");
  return kReal(text);
}

icalrecur_iterator* icalrecur_iterator_new(icalrecurrencetype rule, icaltimetype start) {
  static const auto kReal = library().find(&icalrecur_iterator_new, "icalrecur_iterator_new");
  return kReal(rule, start);
}

int icalrecur_iterator_set_start(icalrecur_iterator* iterator, icaltimetype start) {
  static const auto kReal =
      library().find(&icalrecur_iterator_set_start, "icalrecur_iterator_set_start");
  return kReal(iterator, start);
}

icaltimetype icalrecur_iterator_next(icalrecur_iterator* iterator) {
  static const auto kReal = library().find(&icalrecur_iterator_next, "icalrecur_iterator_next");
  return kReal(iterator);
}

void icalrecur_iterator_free(icalrecur_iterator* iterator) {
  static const auto kReal = library().find(&icalrecur_iterator_free, "icalrecur_iterator_free");
  kReal(iterator);
}

}  // extern "C"
