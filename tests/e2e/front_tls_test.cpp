#include <openssl/err.h>
#include <openssl/ssl.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "tests/support/front_fixture.h"
#include "tests/support/test_certificate.h"

namespace ringback::test {
namespace {

ServerSettings with_https(const TestCertificate& certificate) {
    ServerSettings settings;
    settings.https_port = 0;
    settings.certificate_file = certificate.certificate_file();
    settings.key_file = certificate.key_file();
    return settings;
}

/// A TLS client that verifies the server by the given certificate, and shows `own` if asked.
class TlsClient {
public:
    TlsClient(std::uint16_t port, const TestCertificate& certificate,
              const TestCertificate* own = nullptr)
        : context_{SSL_CTX_new(TLS_client_method()), &SSL_CTX_free}, socket_{port} {
        SSL_CTX_load_verify_locations(context_.get(), certificate.certificate_file().c_str(),
                                      nullptr);
        SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
        if (own != nullptr) {
            SSL_CTX_use_certificate_file(context_.get(), own->certificate_file().c_str(),
                                         SSL_FILETYPE_PEM);
            SSL_CTX_use_PrivateKey_file(context_.get(), own->key_file().c_str(), SSL_FILETYPE_PEM);
        }
        ssl_.reset(SSL_new(context_.get()));
        SSL_set1_host(ssl_.get(), "localhost");
        SSL_set_fd(ssl_.get(), socket_.descriptor());
        socket_.limit_waits();
        connected = SSL_connect(ssl_.get()) == 1;
    }
    void send(std::string_view bytes) const {
        SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    }
    /// Everything up to the end of the connection.
    [[nodiscard]] std::string read_to_end() {
        std::string received;
        char bytes[16'384];  // NOLINT(*avoid-c-arrays): a place for SSL_read
        for (int count = 0; (count = SSL_read(ssl_.get(), bytes, sizeof bytes)) > 0;) {
            received.append(bytes, static_cast<std::size_t>(count));
        }
        refusal = reason_of_last_error();
        said_goodbye = (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
        return received;
    }

    /// The alert that ended it, in OpenSSL's words; "" without one.
    std::string refusal;
    bool connected{false};
    bool said_goodbye{false};

private:
    static std::string reason_of_last_error() {
        const char* const reason = ERR_reason_error_string(ERR_get_error());
        return reason == nullptr ? "" : reason;
    }

    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
    RawClient socket_;
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, &SSL_free};
};

TEST_CASE("front: with a certificate it serves TLS beside plain HTTP", "[edge][front]") {
    const TestCertificate certificate;
    FrontFixture front{with_https(certificate)};
    TlsClient client{front.server().https_port().value(), certificate};
    REQUIRE(client.connected);

    client.send("GET /big/300000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    client.send("GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    const std::string received = client.read_to_end();

    CHECK(received.find(std::string(300'000, 'x')) != std::string::npos);
    CHECK(received.ends_with("GET /last\n"));
    CHECK(client.said_goodbye);
    CHECK(front.on_loop([&] { return front.handler.last.tls; }));
    CHECK(serves(front));
    CHECK(is_balanced(front.stop()));
}

TEST_CASE("front: over TLS too, a refusal can be read by one who still sends", "[edge][front]") {
    const TestCertificate certificate;
    FrontFixture front{with_https(certificate)};
    TlsClient client{front.server().https_port().value(), certificate};
    REQUIRE(client.connected);

    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9000000\r\n\r\n" +
                std::string(100'000, 'x'));

    CHECK(client.read_to_end().starts_with("HTTP/1.1 413 "));
    CHECK(is_balanced(front.stop()));
}

TEST_CASE("front: who never shakes hands is cut, who talks plainly to the TLS port as well",
          "[edge][front]") {
    const TestCertificate certificate;
    ServerSettings settings = with_https(certificate);
    settings.head_deadline = 100ms;
    FrontFixture front{settings};
    const std::uint16_t port = front.server().https_port().value();

    RawClient silent{port};
    RawClient half{port};
    half.send("\x16\x03\x01");
    RawClient plain{port};
    plain.send(good_request);

    CHECK(silent.ends_silently());
    CHECK(half.ends_silently());
    CHECK(plain.read_to_end().find("HTTP/1.1") == std::string::npos);
    const Tally tally = front.stop();
    CHECK(tally.begins == 0);
    CHECK(is_balanced(tally));
}

TEST_CASE("front: a certificate or key that cannot be used is an error that names its file",
          "[edge][front]") {
    const TestCertificate certificate;
    boost::asio::io_context loop;
    FrontHandler handler;
    const auto error_of = [&](const std::string& certificate_file, const std::string& key_file) {
        ServerSettings settings;
        settings.port = 0;
        settings.https_port = 0;
        settings.certificate_file = certificate_file;
        settings.key_file = key_file;
        return HttpServer{loop, settings, handler}.listen().error();
    };

    CHECK(error_of("/nowhere.pem", certificate.key_file()).where == "/nowhere.pem");
    CHECK(error_of("/nowhere.pem", certificate.key_file()).what ==
          "expected a certificate in PEM form, found that it cannot be read: No such file or "
          "directory");
    CHECK(error_of(certificate.key_file(), certificate.key_file()).what ==
          "expected a certificate in PEM form, found none in it");
    CHECK(error_of(certificate.certificate_file(), certificate.certificate_file()).what ==
          "expected the certificate's private key in PEM form, found none in it");
    CHECK(error_of(certificate.certificate_file(), "").where == certificate.certificate_file());
    const TestCertificate other;
    CHECK(to_text(error_of(certificate.certificate_file(), other.key_file())) ==
          other.key_file() + ": expected the private key of the certificate in " +
              certificate.certificate_file() + ", found that of another");
}

TEST_CASE("front: a key with a passphrase is refused without asking anybody", "[edge][front]") {
    const TestCertificate certificate;
    const std::string encrypted = certificate.encrypted_key_file();
    boost::asio::io_context loop;
    FrontHandler handler;
    ServerSettings settings = with_https(certificate);
    settings.port = 0;
    settings.key_file = encrypted;

    const auto refused = HttpServer{loop, settings, handler}.listen();

    REQUIRE_FALSE(refused);
    CHECK(to_text(refused.error()) ==
          encrypted +
              ": expected the certificate's private key in PEM form without a passphrase, found an "
              "encrypted one (openssl pkey writes it without)");
}

TEST_CASE("front: with authorities for clients, only who shows a certificate of theirs is served",
          "[edge][front]") {
    const TestCertificate certificate;
    const TestCertificate known;
    const TestCertificate stranger;
    ServerSettings settings = with_https(certificate);
    settings.client_ca_file = known.certificate_file();
    FrontFixture front{settings};
    const std::uint16_t port = front.server().https_port().value();
    const std::string request{"GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"};

    TlsClient nobody{port, certificate};
    nobody.send(request);
    TlsClient unknown{port, certificate, &stranger};
    unknown.send(request);
    TlsClient welcome{port, certificate, &known};
    welcome.send(request);

    CHECK(nobody.read_to_end().empty());
    CHECK(nobody.refusal == "tlsv13 alert certificate required");
    CHECK(unknown.read_to_end().empty());
    CHECK(unknown.refusal == "tlsv1 alert unknown ca");
    CHECK(welcome.read_to_end().ends_with("GET /x\n"));
    CHECK(serves(front));  // plain HTTP, which asks for none
    const Tally tally = front.stop();
    CHECK(is_balanced(tally));
}

TEST_CASE("front: a file of authorities for clients that cannot be used is an error",
          "[edge][front]") {
    const TestCertificate certificate;
    boost::asio::io_context loop;
    FrontHandler handler;
    ServerSettings settings = with_https(certificate);
    settings.port = 0;
    settings.client_ca_file = certificate.key_file();

    const auto refused = HttpServer{loop, settings, handler}.listen();

    REQUIRE_FALSE(refused);
    CHECK(to_text(refused.error()) ==
          certificate.key_file() +
              ": expected a readable PEM file of certificates (--client-ca), found none in it");
}

}  // namespace
}  // namespace ringback::test
