#include "agent/web/metrics_page.h"

#include <catch2/catch.hpp>
#include <zlib.h>

namespace seamwatch::agent {
namespace {

std::string all(const HttpReply& reply) {
  std::string out;
  for (std::string chunk; reply.chunks(chunk);) {
    out += chunk;
  }
  return out;
}

std::string inflated(const std::string& compressed) {
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
  std::string out(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

}  // namespace

TEST_CASE("metrics page: format and compression as asked") {
  exporters::Exposition exposition;
  const auto family = exposition.family({"up", exporters::MetricType::gauge, "Up"});
  const auto group = exposition.add_group({});
  exposition.reshape(group, {{family, {}}});
  exposition.values(group)[0] = 1;
  const auto tail = [](exporters::Format format) {
    return format == exporters::Format::text ? "own_text 1\n" : "own_open 1\n";
  };
  const std::string lines = "# HELP up Up\n# TYPE up gauge\nup 1\n";
  HttpCall call;

  SECTION("text, plain") {
    const HttpReply reply = metrics_page(call, exposition, tail);
    CHECK(all(reply) == lines + "own_text 1\n");
    CHECK(reply.headers[0].second == "text/plain; version=0.0.4; charset=utf-8");
  }
  SECTION("OpenMetrics, compressed") {
    call.headers = {{"accept", "application/openmetrics-text"}, {"accept-encoding", "gzip"}};
    const HttpReply reply = metrics_page(call, exposition, tail);
    CHECK(inflated(all(reply)) == lines + "own_open 1\n# EOF\n");
    CHECK(reply.headers.back() == std::pair<std::string, std::string>("Content-Encoding", "gzip"));
  }
}

}  // namespace seamwatch::agent
