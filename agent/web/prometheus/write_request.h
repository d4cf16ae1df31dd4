// The body of a remote write request, from bytes to series. Pure; takes any bytes whatever and ends
// with a request or an error, in memory bounded by the limits. Read by a small decoder of our own:
// a generated one builds the whole message before anybody can count what is in it, so that a few
// megabytes of empty series become gigabytes of objects.
// Source: Prometheus Remote-Write 1.0; Protocol Buffers "Encoding"; Snappy block format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/labels.h"
#include "agent/core/result.h"
#include "rules/series/storage.h"

namespace seamwatch::agent {

// Of one request.
struct WriteLimits {
  std::size_t body_bytes_max = 4 << 20;      // compressed
  std::size_t decoded_bytes_max = 32 << 20;  // uncompressed
  std::size_t series_max = 20'000;
  std::size_t samples_max = 200'000;
  std::size_t labels_max = 64;             // of one series
  std::size_t label_name_bytes_max = 256;  // of one name
  std::size_t label_value_bytes_max = 4096;
};

struct WrittenSeries {
  Labels labels;                     // with __name__
  std::vector<rules::Point> points;  // as they came, in any order
};

struct WriteRequest {
  std::vector<WrittenSeries> series;
  std::uint64_t samples = 0;
  std::uint64_t exemplars = 0;   // not taken
  std::uint64_t histograms = 0;  // native ones, not taken
  // What is wrong with single series, which are left out: the first reason, and how many samples.
  std::string invalid;
  std::uint64_t invalid_samples = 0;
};

// Undoes Snappy's block format. Errors: bytes that are none, or that give more than `bytes_max`.
[[nodiscard]] Result<std::string> uncompress_snappy(std::string_view bytes, std::size_t bytes_max);

// Reads prometheus.WriteRequest. Errors: bytes that are no such message; more than the limits on
// series and samples allow. A series with labels that are not right (no name, one twice, not UTF-8,
// past the limits) is left out and named in `invalid`.
[[nodiscard]] Result<WriteRequest> decode_write_request(std::string_view bytes,
                                                        const WriteLimits& limits);

}  // namespace seamwatch::agent
