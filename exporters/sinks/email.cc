#include "exporters/sinks/email.h"

#include <algorithm>
#include <array>

#include "agent/core/ascii.h"
#include "agent/core/html_escape.h"
#include "agent/core/labels.h"
#include "agent/core/notice_text.h"
#include "exporters/sinks/email_address.h"
#include "exporters/sinks/email_message.h"
#include "exporters/sinks/outcome.h"
#include "exporters/sinks/template_text.h"

namespace seamwatch::exporters {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr std::array<std::string_view, 6> kAddressHeaders = {
    "from", "to", "cc", "bcc", "sender", "reply-to"};

// The part of a mail address behind the @, for message ids.
std::string domain_of(const std::string& address) {
  return address.substr(address.rfind('@') + 1);
}

// What may stand in a message id without quoting.
std::string id_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool safe = is_letter_or_digit(c);
    out += safe ? c : '-';
  }
  return out;
}

std::string join(const std::vector<EmailAddress>& addresses) {
  std::string out;
  for (const EmailAddress& address : addresses) {
    out += (out.empty() ? "" : ", ") + header_text(address);
  }
  return out;
}

// The value of a configured header, encoded by its kind.
std::string encoded(const std::string& name, const std::string& value) {
  const bool addresses =
      std::find(kAddressHeaders.begin(), kAddressHeaders.end(), ascii_lower(name)) !=
      kAddressHeaders.end();
  if (addresses) {
    if (const auto parsed = parse_addresses(value)) {
      return join(*parsed);
    }
  }
  return encode_header(value, name.size() + 2);
}

void set_header(Headers& headers, const std::string& name, std::string value) {
  const auto known = std::find_if(headers.begin(), headers.end(), [&](const auto& header) {
    return ascii_lower(header.first) == ascii_lower(name);
  });
  if (known != headers.end()) {
    known->second = std::move(value);
  } else {
    headers.emplace_back(name, std::move(value));
  }
}

// Set by compose(): another value would make the message unreadable.
bool is_mime_header(const std::string& name) {
  const std::string key = ascii_lower(name);
  return key == "mime-version" || key.starts_with("content-");
}

// Whether nobody sees anything of a page.
bool shows_nothing(std::string_view html) {
  bool in_tag = false;
  for (std::size_t i = 0; i < html.size(); ++i) {
    const char next = i + 1 < html.size() ? html[i + 1] : ' ';
    const char lower = ascii_lower(std::string_view(&next, 1)).front();
    if (html[i] == '<' && (is_lower(lower) || next == '/' || next == '!' || next == '?')) {
      in_tag = true;
    } else if (in_tag && html[i] == '>') {
      in_tag = false;
    } else if (!in_tag && !all_blank(html.substr(i, 1))) {
      return false;
    }
  }
  const std::string tags = ascii_lower(html);
  return tags.find("<img") == std::string::npos && tags.find("<svg") == std::string::npos;
}

class Email final : public Sink {
 public:
  Email(EmailOptions options, MailClient& mail) : options_(std::move(options)), mail_(mail) {}

  boost::asio::awaitable<Delivery> deliver(Notification notification,
                                           WallTime now,
                                           MonoTime deadline) override {
    const auto from = addresses(options_.from, "from", notification);
    if (!from) {
      co_return unsendable("address", from.error().message);
    }
    const auto to = addresses(options_.to, "to", notification);
    if (!to) {
      co_return unsendable("address", to.error().message);
    }
    if (from->size() != 1) {
      co_return unsendable("address", "from must be exactly one mail address");
    }
    Mail mail = make_mail(notification, now, from->front(), *to);
    mail.some_will_do = notification.some_will_do;
    std::optional<Fault> fault = co_await mail_.send(std::move(mail), deadline);
    co_return mail_outcome(std::move(fault));
  }

 private:
  Result<std::vector<EmailAddress>> addresses(const std::string& text,
                                              const std::string& key,
                                              const Notification& notification) const {
    const auto expanded = expand(options_.render_text, text, notification);
    if (!expanded) {
      return error("\"" + key + "\" of the mail: " + expanded.error().message);
    }
    auto parsed = parse_addresses(*expanded);
    if (!parsed) {
      return error("\"" + key + "\" of the mail: " + parsed.error().message);
    }
    return parsed;
  }

  static Result<std::string> expand(const Renderer& render,
                                    const std::string& text,
                                    const Notification& notification) {
    if (!holds_template(text)) {
      return text;
    }
    if (!render) {
      return error("it holds a template, and there is none to expand it");
    }
    return render(text, notification);
  }

  Mail make_mail(const Notification& notification,
                 WallTime now,
                 const EmailAddress& from,
                 const std::vector<EmailAddress>& to) const {
    std::string failure;  // of a template
    EmailMessage message;
    message.boundary_seed = notification.id;
    message.headers = make_headers(notification, now, from, to, failure);
    const auto body = [&](const std::optional<std::string>& text,
                          const Renderer& render,
                          const std::string& ours,
                          bool (*is_empty)(std::string_view)) {
      if (!text) {
        return ours;
      }
      const auto expanded = expand(render, *text, notification);
      if (!expanded) {
        failure = expanded.error().message;
      }
      // What alerts share may be nothing, as in the summary of a storm: ours says more.
      const bool blank = expanded && !text->empty() && is_empty(*expanded);
      return expanded && !blank ? *expanded : ours;
    };
    message.text =
        body(options_.text, options_.render_text, notice_text(notification, now), all_blank);
    message.html =
        body(options_.html, options_.render_html, notice_html(notification, now), shows_nothing);
    if (!failure.empty()) {
      const std::string note = "A template of this mail could not be expanded: " + failure;
      const std::string rest = notice_rest(notification);
      message.text += message.text.empty() ? "" : "\n" + rest + note + "\n";
      message.html += message.html.empty() ? "" : "<pre>" + html_escape(rest + note) + "</pre>\n";
    }
    return envelope(from, to, compose(message));
  }

  Headers make_headers(const Notification& notification,
                       WallTime now,
                       const EmailAddress& from,
                       const std::vector<EmailAddress>& to,
                       std::string& failure) const {
    const std::string domain = domain_of(from.address);
    Headers out = {{"From", header_text(from)},
                   {"To", join(to)},
                   {"Subject", encode_header(notice_subject(notification), 9)},
                   {"Date", email_date(now)},
                   {"Message-ID", "<" + id_text(notification.id) + "@" + domain + ">"},
                   {"Auto-Submitted", "auto-generated"},
                   {"X-Seamwatch-Idempotency-Key", encode_header(notification.id)}};
    if (options_.threading) {
      const std::string thread = thread_id(notification, domain);
      out.emplace_back("References", thread);
      out.emplace_back("In-Reply-To", thread);
    }
    for (const auto& [name, text] : options_.headers) {
      const auto expanded = expand(options_.render_text, text, notification);
      if (!expanded) {
        failure = "header " + name + ": " + expanded.error().message;
      } else if (ascii_lower(name) == "subject" && all_blank(*expanded)) {
        continue;  // what alerts share may be nothing, as in the summary of a storm: ours says more
      } else if (is_header_name(name) && !is_mime_header(name)) {
        set_header(out, name, encoded(name, *expanded));
      }
    }
    return out;
  }

  // The id of a message that is never sent: mail programs gather under it what refers to it.
  std::string thread_id(const Notification& notification, const std::string& domain) const {
    const Labels key{{"group_key", incident_of(notification)}, {"receiver", notification.receiver}};
    std::string out = "<group-" + fingerprint_hex(key.fingerprint());
    if (options_.thread_daily) {
      out += "-" + to_rfc3339(notification.created_at).substr(0, 10);
    }
    return out + "@" + domain + ">";
  }

  Mail envelope(const EmailAddress& from,
                const std::vector<EmailAddress>& to,
                std::string message) const {
    Mail mail;
    mail.smarthost = options_.smarthost;
    mail.hello = options_.hello;
    mail.from = from.address;
    for (const EmailAddress& address : to) {
      mail.to.push_back(address.address);
    }
    mail.message = std::move(message);
    mail.auth_username = options_.auth_username;
    mail.auth_password = options_.auth_password;
    mail.auth_secret = options_.auth_secret;
    mail.auth_identity = options_.auth_identity;
    mail.require_tls = options_.require_tls;
    mail.implicit_tls = options_.implicit_tls;
    mail.tls = options_.tls;
    return mail;
  }

  EmailOptions options_;
  MailClient& mail_;
};

}  // namespace

std::unique_ptr<Sink> make_email(EmailOptions options, MailClient& mail) {
  return std::make_unique<Email>(std::move(options), mail);
}

}  // namespace seamwatch::exporters
