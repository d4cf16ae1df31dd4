// RemoteWriter: sends samples to a Prometheus on this host by its remote write protocol, over one
// connection that blocks. Of the rules benchmark only; exits where the peer does not take them.
// Source: Prometheus remote write 1.0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "agent/core/labels.h"

namespace seamwatch::bench {

class RemoteWriter {
 public:
  explicit RemoteWriter(std::uint16_t port);
  ~RemoteWriter();
  RemoteWriter(const RemoteWriter&) = delete;
  RemoteWriter& operator=(const RemoteWriter&) = delete;

  // Adds one series with its samples (Unix milliseconds, value); sends when much has gathered.
  void add(const Labels& labels, const std::vector<std::pair<std::int64_t, double>>& samples);

  // Sends what has gathered.
  void flush();

 private:
  std::uint16_t port_;
  int socket_ = -1;
  std::string body_;
};

}  // namespace seamwatch::bench
