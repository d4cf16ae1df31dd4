#include "exporters/metrics/gzip.h"

#include <zlib.h>

#include "agent/core/assert.h"

namespace seamwatch::exporters {
namespace {

constexpr int kGzipWindowBits = 15 + 16;  // 16 asks zlib for the gzip wrapper
constexpr int kMemoryLevel = 8;
constexpr std::size_t kStepBytes = 32'768;

}  // namespace

struct Gzip::State {
  z_stream stream{};
};

Gzip::Gzip(int level) : state_(std::make_unique<State>()) {
  const int result = deflateInit2(
      &state_->stream, level, Z_DEFLATED, kGzipWindowBits, kMemoryLevel, Z_DEFAULT_STRATEGY);
  SW_ASSERT(result == Z_OK);
}

Gzip::~Gzip() {
  deflateEnd(&state_->stream);
}

void Gzip::add(std::string_view input, std::string& out) {
  run(input, out, false);
}

void Gzip::finish(std::string& out) {
  run({}, out, true);
}

void Gzip::run(std::string_view input, std::string& out, bool last) {
  SW_ASSERT(input.size() < (1U << 30U));
  z_stream& stream = state_->stream;
  // zlib's interface is older than const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  stream.avail_in = static_cast<uInt>(input.size());
  do {
    const std::size_t size = out.size();
    out.resize(size + kStepBytes);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + size);
    stream.avail_out = static_cast<uInt>(kStepBytes);
    const int result = deflate(&stream, last ? Z_FINISH : Z_NO_FLUSH);
    SW_ASSERT(result != Z_STREAM_ERROR);
    out.resize(out.size() - stream.avail_out);
  } while (stream.avail_out == 0);
}

}  // namespace seamwatch::exporters
