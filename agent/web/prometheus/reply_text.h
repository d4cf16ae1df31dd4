// ReplyText: the body of a large answer while it is written: in pieces that are compressed as they
// fill, sent as they are, and paid for from the memory of queries until they have gone. Written on
// a worker thread, sent on the loop.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "agent/web/http_call.h"
#include "exporters/metrics/gzip.h"
#include "rules/promql/query_memory.h"

namespace seamwatch::agent {

class ReplyText {
 public:
  // `held` is what the answer is paid from, and lives until it has gone; may be null: no limit.
  ReplyText(bool gzip, std::shared_ptr<rules::promql::HeldMemory> held);

  // What is written is appended to this.
  std::string& tail() { return tail_; }

  // To be called now and then: takes a tail that has grown long. False where the memory does not
  // suffice; what was written is of no use then.
  [[nodiscard]] bool settle() { return tail_.size() < kPieceBytes || move_on(false); }

  // Moves all of it into `reply`, with the header that says how it is encoded. Nothing may follow.
  [[nodiscard]] bool finish(HttpReply& reply);

 private:
  static constexpr std::size_t kPieceBytes = 64 << 10;

  struct Pieces;

  [[nodiscard]] bool move_on(bool last);
  [[nodiscard]] bool keep(std::string piece);

  const bool gzip_;
  std::unique_ptr<exporters::Gzip> packer_;  // once it is needed
  std::string tail_;
  std::string packed_;
  std::shared_ptr<Pieces> pieces_;
};

}  // namespace seamwatch::agent
