// BodySink: where the bytes of an answer's body go: decoded, counted, kept if somebody wants to
// read them, and never more than a limit, however well they were compressed.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace seamwatch::probes {

class BodySink {
 public:
  enum class State {
    open,
    full,    // the limit is reached; what came so far is there
    broken,  // cannot be decoded
  };

  // `encoding` is "" or "identity" (taken as it comes), "gzip", "deflate" (with or without a zlib
  // header) or "br". Requires: one of them, bytes_max > 0.
  BodySink(std::string_view encoding, std::size_t bytes_max, bool keep);
  ~BodySink();
  BodySink(const BodySink&) = delete;
  BodySink& operator=(const BodySink&) = delete;

  static bool knows(std::string_view encoding);

  State take(std::string_view bytes);

  // The body has ended: broken where its compressed form is cut off. No body at all is good.
  State finish();

  std::size_t bytes() const { return bytes_; }  // after decoding

  // What was kept, handed over.
  std::string release() { return std::move(kept_); }

 private:
  struct Inflater;
  struct Brotli;

  State put(std::string_view decoded);
  State inflate(std::string_view bytes);
  State unbrotli(std::string_view bytes);

  std::size_t bytes_max_;
  bool keep_;
  std::size_t bytes_ = 0;
  std::string kept_;
  State state_ = State::open;
  std::unique_ptr<Inflater> inflater_;
  std::unique_ptr<Brotli> brotli_;
};

}  // namespace seamwatch::probes
