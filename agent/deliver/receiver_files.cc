#include "agent/deliver/receiver_files.h"

#include <set>
#include <string>

#include "agent/config/files.h"
#include "agent/core/labels.h"
#include "agent/core/mail_client.h"
#include "agent/deliver/sink_options.h"
#include "rules/routing/notify_files.h"

namespace seamwatch::agent {
namespace {

bool goes_in_the_clear(const rules::EmailConfig& email) {
  const std::string host = email.smarthost.substr(0, email.smarthost.rfind(':'));
  return !email.auth_username.empty() && !email.auth_password.empty() && !email.require_tls &&
         !is_implicit_tls(email) && !is_this_machine(host);
}

}  // namespace

Diagnostics find_unreadable_files(const rules::NotifyConfig& notify) {
  Diagnostics out;
  for (const rules::Receiver& receiver : notify.receivers) {
    std::set<std::string> seen;
    rules::visit_files(receiver, [&](const std::string& path) {
      if (path.empty() || !seen.insert(path).second || is_pipe(path)) {
        return;
      }
      if (const auto text = read_file(path); !text) {
        out.add(receiver.place,
                "receiver " + quoted(receiver.name) + ": " + quoted(path) +
                    " cannot be read: " + text.error().message,
                "correct the path, or the file's rights; until then its notices wait, and are "
                "given up in the end");
      }
    });
  }
  return out;
}

Diagnostics find_clear_passwords(const rules::NotifyConfig& notify) {
  Diagnostics out;
  for (const rules::Receiver& receiver : notify.receivers) {
    for (const rules::EmailConfig& email : receiver.emails) {
      if (goes_in_the_clear(email)) {
        out.add(receiver.place,
                "receiver " + quoted(receiver.name) + ": the password for " +
                    quoted(email.smarthost) +
                    " would go over the network in the clear, so "
                    "no mail is sent where the server asks for it",
                "leave out `require_tls: false`, or set `force_implicit_tls: true`");
      }
    }
  }
  return out;
}

}  // namespace seamwatch::agent
