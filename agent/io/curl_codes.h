// Names of libcurl's results, as the signal tables spell them.
#pragma once

#include <string>

namespace seamwatch {

// "CURLE_COULDNT_CONNECT" for 7; "CURLE(200)" for a code that this libcurl does not know.
std::string curl_code_name(int code);

}  // namespace seamwatch
