#include "probes/endpoints/body_sink.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <brotli/decode.h>
#include <zlib.h>

#include "agent/core/assert.h"
#include "agent/core/late_library.h"

namespace seamwatch::probes {
namespace {

constexpr int kWindowBits = 15;
constexpr int kGzip = 16;  // zlib's way to ask for the gzip wrapper
constexpr std::size_t kPieceBytes = 16 * 1024;

}  // namespace

struct BodySink::Inflater {
  explicit Inflater(bool is_gzip) : gzip(is_gzip) {}

  ~Inflater() {
    if (started) {
      inflateEnd(&stream);
    }
  }

  // "deflate" means zlib's format, but much of the world sends it bare; the first byte tells.
  // Source: RFC 9110 section 8.4.1.2; RFC 1950 section 2.2.
  bool start(unsigned char first) {
    const bool zlib_header = (first & 0x0fU) == 8 && (first >> 4U) <= 7;
    const int bits = gzip ? kWindowBits + kGzip : zlib_header ? kWindowBits : -kWindowBits;
    started = inflateInit2(&stream, bits) == Z_OK;
    return started;
  }

  z_stream stream{};
  bool gzip;
  bool started = false;
  bool ended = false;
};

struct BodySink::Brotli {
  Brotli() : state(library().create(nullptr, nullptr, nullptr)) { SW_ASSERT(state != nullptr); }

  ~Brotli() { library().destroy(state); }

  Brotli(const Brotli&) = delete;
  Brotli& operator=(const Brotli&) = delete;

  // Loaded when the first body is to be decoded: few endpoints are probed for it. Debian's libcurl
  // brings it along, so it is there.
  struct Library {
    using Create = decltype(&BrotliDecoderCreateInstance);
    using Destroy = decltype(&BrotliDecoderDestroyInstance);
    using Decode = decltype(&BrotliDecoderDecompressStream);

    LateLibrary file{"libbrotlidec.so.1"};
    Create create = file.find(Create(nullptr), "BrotliDecoderCreateInstance");
    Destroy destroy = file.find(Destroy(nullptr), "BrotliDecoderDestroyInstance");
    Decode decode = file.find(Decode(nullptr), "BrotliDecoderDecompressStream");
  };

  static const Library& library() {
    static const Library kLibrary;
    return kLibrary;
  }

  BrotliDecoderState* state;
  bool started = false;
  bool ended = false;
};

BodySink::BodySink(std::string_view encoding, std::size_t bytes_max, bool keep)
    : bytes_max_(bytes_max), keep_(keep) {
  SW_ASSERT(knows(encoding) && bytes_max > 0);
  if (encoding == "gzip" || encoding == "deflate") {
    inflater_ = std::make_unique<Inflater>(encoding == "gzip");
  } else if (encoding == "br") {
    brotli_ = std::make_unique<Brotli>();
  }
}

BodySink::~BodySink() = default;

bool BodySink::knows(std::string_view encoding) {
  return encoding.empty() || encoding == "identity" || encoding == "gzip" ||
         encoding == "deflate" || encoding == "br";
}

BodySink::State BodySink::put(std::string_view decoded) {
  const std::size_t room = bytes_max_ - bytes_;
  const std::size_t taken = std::min(room, decoded.size());
  bytes_ += taken;
  if (keep_) {
    kept_.append(decoded.data(), taken);
  }
  return taken < decoded.size() ? State::full : State::open;
}

BodySink::State BodySink::inflate(std::string_view bytes) {
  Inflater& inflater = *inflater_;
  if (!inflater.started && !inflater.start(static_cast<unsigned char>(bytes.front()))) {
    return State::broken;
  }
  std::array<char, kPieceBytes> out;
  z_stream& stream = inflater.stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  while (stream.avail_in > 0 || stream.avail_out == 0) {
    if (inflater.ended) {
      // A gzip body may consist of several members; anything else behind the end is not ours.
      if (!inflater.gzip || stream.avail_in == 0 || inflateReset(&stream) != Z_OK) {
        return State::open;
      }
      inflater.ended = false;
    }
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int result = ::inflate(&stream, Z_NO_FLUSH);
    const State state = put(std::string_view(out.data(), out.size() - stream.avail_out));
    if (state != State::open) {
      return state;
    }
    if (result == Z_STREAM_END) {
      inflater.ended = true;
      stream.avail_out = 1;
    } else if (result == Z_BUF_ERROR) {
      break;  // wants more input
    } else if (result != Z_OK) {
      return State::broken;
    }
  }
  return State::open;
}

// Source: RFC 7932. What stands behind the end is not ours.
BodySink::State BodySink::unbrotli(std::string_view bytes) {
  Brotli& brotli = *brotli_;
  brotli.started = true;
  const auto* in = reinterpret_cast<const std::uint8_t*>(bytes.data());
  std::size_t in_size = bytes.size();
  std::array<std::uint8_t, kPieceBytes> piece;
  BrotliDecoderResult result = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
  while (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT && !brotli.ended) {
    std::uint8_t* out = piece.data();
    std::size_t room = piece.size();
    result = brotli.library().decode(brotli.state, &in_size, &in, &room, &out, nullptr);
    const auto* decoded = reinterpret_cast<const char*>(piece.data());
    const State state = put(std::string_view(decoded, piece.size() - room));
    if (state != State::open || result == BROTLI_DECODER_RESULT_ERROR) {
      return state != State::open ? state : State::broken;
    }
  }
  brotli.ended = brotli.ended || result == BROTLI_DECODER_RESULT_SUCCESS;
  return State::open;
}

BodySink::State BodySink::take(std::string_view bytes) {
  if (state_ == State::open && !bytes.empty()) {
    state_ = inflater_ ? inflate(bytes) : brotli_ ? unbrotli(bytes) : put(bytes);
  }
  return state_;
}

BodySink::State BodySink::finish() {
  const bool cut = (inflater_ && inflater_->started && !inflater_->ended) ||
                   (brotli_ && brotli_->started && !brotli_->ended);
  if (state_ == State::open && cut) {
    state_ = State::broken;
  }
  return state_;
}

}  // namespace seamwatch::probes
