// The certificate that ringback makes for its TLS port.

#include "simulator/edge/self_signed.h"

#include <openssl/ssl.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/support/front_fixture.h"
#include "tests/support/test_certificate.h"

namespace ringback::test {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> usual_hosts{"localhost", "127.0.0.1", "::1"};

/// A folder for the time of one test.
class Scratch {
public:
    Scratch() {
        std::string pattern = fs::temp_directory_path() / "ringback-XXXXXX";
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        folder_ = pattern;
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() {
        std::error_code ignored;  // a leftover in the temporary directory harms nobody
        fs::remove_all(folder_, ignored);
    }
    [[nodiscard]] fs::path path() const { return folder_; }

private:
    fs::path folder_;
};

std::string text_of(const fs::path& file) {
    std::ifstream in{file};
    return {std::istreambuf_iterator<char>{in}, {}};
}

unsigned rights_of(const fs::path& file) {
    struct stat found {};
    REQUIRE(::stat(file.c_str(), &found) == 0);
    return found.st_mode & 0777U;
}

ServerSettings serving_with(const SelfSigned& made) {
    ServerSettings settings;
    settings.https_port = 0;
    settings.certificate_file = made.certificate_file();
    settings.key_file = made.key_file();
    return settings;
}

/// Shakes hands as a client that trusts `authorities` and expects `host`; whether it came about.
bool is_trusted(std::uint16_t port, const std::string& authorities, const std::string& host,
                bool is_address) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{
        SSL_CTX_new(TLS_client_method()), &SSL_CTX_free};
    SSL_CTX_load_verify_locations(context.get(), authorities.c_str(), nullptr);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    RawClient socket{port};
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl{SSL_new(context.get()), &SSL_free};
    if (is_address) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), host.c_str());
    } else {
        SSL_set1_host(ssl.get(), host.c_str());
    }
    SSL_set_fd(ssl.get(), socket.descriptor());
    socket.limit_waits();
    return SSL_connect(ssl.get()) == 1;
}

}  // namespace

TEST_CASE("self-signed: who trusts the file is served by each of its names, and by no other",
          "[edge][front][tls]") {
    auto made = SelfSigned::temporary({"localhost", "127.0.0.1", "::1", "api.example.test"});
    REQUIRE(made);
    const std::string file = made.value().certificate_file();
    FrontFixture front{serving_with(made.value())};
    const std::uint16_t port = front.server().https_port().value();

    CHECK(is_trusted(port, file, "localhost", false));
    CHECK(is_trusted(port, file, "api.example.test", false));
    CHECK(is_trusted(port, file, "127.0.0.1", true));
    CHECK(is_trusted(port, file, "::1", true));
    CHECK_FALSE(is_trusted(port, file, "example.test", false));
    CHECK_FALSE(is_trusted(port, TestCertificate{}.certificate_file(), "localhost", false));
    CHECK(is_balanced(front.stop()));
}

TEST_CASE("self-signed: the key is for its owner only, and a temporary pair goes with its user",
          "[edge][tls]") {
    fs::path folder;
    {
        const auto made = SelfSigned::temporary(usual_hosts);
        REQUIRE(made);
        folder = fs::path{made.value().key_file()}.parent_path();
        CHECK(rights_of(made.value().key_file()) == 0600);
        CHECK(rights_of(folder) == 0700);
    }
    CHECK_FALSE(fs::exists(folder));
}

TEST_CASE("self-signed: a kept pair is used again while it holds for what is asked",
          "[edge][tls]") {
    const Scratch scratch;
    const fs::path folder = scratch.path() / "deeper/tls";
    const auto made_for = [&](const std::vector<std::string>& hosts) {
        const auto made = SelfSigned::kept(folder, hosts);
        REQUIRE(made);
        return text_of(made.value().certificate_file());
    };

    const std::string first = made_for(usual_hosts);
    const std::string again = made_for(usual_hosts);
    const std::string wider = made_for({"localhost", "127.0.0.1", "::1", "api.example.test"});
    const std::string narrower = made_for(usual_hosts);
    fs::copy_file(TestCertificate{}.key_file(), folder / "key.pem",
                  fs::copy_options::overwrite_existing);
    const std::string after_another_key = made_for(usual_hosts);

    CHECK(first.starts_with("-----BEGIN CERTIFICATE-----"));
    CHECK(again == first);
    CHECK(wider != first);
    CHECK(narrower == wider);
    CHECK(after_another_key != wider);
    CHECK(rights_of(folder / "key.pem") == 0600);
}

TEST_CASE("self-signed: what ringback has not made is never written over", "[edge][tls]") {
    const Scratch scratch;
    const TestCertificate other;
    const auto problem = [&] {
        const auto made = SelfSigned::kept(scratch.path(), {"api.example.test"});
        return made ? "" : to_text(made.error());
    };

    fs::copy_file(other.key_file(), scratch.path() / "key.pem");
    CHECK(problem() == (scratch.path() / "key.pem").string() +
                           ": expected no key without a certificate beside it (--tls-dir), found "
                           "one");
    fs::copy_file(other.certificate_file(), scratch.path() / "certificate.pem");
    CHECK(problem() ==
          (scratch.path() / "certificate.pem").string() +
              ": expected a certificate that ringback has made (--tls-dir), found another");
    CHECK(text_of(scratch.path() / "certificate.pem") == text_of(other.certificate_file()));
}

TEST_CASE("self-signed: a folder that cannot be is an error that names it", "[edge][tls]") {
    const auto made = SelfSigned::kept("/dev/null/tls", usual_hosts);
    REQUIRE_FALSE(made);
    CHECK(made.error().where == "/dev/null/tls");
}

}  // namespace ringback::test
