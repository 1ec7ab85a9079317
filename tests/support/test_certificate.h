#pragma once

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

namespace ringback::test {

/// A fresh self-signed certificate for localhost and 127.0.0.1 and its key, in files that live as
/// long as this.
class TestCertificate {
public:
    /// Good from an hour ago until that many seconds from now.
    explicit TestCertificate(long seconds_left = 3600) {
        std::string pattern = std::filesystem::temp_directory_path() / "ringback-XXXXXX";
        if (::mkdtemp(pattern.data()) == nullptr) {
            throw std::runtime_error{"no temporary directory for a test's certificate"};
        }
        directory_ = pattern;
        const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_EC_gen("P-256"),
                                                                      &EVP_PKEY_free};
        const std::unique_ptr<X509, decltype(&X509_free)> x509{X509_new(), &X509_free};
        X509_set_version(x509.get(), 2);
        ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 1);
        X509_gmtime_adj(X509_getm_notBefore(x509.get()), -3600);
        X509_gmtime_adj(X509_getm_notAfter(x509.get()), seconds_left);
        X509_set_pubkey(x509.get(), key.get());
        X509_NAME* const name = X509_get_subject_name(x509.get());
        const std::string host{"localhost"};
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(host.c_str()),  // NOLINT
                                   -1, -1, 0);
        X509_set_issuer_name(x509.get(), name);
        X509_EXTENSION* const names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name,
                                                          "DNS:localhost,IP:127.0.0.1,IP:::1");
        X509_add_ext(x509.get(), names, -1);
        X509_EXTENSION_free(names);
        if (X509_sign(x509.get(), key.get(), EVP_sha256()) == 0) {
            throw std::runtime_error{"a test's certificate cannot be signed"};
        }
        write(certificate_file(), [&](FILE* out) { return PEM_write_X509(out, x509.get()); });
        write(key_file(), [&](FILE* out) {
            return PEM_write_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        });
    }
    TestCertificate(const TestCertificate&) = delete;
    TestCertificate& operator=(const TestCertificate&) = delete;
    ~TestCertificate() {
        std::error_code ignored;  // a leftover in the temporary directory harms nobody
        std::filesystem::remove_all(directory_, ignored);
    }

    [[nodiscard]] std::string certificate_file() const { return directory_ / "certificate.pem"; }
    [[nodiscard]] std::string key_file() const { return directory_ / "key.pem"; }
    /// The same key with a passphrase; written now.
    [[nodiscard]] std::string encrypted_key_file() const {
        const std::string path = directory_ / "encrypted.pem";
        const std::unique_ptr<FILE, int (*)(FILE*)> in{std::fopen(key_file().c_str(), "r"),
                                                       &std::fclose};
        const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{
            PEM_read_PrivateKey(in.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free};
        write(path, [&](FILE* out) {
            std::string passphrase{"secret"};
            return PEM_write_PKCS8PrivateKey(out, key.get(), EVP_aes_128_cbc(), nullptr, 0, nullptr,
                                             passphrase.data());
        });
        return path;
    }

private:
    template <class Writer>
    static void write(const std::string& path, Writer writer) {
        const std::unique_ptr<FILE, int (*)(FILE*)> out{std::fopen(path.c_str(), "w"),
                                                        &std::fclose};
        if (!out || writer(out.get()) != 1) {
            throw std::runtime_error{path + " cannot be written"};
        }
    }

    std::filesystem::path directory_;
};

}  // namespace ringback::test
