// Personal data.
#include "agent/privacy/match_checks.h"
#include "agent/privacy/patterns.h"
#include "agent/privacy/person_checks.h"

namespace seamwatch::agent {
namespace {

using enum PatternKind;

constexpr std::string_view kEmailHits[] = {"jane.doe+x@mail.example.org",
                                           "to=<j@ex.de>: refused",
                                           "user%40example.org",
                                           "jane%2Edoe%40corp%2Eexample",
                                           "\"john doe\"@corp.example",
                                           "m\u00fcller@b\u00fccher.example"};
constexpr std::string_view kEmailMisses[] = {"guest@rabbit-1",
                                             "getty@tty1.service",
                                             "a @ b.example",
                                             "@example.org",
                                             "npm@9.8.1",
                                             "\"a\" @ b.example",
                                             "\"app\"@\"10.0.0.1\""};

constexpr std::string_view kUrlPersonHits[] = {"/users/jane.doe/orders",
                                               "https://h/people/Jane%20Doe",
                                               "GET /api/v2/customers/J%C3%BCrgen+Doe?page=2",
                                               "/users/jdoe42: 404",
                                               "/Users('jane_doe')/messages",
                                               "https://h/x?user=jane.doe&page=2",
                                               "/x?a=1&login=jdoe",
                                               "/x?lastName=Doe",
                                               "/kunden/Max.Mustermann/",
                                               "/mitarbeiter/mmustermann",
                                               "/x?username=jane-doe",
                                               "/patients/Doe,Jane/visits",
                                               "/users/jane.doe,404",
                                               "?user=jane.doe,role=4",
                                               "http://h/~jdoe/cgi"};
constexpr std::string_view kUrlPersonMisses[] = {"/users/123/orders",
                                                 "/users/me/orders",
                                                 "/users/search?q=x",
                                                 "/users/bulk-import",
                                                 "/users/{id}/orders",
                                                 "/users/:id",
                                                 "/kunden/suche",
                                                 "/benutzer/neu",
                                                 "/kunden/4711",
                                                 "/users/7f9c2ba4e88f827d616045507605853e",
                                                 "/users/3f2504e0-4f89-11d3-9a0c-0305e82c3301",
                                                 "/users/a81bc81b-dead-4e5d-abff-90865d1e13b1",
                                                 "/usr/people.txt",
                                                 "https://h/x?user=4711",
                                                 "https://h/x?user=admin&login=true",
                                                 "/users/1,2",
                                                 "/~/config",
                                                 "http://h/~sap/ping",
                                                 "/users/<name>/orders"};

constexpr std::string_view kUrlNameHits[] = {"/x?user=1&name=Jane+Doe",
                                             "https://h/x?name=Jane%20van%20Doe",
                                             "/x?name=Jane.Doe",
                                             "?name=Jane+Doe,42",
                                             "/x?customerName=John+Smith&page=2",
                                             "/x?customer_name=John%20Smith",
                                             "/x?contact=Jane%20Doe",
                                             "/name/John%20Smith",
                                             "/name/Jane.Doe",
                                             "?customer=Jane%20Doe",
                                             "/x?client=Doe,+Jane&page=2",
                                             "/x?a=1&patient=Jane.Doe",
                                             "/x?holder=J%C3%BCrgen%20van%20Doe",
                                             "/accounts/Smith,John,42",
                                             "/accounts/Smith,%20John"};
constexpr std::string_view kUrlNameMisses[] = {"/api/queues?name=orders",
                                               "/dns-query?name=www.example.org&type=A",
                                               "/x?name=orders-to-erp",
                                               "/x?name=my+queue",
                                               "filename=Jane Doe",
                                               "/x?queueName=Orders+Incoming",
                                               "/x?contact=orders",
                                               "?customer=42",
                                               "?customer=acme-gmbh",
                                               "?client=Billing-Gateway",
                                               "?client=Contoso.Billing",
                                               "?client=curl+8.0",
                                               "?patient=Patient%2F123",
                                               "?customer=7f9c2ba4-4e88-f827",
                                               "?customers=Jane%20Doe",
                                               "/accounts/savings",
                                               "/accounts/Balance-Inquiry",
                                               "/x?name=<name>"};

constexpr std::string_view kFieldNameHits[] = {
    "https://h/api/contacts(fullname='John Smith')",
    "/data/contacts?$filter=lastname eq 'Smith'&$top=1",
    "/data/contacts?%24filter=first_name%20eq%20%27J%C3%BCrgen%27",
    "$filter=startswith(lastname,'Sm') and statecode eq 0",
    "%24filter=statecode%20eq%200%20and%20lastname%20eq%20%27Smith%27",
    "/contacts%28fullname=%27John%20Smith%27%29",
    "startswith%28lastname%2C%27Sm%27%29",
    "lastname%20eq%20%27O%27%27Neill%27",
    "WHERE surname = 'O''Neill' AND id = 4"};
constexpr std::string_view kFieldNameMisses[] = {"/data/queues(name='orders')",
                                                 "$filter=name eq 'orders'",
                                                 "$filter=lastname eq null",
                                                 "lastname is 'required'",
                                                 "filename='orders.xml'",
                                                 "$filter=lastname eq '<name>'",
                                                 "columns firstname, 'orders'",
                                                 "fullname=''"};

constexpr std::string_view kIbanHits[] = {"DE89370400440532013000",
                                          "DE89 3704 0044 0532 0130 00 FROM ACME",
                                          "GB29-NWBK-6016-1331-9268-19",
                                          "iban=NO9386011117947.",
                                          "de89370400440532013000",
                                          "de89 3704 0044 0532 0130 00",
                                          "DE89.3704.0044.0532.0130.00",
                                          "gb29nwbk60161331926819",
                                          "XX12 DE89 3704 0044 0532 0130 00"};
constexpr std::string_view kIbanMisses[] = {"DE88370400440532013000",
                                            "DE8937040044053201300",
                                            "DE893704004405320130001",
                                            "de88370400440532013000",
                                            "de89.37040044.0532013000",
                                            "be12ab34cd56ef78",
                                            "ad12a34567890bcdef123456",
                                            "ORDER DE12 3456"};

constexpr std::string_view kAccountHits[] = {"account number 1234567890",
                                             "account=12345678",
                                             "Kontonummer 0532013000 BLZ 37040044",
                                             R"({"accountNumber": "12-345-678"})",
                                             "bank account no. 12345678 refused",
                                             "sort code 20-00-00",
                                             "account_id=99887766",
                                             "a/c 12345678",
                                             "Kto.-Nr. 532 013 000",
                                             "<AccountNumber>0532013000</AccountNumber>",
                                             "<ns2:Konto art=\"x\">0532013000</ns2:Konto>",
                                             "debtorAccount=0532013000",
                                             "bankAccountNumber=0532013000",
                                             R"("customerAccountNumber":"0532013000")",
                                             "Bankkonto: 0532013000"};
constexpr std::string_view kAccountMisses[] = {"accounts: 1234567 synchronized",
                                               "account 12345",
                                               "account-1234567.internal",
                                               "the account is locked since 20261124",
                                               "accounting 1234567",
                                               "account 7f9c2ba4e88f",
                                               "order number 1234567890",
                                               "/srv/a/c/12345678",
                                               "/mnt/a/c 12345678",
                                               "account_id=7f9c2ba4",
                                               "account number <account>",
                                               "discount=1234567",
                                               "userAccountControl=66048000",
                                               "activeAccounts=1234567",
                                               "serviceAccount: 1234567890",
                                               "maxAccount=1000000",
                                               "<accounts>1234567</accounts>",
                                               "<Account id=\"5\"/>1234567",
                                               "<AccountNumber>12345</AccountNumber>",
                                               "account>1234567",
                                               "accountId=12345678-1234-4e5d-abff-90865d1e13b1"};

constexpr std::string_view kUrlAccountHits[] = {"GET /accounts/0532013000/balance",
                                                "/account/0532013000",
                                                "/konto/0532013000?page=2",
                                                "/accounts('0532013000')",
                                                "/BankAccounts%28%270532013000%27%29",
                                                "/konten/123456: 404",
                                                "?to=%2Fsavings-accounts%2F0532013000"};
constexpr std::string_view kUrlAccountMisses[] = {
    "/accounts/12345",
    "/accounts/12345678-1234-4e5d-abff-90865d1e13b1/x",
    "/accounts/0123456789abcdef0123456789abcdef",
    "/accounts/123456789012345678",
    "/accounts/answer/1234567",
    "/accounting/1234567",
    "/serviceaccounts/1234567",
    "/orders/4500012345",
    "/accounts/<account>",
    "/accounts/page?after=1234567"};

constexpr std::string_view kCardHits[] = {"4111111111111111",
                                          "card 4111 1111 1111 1111 refused",
                                          "5500-0000-0000-0004",
                                          "3782 822463 10005",
                                          "6011000990139424,",
                                          "30569309025904",
                                          "4111.1111.1111.1111",
                                          "4111\u20131111\u20131111\u20131111",
                                          "3782.822463.10005",
                                          "4111 1111 1111 1111 12"};
constexpr std::string_view kCardMisses[] = {"4111111111111112",
                                            "EAN 4222222222222",
                                            "1700000000000",
                                            "1700000000000000",
                                            "20261124014514",
                                            "2026-11-24 01:45:14.123456",
                                            "0.4111111111111111",
                                            "a4111111111111111",
                                            "4111.1111.1111.1112",
                                            "1.4111.1111.1111.1111",
                                            "4111.11111111.1111",
                                            "4111.1111 1111.1111",
                                            "41111111-1111-4111-8111-111111111111",
                                            "411 111 111 111 1111 1",
                                            "192.168.100.200 10.0.0.1"};

constexpr BuiltinPattern kPersonPatterns[] = {
    {.name = "email",
     .kind = personal,
     .help = "an email address",
     .regexp = R"re((?i)(?:"[^"\s]+(?:[ ][^"\s]+){0,3}"|)re"
               R"re((?:[^\s@<>()\[\],;:"'=/?&|%]|%2[bde]|%5f)+))re"
               R"re((?:@|%40)(?:[^\s@<>()\[\],;:"'=/?&|.%#]+(?:\.|%2e))+)re"
               R"re([^\s@<>()\[\],;:"'=/?&|.%#0-9-]{2,})re",
     .replace = "<email>",
     .check = check_email,
     .hits = kEmailHits,
     .misses = kEmailMisses},
    {.name = "url_person",
     .kind = personal,
     .help =
         "a person's name or login in a URL: behind /users/, /people/, /~, ?user=, &login= and the "
         "like",
     .regexp = R"re((?i)((?:/(?:users?|people|persons?|employees?|customers?|members?|patients?|)re"
               R"re(kunden?|benutzer|nutzer|mitarbeiter|personen|mitglieder|patienten|)re"
               R"re(contacts?|profiles?)(?:/|\((?:'|%27))|/~|)re"
               R"re([?&](?:user|user[_-]?(?:name|id)|login|login[_-]?name|first[_-]?name|)re"
               R"re(last[_-]?name|surname|given[_-]?name|family[_-]?name|full[_-]?name|vorname|)re"
               R"re(nachname|benutzer)=))([^\s/?&#"'<>(),;:]+(?:,[^\s/?&#"'<>(),;:]+)?))re",
     .replace = R"(\1<name>)",
     .check = check_person,
     .checked_group = 2,
     .hits = kUrlPersonHits,
     .misses = kUrlPersonMisses},
    {.name = "url_name",
     .kind = personal,
     .help =
         "a full name in a URL: behind ?name=, &customerName=, ?contact=, ?client=, /name/ and the "
         "like",
     .regexp = R"re((?i)((?:[?&](?:(?:account|client|contact|customer|display|employee|holder|)re"
               R"re(member|owner|patient|person|recipient|sender|kunden|empfaenger)?[_-]?name|)re"
               R"re(client|contact|customer|holder|kunde|patient)=|/(?:accounts?|names?)/)))re"
               R"re(([^\s?&#"'<>/;:0-9][^\s?&#"'<>/;:]*[%+.,_-][^\s?&#"'<>/;:]*))re",
     .replace = R"(\1<name>)",
     .check = check_full_name,
     .checked_group = 2,
     .hits = kUrlNameHits,
     .misses = kUrlNameMisses},
    {.name = "field_name",
     .kind = personal,
     .help =
         "a name in quotes that OData or SQL compares with a field such as lastname or fullname",
     .regexp =
         R"re((?i)((?:(?:\b|%[0-9a-f]{2})(?:(?:first|last|given|family|full|middle)[_-]?)re"
         R"re(name|surname|vorname|nachname)(?:\s*(?:=|%3d)\s*|)re"
         R"re((?:\s|%20|\+)+(?:eq|ne)(?:\s|%20|\+)+)|)re"
         R"re((?:startswith|endswith|contains|indexof)(?:\(|%28)(?:\s|%20)*)re"
         R"re((?:(?:first|last|given|family|full|middle)[_-]?name|surname|vorname|nachname))re"
         R"re((?:\s|%20)*(?:,|%2c)(?:\s|%20|\+)*)(?:'|%27)))re"
         R"re((?:[^'%<>\r\n]|(?:'|%27){2}|%[013-9a-f][0-9a-f]|%2[0-689a-f])+)re",
     .replace = R"(\1<name>)",
     .hits = kFieldNameHits,
     .misses = kFieldNameMisses},
    {.name = "iban",
     .kind = personal,
     .help = "an account number (IBAN) whose check digits are right",
     .regexp = R"(\b(?:[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]){11,30}|[A-Za-z]{2}[0-9]{2}(?:)"
               R"([a-z0-9]{11,30}|(?:[ .][A-Za-z0-9]{4}){2,7}(?:[ .][A-Za-z0-9]{1,3}\b)?)))",
     .replace = "<iban>",
     .check = check_iban,
     .hits = kIbanHits,
     .misses = kIbanMisses},
    {.name = "url_account",
     .kind = personal,
     .help = "six digits or more in a URL behind /accounts/, /konto/, /accounts(' and the like",
     .regexp =
         R"re((?i)((?:/|%2f)(?:(?:bank|customer|debtor|creditor|payment|savings|giro)[_-]?)?)re"
         R"re((?:accounts?|konto|konten)(?:[_-]?(?:numbers?|nummern?|no|nr|ids?))?)re"
         R"re((?:/|%2f|(?:\(|%28)(?:'|%27)?))([0-9]{6,17})\b)re",
     .replace = R"(\1<account>)",
     .check = check_account,
     .checked_group = 2,
     .hits = kUrlAccountHits,
     .misses = kUrlAccountMisses},
    {.name = "account_number",
     .kind = personal,
     .help = "digits behind the words account (number), debtorAccount, <AccountNumber>, "
             "Konto(nummer), BLZ, sort code",
     .regexp =
         R"re((?i)((?:(?:(?:\b|_)(?:bank|giro|spar)?(?:account|acct|konto|kto)|)re"
         R"re((?:bank|beneficiary|client|creditor|customer|debtor|holder|loan|payee|payer|payment|)re"
         R"re(recipient|savings|sender|supplier|user|vendor)(?-i:Account|Acct)|)re"
         R"re((?-i:[a-z](?:Konto|Kto))|(?:^|[\s"'(:,;=])a/c)re"
         R"re()\.?(?:[ _-]?(?:number|num|nummer|no|nr|id)re"
         R"re()\b\.?)?|(?:\b|_)(?:blz|bankleitzahl|sort[ _-]?code|routing[ _-]?(?:number|no)))re"
         R"re()\\?["']?(?:[ \t]*[:=#][ \t]*|[ \t]+)\\?["']?|)re"
         R"re(<[a-z0-9_.:-]*(?:account|acct|konto)(?:[_-]?(?:number|num|nummer|no|nr|id))?)re"
         R"re((?:\s(?:[^<>]*[^<>/])?)?>)[0-9](?:[ -]?[0-9]){5,16}\b)re",
     .replace = R"(\1<account>)",
     .check = check_account,
     .hits = kAccountHits,
     .misses = kAccountMisses},
    {.name = "card",
     .kind = personal,
     .help = "a payment card number whose check digit is right",
     .regexp = R"([0-9](?:[ -]?[0-9]){13,18}|[0-9]{4}(?:(?:\.|\x{2013})[0-9]{4,6}){2,4})",
     .replace = "<card>",
     .check = check_card,
     .hits = kCardHits,
     .misses = kCardMisses},
};

}  // namespace

std::span<const BuiltinPattern> person_patterns() {
  return kPersonPatterns;
}

}  // namespace seamwatch::agent
