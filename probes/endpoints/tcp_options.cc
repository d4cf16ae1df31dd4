#include "probes/endpoints/tcp_options.h"

#include "agent/core/labels.h"

namespace seamwatch::probes {
namespace {

void read_labels(MapReader& step, DialogueStep& out) {
  step.each("labels", [&](const Node& item) {
    MapReader label(step.document(), item, "label", step.problems());
    std::string name;
    std::string value;
    label.require("name", "name the label");
    if (label.read("name", name) && !is_classic_label_name(name)) {
      label.report(
          *label.find("name"), quoted(name) + " is no label name", "use letters, digits and _");
    }
    label.read("value", value);
    label.done();
    out.labels.emplace_back(std::move(name), std::move(value));
  });
}

DialogueStep read_step(MapReader& reader, const Node& item) {
  MapReader step(reader.document(), item, "query_response entry", reader.problems());
  DialogueStep out;
  const Node* expect = step.find("expect");
  if (expect != nullptr && !expect->scalar.empty()) {
    out.expect = compile(step, *expect);
  }
  step.read("expect_bytes", out.expect_bytes);
  step.read("send", out.send);
  step.read("starttls", out.starttls);
  read_labels(step, out);
  step.done();
  return out;
}

}  // namespace

std::shared_ptr<const Module> read_tcp_module(const Document& document,
                                              const Node& options,
                                              Diagnostics& problems) {
  auto module = std::make_shared<TcpModule>();
  MapReader reader(document, options, "tcp", problems);
  reader.read("tls", module->tls);
  int handshakes = module->tls ? 1 : 0;
  reader.each("query_response", [&](const Node& item) {
    DialogueStep step = read_step(reader, item);
    handshakes += step.starttls ? 1 : 0;
    if (step.starttls && handshakes > 1) {
      reader.report(
          item, "a connection can start TLS only once", "remove `tls: true` or the other starttls");
    }
    module->dialogue.push_back(std::move(step));
  });
  read_tls_config(reader, module->tls_options);
  module->ip = read_ip_preference(reader);
  reader.read("cert_expiry_min", module->cert_expiry_min);
  std::string source_address;
  if (reader.read("source_ip_address", source_address) && !source_address.empty()) {
    boost::system::error_code bad;
    module->source = boost::asio::ip::make_address(source_address, bad);
    if (bad) {
      reader.report(*reader.find("source_ip_address"),
                    quoted(source_address) + " is no IP address");
    }
  }
  reader.done();
  return module;
}

}  // namespace seamwatch::probes
