#include "probes/classify/json_fields.h"

#include <boost/json/parse.hpp>

namespace seamwatch::probes {

Result<boost::json::object> parse_object(std::string_view text, std::string_view what) {
  boost::system::error_code failure;
  boost::json::value value =
      boost::json::parse(boost::json::string_view(text.data(), text.size()), failure);
  if (failure || !value.is_object()) {
    return error("saved " + std::string(what) + " is not a JSON object; it is dropped");
  }
  return std::move(value.as_object());
}

std::optional<std::int64_t> number_field(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  const std::int64_t* number = value->if_int64();
  return number == nullptr ? std::nullopt : std::optional<std::int64_t>(*number);
}

std::optional<WallTime> time_field(const boost::json::object& object, std::string_view key) {
  const auto number = number_field(object, key);
  return number ? std::optional<WallTime>(wall_from_unix_millis(*number)) : std::nullopt;
}

std::string text_field(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  const boost::json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string() : std::string(text->data(), text->size());
}

boost::json::value to_field(const std::optional<WallTime>& at) {
  return at ? boost::json::value(unix_millis(*at)) : boost::json::value(nullptr);
}

}  // namespace seamwatch::probes
