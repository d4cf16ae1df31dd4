#include "exporters/metrics/gzip.h"

#include <catch2/catch.hpp>
#include <zlib.h>

namespace seamwatch::exporters {
namespace {

std::string inflated(const std::string& compressed) {
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
  std::string out(4 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = inflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  REQUIRE(result == Z_STREAM_END);
  return out;
}

}  // namespace

TEST_CASE("gzip: what comes out reads back") {
  const int parts = GENERATE(0, 1, 2, 40);
  std::string input;
  std::string out;
  Gzip gzip;
  for (int i = 0; i < parts; ++i) {
    std::string part;
    for (int line = 0; line < 1000; ++line) {
      part += "probe_success{target=\"" + std::to_string(i * 7919 + line * 104729) + "\"} 1\n";
    }
    input += part;
    gzip.add(part, out);
  }
  gzip.finish(out);
  CHECK(inflated(out) == input);
  if (parts == 40) {
    CHECK(out.size() * 3 < input.size());
  }
}

}  // namespace seamwatch::exporters
