#include "agent/web/prometheus/reply_text.h"

#include <deque>
#include <utility>

namespace seamwatch::agent {
namespace {

constexpr std::size_t kGzipFrom = 1024;  // shorter bodies are sent as they are

}  // namespace

struct ReplyText::Pieces {
  explicit Pieces(std::shared_ptr<rules::promql::HeldMemory> the_held)
      : held(std::move(the_held)) {}

  ~Pieces() {
    std::string gone;
    while (next(gone)) {
    }
  }

  Pieces(const Pieces&) = delete;
  Pieces& operator=(const Pieces&) = delete;

  // For the server, a piece each time.
  bool next(std::string& out) {
    if (texts.empty()) {
      return false;
    }
    if (held != nullptr) {
      held->give(texts.front().capacity());
    }
    out = std::move(texts.front());
    texts.pop_front();
    return true;
  }

  std::deque<std::string> texts;
  std::shared_ptr<rules::promql::HeldMemory> held;
};

ReplyText::ReplyText(bool gzip, std::shared_ptr<rules::promql::HeldMemory> held)
    : gzip_(gzip), pieces_(std::make_shared<Pieces>(std::move(held))) {}

bool ReplyText::keep(std::string piece) {
  if (pieces_->held != nullptr && !pieces_->held->take(piece.capacity())) {
    return false;
  }
  pieces_->texts.push_back(std::move(piece));
  return true;
}

bool ReplyText::move_on(bool last) {
  if (!gzip_) {
    const bool kept = keep(std::exchange(tail_, {}));
    tail_.reserve(last ? 0 : kPieceBytes + kPieceBytes / 16);
    return kept;
  }
  if (packer_ == nullptr) {
    packer_ = std::make_unique<exporters::Gzip>();
  }
  packer_->add(tail_, packed_);
  tail_.clear();
  if (last) {
    packer_->finish(packed_);
  }
  return (!last && packed_.size() < kPieceBytes) || keep(std::exchange(packed_, {}));
}

bool ReplyText::finish(HttpReply& reply) {
  const bool begun = packer_ != nullptr || !pieces_->texts.empty();
  if (!begun && tail_.size() < kGzipFrom) {
    reply.body = std::move(tail_);
    return true;
  }
  if (!move_on(true)) {
    return false;
  }
  if (gzip_) {
    reply.headers.emplace_back("Content-Encoding", "gzip");
  }
  if (pieces_->texts.size() == 1) {
    pieces_->next(reply.body);
  } else {
    reply.chunks = [pieces = pieces_](std::string& chunk) { return pieces->next(chunk); };
  }
  return true;
}

}  // namespace seamwatch::agent
