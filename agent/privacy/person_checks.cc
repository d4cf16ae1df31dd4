#include "agent/privacy/person_checks.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "agent/core/ascii.h"
#include "agent/core/hex.h"
#include "agent/privacy/match_checks.h"

namespace seamwatch::agent {
namespace {

constexpr std::size_t kDigitsOfLoginMax = 4;
constexpr std::size_t kKeyBytesMax = 10;  // what is asked of a key that stands before a name

// What stands behind /users/ or user= and names nobody. Sorted.
constexpr std::string_view kOrdinary[] = {
    "account",   "accounts",    "activate",   "active",      "add",          "admin",
    "all",       "alle",        "anlegen",    "anonymous",   "any",          "api",
    "app",       "apps",        "auftraege",  "auftrag",     "auth",         "avatar",
    "backup",    "batch",       "benutzer",   "bestellung",  "bestellungen", "bot",
    "bulk",      "by",          "cache",      "com",         "config",       "confirm",
    "contact",   "contacts",    "count",      "create",      "csv",          "current",
    "customer",  "customers",   "data",       "daten",       "db",           "default",
    "delete",    "deleted",     "demo",       "detail",      "details",      "disabled",
    "download",  "edit",        "email",      "employee",    "employees",    "enabled",
    "erp",       "event",       "events",     "export",      "false",        "file",
    "files",     "find",        "get",        "group",       "groups",       "gruppe",
    "gruppen",   "guest",       "health",     "home",        "html",         "id",
    "ids",       "image",       "images",     "import",      "inactive",     "index",
    "info",      "internal",    "invoice",    "invoices",    "item",         "items",
    "job",       "jobs",        "json",       "key",         "keys",         "konten",
    "konto",     "kunde",       "kunden",     "list",        "liste",        "local",
    "log",       "login",       "logout",     "logs",        "me",           "member",
    "members",   "message",     "messages",   "metrics",     "mitarbeiter",  "mitglieder",
    "monitor",   "monitoring",  "name",       "names",       "net",          "neu",
    "new",       "none",        "null",       "nutzer",      "oauth",        "order",
    "orders",    "org",         "overview",   "password",    "patch",        "patienten",
    "people",    "permissions", "person",     "personen",    "photo",        "photos",
    "php",       "picture",     "post",       "preferences", "probe",        "profile",
    "profiles",  "public",      "put",        "query",       "queue",        "queues",
    "ready",     "rechnung",    "rechnungen", "refresh",     "register",     "remove",
    "report",    "reports",     "reset",      "role",        "roles",        "rolle",
    "rollen",    "root",        "sap",        "search",      "self",         "server",
    "service",   "services",    "session",    "sessions",    "settings",     "share",
    "shared",    "signin",      "signout",    "signup",      "staff",        "stats",
    "status",    "suche",       "suchen",     "summary",     "svc",          "sync",
    "system",    "task",        "tasks",      "team",        "teams",        "tech",
    "technical", "temp",        "test",       "tests",       "tmp",          "token",
    "tokens",    "topic",       "true",       "type",        "types",        "undefined",
    "update",    "upload",      "user",       "users",       "validate",     "verify",
    "web",       "webhook",     "webhooks",   "www",         "xml"};

bool is_letter(char c) {
  return is_lower(c) || is_upper(c) || static_cast<unsigned char>(c) >= 0x80;
}

bool is_ordinary(std::string_view word) {
  return std::binary_search(std::begin(kOrdinary), std::end(kOrdinary), ascii_lower(word));
}

// Letters, and a few digits behind them.
bool is_word(std::string_view text) {
  const auto digits = std::find_if_not(text.begin(), text.end(), is_letter);
  return digits != text.begin() && std::all_of(digits, text.end(), is_digit) &&
         text.end() - digits <= static_cast<std::ptrdiff_t>(kDigitsOfLoginMax);
}

// The words of a name, without their digits; none where it names nobody.
std::vector<std::string> words_of_name(std::string_view name) {
  constexpr std::string_view kBetween = " .,-_'";
  std::vector<std::string> out;
  bool telling = false;
  while (!name.empty()) {
    const std::size_t end = std::min(name.find_first_of(kBetween), name.size());
    const std::string_view part = name.substr(0, end);
    name.remove_prefix(std::min(end + 1, name.size()));
    if (part.empty()) {
      continue;
    }
    const std::string_view word =
        part.substr(0, std::min(part.find_first_of("0123456789"), part.size()));
    if (!is_word(part) || is_ordinary(word)) {
      return {};
    }
    telling = telling || word.size() > 1;
    out.emplace_back(word);
  }
  return telling ? out : std::vector<std::string>();
}

// How much of `value` is a name: all of it, or what comes before a comma.
template <class IsName>
std::size_t longest_name(std::string_view value, const IsName& is_name) {
  while (!is_name(value)) {
    const std::size_t comma = value.rfind(',');
    if (comma == std::string_view::npos) {
      return 0;
    }
    value = value.substr(0, comma);
  }
  return value.size();
}

// "2026-11-24..."
bool is_date(std::string_view text) {
  return text.size() >= 10 && text.starts_with("20") && text[4] == '-' && text[7] == '-' &&
         is_digit(text[2]) && is_digit(text[5]) && is_digit(text[8]);
}

}  // namespace

std::size_t check_person(std::string_view text, std::size_t begin, std::size_t length) {
  const std::string_view value = text.substr(begin, length);
  return longest_name(value, [](std::string_view part) {
    return !words_of_name(percent_decoded(part, true)).empty();
  });
}

std::size_t check_full_name(std::string_view text, std::size_t begin, std::size_t length) {
  const std::size_t key = std::min(begin, kKeyBytesMax);
  const std::string before = ascii_lower(text.substr(begin - key, key));
  const bool of_thing =
      before.ends_with("account/") || before.ends_with("accounts/") || before.ends_with("client=");
  return longest_name(text.substr(begin, length), [of_thing](std::string_view part) {
    const std::string name = percent_decoded(part, true);
    const std::vector<std::string> words = words_of_name(name);
    const bool capitals = std::all_of(words.begin(), words.end(), [](const std::string& word) {
      return is_upper(word[0]) || static_cast<unsigned char>(word[0]) >= 0x80;
    });
    // What can be done with accounts is often written in capitals: "/accounts/Balance-Inquiry". So
    // are programs: "?client=Billing-Gateway".
    const bool comma = name.find(',') != std::string::npos;
    return words.size() > 1 &&
           (name.find(' ') != std::string::npos || (capitals && (comma || !of_thing)));
  });
}

std::size_t check_told_secret(std::string_view text, std::size_t begin, std::size_t length) {
  const bool in_quotes = begin > 0 && (text[begin - 1] == '"' || text[begin - 1] == '\'');
  if (in_quotes) {
    return length;
  }
  const bool good = length >= 4 && !is_date(text.substr(begin, length));
  return good ? check_token(text, begin, length) : 0;
}

std::size_t check_word_token(std::string_view text, std::size_t begin, std::size_t length) {
  const std::string_view word = text.substr(begin, length);
  const bool goes_on = begin + length + 1 < text.size() && text[begin + length] == '.' &&
                       is_letter(text[begin + length + 1]);
  const auto digits = std::count_if(word.begin(), word.end(), is_digit);
  const bool letters = std::any_of(word.begin(), word.end(), is_letter);
  return digits >= 3 && letters && !goes_on && !is_date(word) ? length : 0;
}

std::size_t check_option_value(std::string_view text, std::size_t begin, std::size_t length) {
  constexpr std::string_view kProse[] = {
      "and",     "are",      "as",   "at",     "be",     "but",  "by",  "can",    "cannot",
      "does",    "flag",     "for",  "has",    "if",     "in",   "is",  "it",     "may",
      "missing", "must",     "need", "needs",  "not",    "of",   "on",  "option", "options",
      "or",      "requires", "set",  "should", "so",     "that", "the", "to",     "was",
      "were",    "when",     "will", "with",   "without"};
  const std::string_view value = text.substr(begin, length);
  const std::string word = ascii_lower(value.substr(0, value.find_last_not_of(".,:!?") + 1));
  const bool prose = std::binary_search(std::begin(kProse), std::end(kProse), word);
  const bool other = std::string_view("-$[{(").find(value.front()) != std::string_view::npos;
  return prose || other || word.empty() ? 0 : length;
}

std::size_t check_pass_value(std::string_view text, std::size_t begin, std::size_t length) {
  const std::string_view value = text.substr(begin, length);
  const bool letters = std::any_of(value.begin(), value.end(), is_letter);
  return letters && length >= 4 ? check_token(text, begin, length) : 0;
}

std::size_t check_signature(std::string_view text, std::size_t begin, std::size_t length) {
  return text.substr(begin, 3) == "SIG" ? 0 : check_token(text, begin, length);
}

}  // namespace seamwatch::agent
