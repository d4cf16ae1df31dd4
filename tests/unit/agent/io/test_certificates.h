// Certificates made on the spot, so that tests need no files in the tree.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

struct evp_pkey_st;
struct x509_st;

namespace seamwatch {

struct TestCertificate {
  std::shared_ptr<evp_pkey_st> key;
  std::shared_ptr<x509_st> certificate;

  std::string certificate_pem() const;
  std::string key_pem() const;
};

struct CertificatePlan {
  std::string common_name;
  std::string alternative_names;       // OpenSSL's notation: "DNS:a.example,IP:127.0.0.1"
  std::chrono::seconds starts{-3600};  // from now
  std::chrono::seconds ends{3600};
  bool authority = false;
};

// Signed by `issuer`, or by itself where that is null.
TestCertificate make_certificate(const CertificatePlan& plan, const TestCertificate* issuer);

// A directory that goes away with the object.
class TestFiles {
 public:
  TestFiles();
  ~TestFiles();
  TestFiles(const TestFiles&) = delete;
  TestFiles& operator=(const TestFiles&) = delete;

  // The path of a file with `content`.
  std::string write(const std::string& name, const std::string& content) const;

 private:
  std::filesystem::path directory_;
};

}  // namespace seamwatch
