// The header of an HTTP/1 answer as peers really send it: lines may end in a bare LF, and the
// status line may lack the blank before an empty reason. Clients have always taken both. Source:
// RFC 9112 sections 2.2 and 4.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace seamwatch::probes {

struct HeaderForm {
  std::size_t bytes = 0;  // with the empty line at its end; 0 = that has not come yet
  bool strict = true;     // as far as it has come
};

HeaderForm header_form(std::string_view bytes);

// `header`, whole, as the standard writes it.
std::string strict_header(std::string_view header);

}  // namespace seamwatch::probes
