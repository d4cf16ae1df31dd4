#include "probes/classify/fault_words.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <system_error>
#include <utility>
#include <vector>

#include "agent/core/ascii.h"
#include "probes/classify/table_list.h"
#include "probes/classify/words.h"

namespace seamwatch::probes {
namespace {

constexpr std::size_t kWordsBytesMax = 120;

using Pair = std::pair<std::string_view, std::string_view>;

template <std::size_t n>
std::string_view second_of(const std::array<Pair, n>& pairs, std::string_view first) {
  const auto found = std::ranges::find(pairs, first, &Pair::first);
  return found == pairs.end() ? std::string_view() : found->second;
}

// What stands before words that a symbol is made of.
constexpr std::array kLeads = {
    Pair{"x509", "the certificate check failed"},
    Pair{"tls", "the TLS handshake failed"},
    Pair{"dns", "the host name cannot be looked up"},
    Pair{"errno", "the connection failed"},
    Pair{"curl", "the transfer failed"},
    Pair{"curl-proxy", "the proxy failed"},
    Pair{"socks5", "the proxy failed"},
    Pair{"http2", "the HTTP/2 connection failed"},
    Pair{"amqp0-9-1", "the broker refuses"},
    Pair{"oauth2", "the token server gives no token"},
    Pair{"check", "the answer is not as agreed"},
};

std::string_view category_words(Category category) {
  switch (category) {
    case Category::unavailable:
      return "the service is not available";
    case Category::timeout:
      return "it took too long";
    case Category::network:
      return "the connection failed";
    case Category::dns:
      return "the host name cannot be looked up";
    case Category::tls:
      return "TLS failed";
    case Category::authentication:
      return "the login is refused";
    case Category::authorization:
      return "access is refused";
    case Category::throttled:
      return "the peer asks for fewer requests";
    case Category::platform_limit:
      return "a limit of the platform is reached";
    case Category::process:
      return "the process failed";
    case Category::runtime:
      return "it failed";
    case Category::configuration:
      return "the configuration does not fit";
    case Category::data:
      return "the data are not as agreed";
    case Category::not_found:
      return "what was asked for does not exist";
  }
  return "it failed";
}

// What was waited for.
std::string_view timeout_words(std::string_view phase) {
  static constexpr std::array kWaits = {
      Pair{"resolve", "the host name was not looked up in time"},
      Pair{"connect", "no connection in time"},
      Pair{"tls", "the TLS handshake took too long"},
      Pair{"processing", "no answer in time"},
      Pair{"transfer", "the answer did not end in time"},
      Pair{"login", "no login in time"},
      Pair{"token", "no token in time"},
  };
  const std::string_view words = second_of(kWaits, phase);
  return words.empty() ? "no answer in time" : words;
}

bool is_timeout(std::string_view protocol, std::string_view code) {
  static constexpr std::array kTimeouts = {Pair{"errno", "ETIMEDOUT"},
                                           Pair{"http", "timeout"},
                                           Pair{"curl", "CURLE_OPERATION_TIMEDOUT"},
                                           Pair{"smtp", "timeout"},
                                           Pair{"tls", "handshake_timeout"},
                                           Pair{"amqp0-9-1", "timeout"}};
  return std::ranges::find(kTimeouts, Pair(protocol, code)) != kTimeouts.end();
}

bool is_row_of(const Table& table, const Row& row) {
  return std::ranges::any_of(table.rows, [&](const Row& one) { return &one == &row; });
}

// "HTTP 503 Service Unavailable", without what a name explains in parentheses.
std::string http_words(std::string_view code, std::string_view name) {
  std::string out = "HTTP " + std::string(code);
  name = name.substr(0, name.find(" ("));
  out += name.empty() ? "" : " " + std::string(name);
  return code < "400" ? out + ", which is not expected" : out;
}

// RFC 3463: the second number of an enhanced status says what it is about.
std::string enhanced_words(std::string_view code) {
  static constexpr std::array<std::string_view, 8> kSubjects = {
      "the mail server does not take the mail",
      "the mail server does not accept the address",
      "the mailbox takes no mail",
      "the mail system takes no mail",
      "the mail cannot be routed",
      "the mail server finds the dialogue wrong",
      "the mail server does not accept the content",
      "the mail server's policy refuses the mail"};
  const std::size_t at = code.size() > 2 && is_digit(code[2]) ? code[2] - '0' : 0;
  return std::string(kSubjects[at < kSubjects.size() ? at : 0]) + " (" + std::string(code) + ")";
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

// Of "X509_V_ERR_CRL_NOT_YET_VALID(11)" only what says something.
std::string_view without_frame(std::string_view symbol) {
  static constexpr std::array<std::string_view, 7> kPrefixes = {
      "X509_V_ERR_", "CURLE_", "CURLPX_", "SSH_DISCONNECT_", "SSH_FX_", "EAI_", "ER_"};
  const auto open = symbol.rfind('(');
  symbol =
      symbol.ends_with(')') && open != std::string_view::npos ? symbol.substr(0, open) : symbol;
  const auto colon = symbol.rfind(':');
  symbol = colon == std::string_view::npos ? symbol : symbol.substr(colon + 1);
  for (const std::string_view prefix : kPrefixes) {
    if (symbol.starts_with(prefix)) {
      return symbol.substr(prefix.size());
    }
  }
  return symbol;
}

// The words that a symbol or a name is made of; "" where it is a number, or mostly one.
std::string words_of(std::string_view symbol) {
  static constexpr std::array kSpoken = {
      Pair{"cert", "certificate"},
      Pair{"crl", "revocation list"},
      Pair{"couldnt", "could not"},
      Pair{"cant", "cannot"},
      Pair{"recv", "receiving"},
      Pair{"send", "sending"},
      Pair{"auth", "login"},
      Pair{"passwd", "password"},
      Pair{"notfound", "not found"},
      Pair{"ca", "CA"},
      Pair{"dns", "DNS"},
      Pair{"dnssec", "DNSSEC"},
      Pair{"ftp", "FTP"},
      Pair{"http", "HTTP"},
      Pair{"ip", "IP"},
      Pair{"ldap", "LDAP"},
      Pair{"ocsp", "OCSP"},
      Pair{"sql", "SQL"},
      Pair{"ssh", "SSH"},
      Pair{"ssl", "SSL"},
      Pair{"tls", "TLS"},
      Pair{"akid", "issuer's key"},
      Pair{"skid", "key"},
      Pair{"ee", "server"},
      Pair{"err", "error"},
      Pair{"resp", "response"},
      Pair{"params", "parameters"},
  };
  std::string out;
  bool says_something = false;
  for (const std::string& word : split_words(without_frame(symbol))) {
    if (word.starts_with("0x") || std::ranges::count_if(word, is_digit) >= 3) {
      return "";
    }
    says_something = says_something || (word.size() >= 3 && !all_digits(word));
    const std::string_view spoken = second_of(kSpoken, word);
    out += out.empty() ? "" : " ";
    out += spoken.empty() ? std::string_view(word) : spoken;
  }
  return says_something ? out : "";
}

// What the system calls an error number: "protocol error".
std::string system_words(const Row& row) {
  std::string out = std::generic_category().message(row.number);
  out.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(out.front())));
  return out;
}

const FaultWords* row_in_table(std::string_view protocol, const Row& row) {
  const FaultWords* any = nullptr;
  for (const FaultWords& one : all_fault_words()) {
    if (one.protocol != protocol || one.code != row.code) {
      continue;
    }
    if (one.when == row.when) {
      return &one;
    }
    any = one.when.empty() ? &one : any;
  }
  return any;
}

// After what its protocol or, without a table, its category means.
std::string made_words(const Signal& signal, const Table* table, const Match& match) {
  const Row& row = *match.row;
  const std::string_view lead = table == nullptr ? "" : second_of(kLeads, table->protocol);
  std::string out(lead.empty() ? category_words(row.category) : lead);
  std::string words;
  if (table != nullptr && table->protocol == "errno" && row.number > 0) {
    words = system_words(row);
  } else {
    words = words_of(match.reason == "table" ? row.code : std::string_view(signal.code));
    words = words.empty() ? words_of(signal.name) : words;
  }
  out += words.empty() ? "" : ": " + words;
  return out;
}

std::string words_of_row(const Fault& fault, const Table* table, const Match& match) {
  const Row& row = *match.row;
  const bool documented = match.reason == "table";
  const std::string_view protocol = table == nullptr ? "" : table->protocol;
  if (documented && is_timeout(protocol, row.code)) {
    return std::string(timeout_words(protocol == "tls" ? "tls" : fault.phase));
  }
  if (const FaultWords* found = documented ? row_in_table(protocol, row) : nullptr) {
    return std::string(found->words);
  }
  const bool http = protocol == "http" || (table == nullptr && is_row_of(kHttpTable, row));
  if (http && all_digits(row.code)) {
    return http_words(row.code, row.name);
  }
  if (http && all_digits(fault.signal.code)) {
    return http_words(fault.signal.code, "");
  }
  if (protocol == "smtp-enhanced") {
    return documented ? enhanced_words(row.code) : "the mail server does not take the mail";
  }
  const bool mail = protocol == "smtp" || (table == nullptr && is_row_of(kSmtpTable, row));
  if (mail && all_digits(row.code)) {
    const std::string who = protocol == "smtp" ? "the mail server" : "the server";
    return who + " answers " + std::string(row.code) + ", " + std::string(row.name);
  }
  return made_words(fault.signal, table, match);
}

}  // namespace

std::string fault_words(const Fault& fault) {
  std::string out = words_of_row(fault, find_table(fault.signal.protocol), match(fault.signal));
  out.resize(std::min(out.size(), kWordsBytesMax));
  return out;
}

}  // namespace seamwatch::probes
