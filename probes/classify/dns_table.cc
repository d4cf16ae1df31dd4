// DNS: every response code of the IANA registry, every extended error (EDE), the results of
// getaddrinfo (EAI_) and of the older resolver calls (h_errno), and what a client sees instead of
// an answer. Numbers are those of the response codes and, below zero, of glibc's EAI_; an EDE is
// "EDE:6" as a number.

#include <array>

#include "probes/classify/table_list.h"

namespace seamwatch::probes {
namespace {

using enum Category;

constexpr auto kTransient = Persistence::transient;
constexpr auto kPersistent = Persistence::persistent;
constexpr auto kDepends = Persistence::depends;

constexpr std::string_view kSource1 =
    "https://www.iana.org/assignments/dns-parameters/dns-parameters.xhtml#extended-dns-error-codes";
constexpr std::string_view kSource2 = "https://man7.org/linux/man-pages/man3/getaddrinfo.3.html";
constexpr std::string_view kSource3 = "https://man7.org/linux/man-pages/man3/gethostbyname.3.html";

// clang-format off
constexpr std::array kRows = {
    Row{"NOERROR:NODATA", Row::kNoNumber, "NODATA", "", kPersistent, dns, false},
    Row{"NOERROR(0)", 0, "", "", kPersistent, data, false},
    Row{"FORMERR(1)", 1, "", "", kPersistent, data, false},
    Row{"SERVFAIL(2)", 2, "", "", kTransient, dns, false},
    Row{"NXDOMAIN(3)", 3, "", "", kPersistent, dns, false},
    Row{"NOTIMP(4)", 4, "NOTIMPL", "", kPersistent, configuration, false},
    Row{"REFUSED(5)", 5, "", "", kPersistent, authorization, false},
    Row{"YXDOMAIN(6)", 6, "", "", kPersistent, data, false},
    Row{"YXRRSET(7)", 7, "", "", kPersistent, data, false},
    Row{"NXRRSET(8)", 8, "", "", kPersistent, data, false},
    Row{"NOTAUTH(9)", 9, "", "", kPersistent, configuration, false},
    Row{"NOTZONE(10)", 10, "", "", kPersistent, configuration, false},
    Row{"DSOTYPENI(11)", 11, "", "", kPersistent, configuration, false},
    Row{"BADVERS(16)", 16, "", "", kPersistent, configuration, false},
    Row{"BADSIG(16)", 16, "", "", kPersistent, authentication, false},
    Row{"BADKEY(17)", 17, "", "", kPersistent, authentication, false},
    Row{"BADTIME(18)", 18, "", "", kPersistent, configuration, false},
    Row{"BADMODE(19)", 19, "", "", kPersistent, configuration, false},
    Row{"BADNAME(20)", 20, "", "", kPersistent, data, false},
    Row{"BADALG(21)", 21, "", "", kPersistent, configuration, false},
    Row{"BADTRUNC(22)", 22, "", "", kPersistent, configuration, false},
    Row{"BADCOOKIE(23)", 23, "", "", kTransient, dns, false},
    Row{"query-timeout", Row::kNoNumber, "timeout", "", kTransient, timeout, false},
    Row{"bad-answer", Row::kNoNumber, "", "", kPersistent, data, false},
    Row{"malformed_response", Row::kNoNumber, "BADRESP", "", kPersistent, data, false},
    Row{"EDE:Other(0)", 0, "", "", kDepends, dns, false, kSource1},
    Row{"EDE:Unsupported DNSKEY Algorithm(1)", 1, "", "", kPersistent, configuration, false, kSource1},
    Row{"EDE:Unsupported DS Digest Type(2)", 2, "", "", kPersistent, configuration, false, kSource1},
    Row{"EDE:Stale Answer(3)", 3, "", "", kTransient, dns, false, kSource1},
    Row{"EDE:Forged Answer(4)", 4, "", "", kPersistent, authorization, false, kSource1},
    Row{"EDE:DNSSEC Indeterminate(5)", 5, "", "", kPersistent, dns, false, kSource1},
    Row{"EDE:DNSSEC Bogus(6)", 6, "", "", kPersistent, dns, false, kSource1},
    Row{"EDE:Signature Expired(7)", 7, "", "", kPersistent, dns, false, kSource1},
    Row{"EDE:Signature Not Yet Valid(8)", 8, "", "", kPersistent, dns, false, kSource1},
    Row{"EDE:DNSKEY Missing(9)", 9, "", "", kPersistent, dns, false, kSource1},
    Row{"EDE:RRSIGs Missing(10)", 10, "", "", kPersistent, dns, false, kSource1},
    Row{"EDE:No Zone Key Bit Set(11)", 11, "", "", kPersistent, dns, false, kSource1},
    Row{"EDE:NSEC Missing(12)", 12, "", "", kPersistent, dns, false, kSource1},
    Row{"EDE:Cached Error(13)", 13, "", "", kTransient, dns, false, kSource1},
    Row{"EDE:Not Ready(14)", 14, "", "", kTransient, unavailable, false, kSource1},
    Row{"EDE:Blocked(15)", 15, "", "", kPersistent, authorization, false, kSource1},
    Row{"EDE:Censored(16)", 16, "", "", kPersistent, authorization, false, kSource1},
    Row{"EDE:Filtered(17)", 17, "", "", kPersistent, authorization, false, kSource1},
    Row{"EDE:Prohibited(18)", 18, "", "", kPersistent, authorization, false, kSource1},
    Row{"EDE:Stale NXDOMAIN Answer(19)", 19, "", "", kTransient, dns, false, kSource1},
    Row{"EDE:Not Authoritative(20)", 20, "", "", kPersistent, configuration, false, kSource1},
    Row{"EDE:Not Supported(21)", 21, "", "", kPersistent, configuration, false, kSource1},
    Row{"EDE:No Reachable Authority(22)", 22, "", "", kTransient, dns, false, kSource1},
    Row{"EDE:Network Error(23)", 23, "", "", kTransient, network, false, kSource1},
    Row{"EDE:Invalid Data(24)", 24, "", "", kPersistent, data, false, kSource1},
    Row{"EDE:Signature Expired before Valid(25)", 25, "", "", kPersistent, dns, false, kSource1},
    Row{"EDE:Too Early(26)", 26, "", "", kTransient, tls, false, kSource1},
    Row{"EDE:Unsupported NSEC3 Iterations Value(27)", 27, "", "", kPersistent, configuration, false, kSource1},
    Row{"EDE:Unable to conform to policy(28)", 28, "", "", kPersistent, authorization, false, kSource1},
    Row{"EDE:Synthesized(29)", 29, "", "", kPersistent, dns, false, kSource1},
    Row{"EDE:Invalid Query Type(30)", 30, "", "", kPersistent, data, false, kSource1},
    Row{"EDE:Rate Limited(31)", 31, "", "", kTransient, throttled, false, kSource1},
    Row{"EDE:Over Quota(32)", 32, "", "", kPersistent, platform_limit, false, kSource1},
    Row{"EAI_BADFLAGS", -1, "", "", kPersistent, configuration, false, kSource2},
    Row{"EAI_NONAME", -2, "", "", kPersistent, dns, false, kSource2},
    Row{"EAI_AGAIN", -3, "", "", kTransient, dns, false, kSource2},
    Row{"EAI_FAIL", -4, "", "", kPersistent, dns, false, kSource2},
    Row{"EAI_NODATA", -5, "", "", kPersistent, dns, false, kSource2},
    Row{"EAI_FAMILY", -6, "", "", kPersistent, configuration, false, kSource2},
    Row{"EAI_SOCKTYPE", -7, "", "", kPersistent, configuration, false, kSource2},
    Row{"EAI_SERVICE", -8, "", "", kPersistent, configuration, false, kSource2},
    Row{"EAI_ADDRFAMILY", -9, "", "", kPersistent, dns, false, kSource2},
    Row{"EAI_MEMORY", -10, "", "", kTransient, runtime, false, kSource2},
    Row{"EAI_SYSTEM", -11, "", "", kDepends, runtime, false, kSource2},
    Row{"EAI_OVERFLOW", -12, "", "", kPersistent, runtime, false, kSource2},
    Row{"EAI_INPROGRESS", -100, "", "", kTransient, process, false, kSource2},
    Row{"EAI_CANCELED", -101, "", "", kTransient, process, false, kSource2},
    Row{"EAI_NOTCANCELED", -102, "", "", kTransient, process, false, kSource2},
    Row{"EAI_ALLDONE", -103, "", "", kTransient, process, false, kSource2},
    Row{"EAI_INTR", -104, "", "", kTransient, process, false, kSource2},
    Row{"EAI_IDN_ENCODE", -105, "", "", kPersistent, data, false, kSource2},
    Row{"HOST_NOT_FOUND", Row::kNoNumber, "", "", kPersistent, dns, false, kSource3},
    Row{"TRY_AGAIN", Row::kNoNumber, "", "", kTransient, dns, false, kSource3},
    Row{"NO_RECOVERY", Row::kNoNumber, "", "", kPersistent, dns, false, kSource3},
    Row{"NO_DATA", Row::kNoNumber, "NO_ADDRESS", "", kPersistent, dns, false, kSource3},
    Row{"NETDB_INTERNAL", Row::kNoNumber, "", "", kDepends, runtime, false, kSource3},
};
// clang-format on

// An unassigned code tells nothing: confirm retries settle it.
constexpr Row kUnknown = {"unassigned", Row::kNoNumber, "", "", kDepends, dns, false};

const Row* class_default(const Signal&) {
  return &kUnknown;
}

}  // namespace

constinit const Table kDnsTable = {
    "dns",
    "https://www.iana.org/assignments/dns-parameters/dns-parameters.xhtml#dns-parameters-6",
    kRows,
    class_default};

}  // namespace seamwatch::probes
