// System errors of sockets, files and processes. Numbers are Linux's. Connection errors follow
// connect(2), send(2) and accept(2), which say which of them to treat like EAGAIN.

#include <array>

#include "probes/classify/table_list.h"

namespace seamwatch::probes {
namespace {

using enum Category;

constexpr auto kTransient = Persistence::transient;
constexpr auto kPersistent = Persistence::persistent;
constexpr auto kDepends = Persistence::depends;

constexpr std::string_view kSource1 = "https://man7.org/linux/man-pages/man2/accept.2.html";
constexpr std::string_view kSource2 = "https://man7.org/linux/man-pages/man2/connect.2.html";
constexpr std::string_view kSource3 = "https://man7.org/linux/man-pages/man2/bind.2.html";

// clang-format off
constexpr std::array kRows = {
    Row{"EPERM", 1, "", "", kPersistent, authorization, false},
    Row{"ENOENT", 2, "", "", kPersistent, not_found, false},
    Row{"ESRCH", 3, "", "", kPersistent, process, false},
    Row{"EINTR", 4, "", "", kTransient, process, false},
    Row{"EIO", 5, "", "", kPersistent, runtime, false},
    Row{"ENXIO", 6, "", "", kPersistent, configuration, false},
    Row{"E2BIG", 7, "", "", kPersistent, platform_limit, false},
    Row{"ENOEXEC", 8, "", "", kPersistent, configuration, false},
    Row{"EBADF", 9, "", "", kPersistent, runtime, false},
    Row{"ECHILD", 10, "", "", kPersistent, process, false},
    Row{"EAGAIN", 11, "", "", kTransient, network, false},
    Row{"EWOULDBLOCK", Row::kNoNumber, "", "", kTransient, network, false},
    Row{"ENOMEM", 12, "", "", kTransient, runtime, false},
    Row{"EACCES", 13, "", "", kPersistent, authorization, false},
    Row{"EFAULT", 14, "", "", kPersistent, runtime, false},
    Row{"EBUSY", 16, "", "", kTransient, process, false},
    Row{"EEXIST", 17, "", "", kPersistent, data, false},
    Row{"ENODEV", 19, "", "", kPersistent, configuration, false},
    Row{"ENOTDIR", 20, "", "", kPersistent, not_found, false},
    Row{"EISDIR", 21, "", "", kPersistent, data, false},
    Row{"EINVAL", 22, "", "", kPersistent, runtime, false},
    Row{"ENFILE", 23, "", "", kPersistent, platform_limit, false},
    Row{"EMFILE", 24, "", "", kPersistent, platform_limit, false},
    Row{"ETXTBSY", 26, "", "", kTransient, process, false},
    Row{"EFBIG", 27, "", "", kPersistent, platform_limit, false},
    Row{"ENOSPC", 28, "", "", kPersistent, platform_limit, false},
    Row{"ESPIPE", 29, "", "", kPersistent, runtime, false},
    Row{"EROFS", 30, "", "", kPersistent, configuration, false},
    Row{"EMLINK", 31, "", "", kPersistent, platform_limit, false},
    Row{"EPIPE", 32, "", "", kTransient, network, false},
    Row{"EDOM", 33, "", "", kPersistent, data, false},
    Row{"ERANGE", 34, "", "", kPersistent, data, false},
    Row{"EDEADLK", 35, "", "", kTransient, process, false},
    Row{"EDEADLOCK", Row::kNoNumber, "", "", kTransient, process, false},
    Row{"ENAMETOOLONG", 36, "", "", kPersistent, data, false},
    Row{"ENOLCK", 37, "", "", kPersistent, platform_limit, false},
    Row{"ENOSYS", 38, "", "", kPersistent, configuration, false},
    Row{"ENOTEMPTY", 39, "", "", kPersistent, data, false},
    Row{"ELOOP", 40, "", "", kPersistent, configuration, false},
    Row{"ENOMSG", 42, "", "", kPersistent, data, false},
    Row{"EIDRM", 43, "", "", kPersistent, not_found, false},
    Row{"ENODATA", 61, "", "", kPersistent, data, false},
    Row{"ETIME", 62, "", "", kTransient, timeout, false},
    Row{"ENOSR", 63, "", "", kPersistent, platform_limit, false},
    Row{"ENONET", 64, "", "", kTransient, network, false},
    Row{"ENOPKG", 65, "", "", kPersistent, configuration, false},
    Row{"EREMOTE", 66, "", "", kPersistent, configuration, false},
    Row{"ENOLINK", 67, "", "", kTransient, network, false},
    Row{"ECOMM", 70, "", "", kTransient, network, false},
    Row{"EPROTO", 71, "", "", kTransient, network, false},
    Row{"EMULTIHOP", 72, "", "", kPersistent, configuration, false},
    Row{"EBADMSG", 74, "", "", kPersistent, data, false},
    Row{"EOVERFLOW", 75, "", "", kPersistent, data, false},
    Row{"ENOTUNIQ", 76, "", "", kPersistent, configuration, false},
    Row{"EBADFD", 77, "", "", kPersistent, runtime, false},
    Row{"EREMCHG", 78, "", "", kTransient, network, false},
    Row{"ELIBACC", 79, "", "", kPersistent, configuration, false},
    Row{"ELIBBAD", 80, "", "", kPersistent, configuration, false},
    Row{"EILSEQ", 84, "", "", kPersistent, data, false},
    Row{"ERESTART", 85, "", "", kTransient, process, false},
    Row{"EUSERS", 87, "", "", kPersistent, platform_limit, false},
    Row{"ENOTSOCK", 88, "", "", kPersistent, runtime, false},
    Row{"EDESTADDRREQ", 89, "", "", kPersistent, runtime, false},
    Row{"EMSGSIZE", 90, "", "", kPersistent, platform_limit, false},
    Row{"EPROTOTYPE", 91, "", "", kPersistent, configuration, false},
    Row{"ENOPROTOOPT", 92, "", "", kPersistent, configuration, false},
    Row{"ENOPROTOOPT", 92, "", "accept", kTransient, network, false, kSource1},
    Row{"EPROTONOSUPPORT", 93, "", "", kPersistent, configuration, false},
    Row{"ESOCKTNOSUPPORT", 94, "", "", kPersistent, configuration, false},
    Row{"EOPNOTSUPP", 95, "", "", kPersistent, configuration, false},
    Row{"EOPNOTSUPP", 95, "", "accept", kTransient, network, false, kSource1},
    Row{"ENOTSUP", Row::kNoNumber, "", "", kPersistent, configuration, false},
    Row{"EPFNOSUPPORT", 96, "", "", kPersistent, configuration, false},
    Row{"EAFNOSUPPORT", 97, "", "", kPersistent, configuration, false},
    Row{"EADDRINUSE", 98, "", "", kPersistent, configuration, false},
    Row{"EADDRINUSE", 98, "", "connect, all ephemeral ports in use", kTransient, platform_limit, false, kSource2},
    Row{"EADDRNOTAVAIL", 99, "", "connect", kTransient, platform_limit, false, kSource2},
    Row{"EADDRNOTAVAIL", 99, "", "bind", kPersistent, configuration, false, kSource3},
    Row{"ENETDOWN", 100, "", "", kTransient, network, false},
    Row{"ENETUNREACH", 101, "", "", kTransient, network, false},
    Row{"ENETRESET", 102, "", "", kTransient, network, false},
    Row{"ECONNABORTED", 103, "", "", kTransient, network, false},
    Row{"ECONNRESET", 104, "", "", kTransient, network, false},
    Row{"ENOBUFS", 105, "", "", kTransient, network, false},
    Row{"EISCONN", 106, "", "", kPersistent, runtime, false},
    Row{"ENOTCONN", 107, "", "", kTransient, network, false},
    Row{"ESHUTDOWN", 108, "", "", kTransient, network, false},
    Row{"ETOOMANYREFS", 109, "", "", kPersistent, platform_limit, false},
    Row{"ETIMEDOUT", 110, "", "", kTransient, timeout, false},
    Row{"ECONNREFUSED", 111, "", "", kDepends, network, false},
    Row{"EHOSTDOWN", 112, "", "", kTransient, network, false},
    Row{"EHOSTUNREACH", 113, "", "", kTransient, network, false},
    Row{"EALREADY", 114, "", "", kTransient, process, false},
    Row{"EINPROGRESS", 115, "", "", kTransient, process, false},
    Row{"ESTALE", 116, "", "", kPersistent, not_found, false},
    Row{"EREMOTEIO", 121, "", "", kPersistent, runtime, false},
    Row{"EDQUOT", 122, "", "", kPersistent, platform_limit, false},
    Row{"ENOMEDIUM", 123, "", "", kPersistent, configuration, false},
    Row{"ECANCELED", 125, "", "", kTransient, process, false},
    Row{"ENOKEY", 126, "", "", kPersistent, authentication, false},
    Row{"EKEYEXPIRED", 127, "", "", kPersistent, authentication, false},
    Row{"EKEYREVOKED", 128, "", "", kPersistent, authentication, false},
    Row{"EKEYREJECTED", 129, "", "", kPersistent, authentication, false},
    Row{"EOWNERDEAD", 130, "", "", kTransient, process, false},
    Row{"ENOTRECOVERABLE", 131, "", "", kPersistent, runtime, false},
    Row{"ERFKILL", 132, "", "", kPersistent, configuration, false},
    Row{"EHWPOISON", 133, "", "", kPersistent, runtime, false},
};
// clang-format on

// Those left out have no business in networking: a fault of ours or of the system.
constexpr Row kUnknown = {"another errno", Row::kNoNumber, "", "", kPersistent, runtime, false};

const Row* class_default(const Signal&) {
  return &kUnknown;
}

}  // namespace

constinit const Table kErrnoTable = {
    "errno", "https://man7.org/linux/man-pages/man3/errno.3.html", kRows, class_default};

}  // namespace seamwatch::probes
