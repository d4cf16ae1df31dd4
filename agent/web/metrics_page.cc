#include "agent/web/metrics_page.h"

#include <memory>

#include "exporters/metrics/gzip.h"
#include "exporters/metrics/negotiate.h"

namespace seamwatch::agent {
namespace {

// One answer in the making. Compressed parts are gathered until they are worth a chunk.
class Scrape {
 public:
  Scrape(std::unique_ptr<exporters::Rendering> rendering, bool compress)
      : rendering_(std::move(rendering)) {
    if (compress) {
      gzip_ = std::make_unique<exporters::Gzip>();
    }
  }

  bool next(std::string& chunk) {
    if (!gzip_) {
      return rendering_->next(chunk);
    }
    chunk.clear();
    // One step of rendering a turn keeps the turn short; a step may well compress to nothing yet.
    if (ended_) {
      return false;
    }
    if (rendering_->next(plain_)) {
      gzip_->add(plain_, chunk);
    } else {
      gzip_->finish(chunk);
      ended_ = true;
    }
    return true;
  }

 private:
  std::unique_ptr<exporters::Rendering> rendering_;
  std::unique_ptr<exporters::Gzip> gzip_;
  std::string plain_;
  bool ended_ = false;
};

}  // namespace

HttpReply metrics_page(const HttpCall& call,
                       exporters::Exposition& exposition,
                       const std::function<std::string(exporters::Format)>& tail) {
  const exporters::Format format = exporters::negotiate_format(header(call.headers, "accept"));
  const bool compress = exporters::accepts_gzip(header(call.headers, "accept-encoding"));
  HttpReply reply;
  reply.headers = {{"Content-Type", std::string(exporters::content_type(format))},
                   {"X-Content-Type-Options", "nosniff"},
                   {"Cache-Control", "no-store"},
                   {"Vary", "Accept, Accept-Encoding"}};
  if (compress) {
    reply.headers.emplace_back("Content-Encoding", "gzip");
  }
  auto scrape = std::make_shared<Scrape>(exposition.render(format, tail(format)), compress);
  reply.chunks = [scrape](std::string& chunk) { return scrape->next(chunk); };
  return reply;
}

}  // namespace seamwatch::agent
