// https receivers: trusted, untrusted, of another name, and with the verification switched off.

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <string>

#include "tests/support/attempts.h"
#include "tests/support/test_certificate.h"
#include "tests/support/test_receiver.h"
#include "tests/support/tls_receiver.h"

using namespace ringback;
using namespace ringback::test;
using namespace std::chrono_literals;

namespace {

DeliverySettings trusting(const std::string& file) {
    DeliverySettings settings;
    settings.ca_file = file;
    return settings;
}

}  // namespace

TEST_CASE("https: a trusted certificate of the right name carries callbacks",
          "[edge][transport][tls]") {
    const TlsReceiver receiver;
    Attempts attempts{trusting(receiver.certificate().certificate_file())};

    const auto first = attempts.make(receiver.url("localhost"), R"({"n":1})");
    attempts.make_until_reused(receiver.url("localhost"));
    const auto second = attempts.make(receiver.url("localhost"), R"({"n":2})");
    const auto literal = attempts.make(receiver.url("127.0.0.1"), R"({"n":3})");

    CHECK(first.error.empty());
    CHECK(first.status == 200);
    CHECK(first.body == R"({"n":1})");
    CHECK(second.body == R"({"n":2})");
    CHECK(literal.body == R"({"n":3})");
}

TEST_CASE("https: an untrusted certificate is tls_failed, and --insecure takes it",
          "[edge][transport][tls]") {
    const TlsReceiver receiver;
    const TestCertificate other;
    DeliverySettings insecure;
    insecure.verify_tls = false;
    Attempts by_system;
    Attempts by_other{trusting(other.certificate_file())};
    Attempts any{insecure};

    const auto system = by_system.make(receiver.url("localhost"));
    const auto foreign = by_other.make(receiver.url("localhost"));
    const auto taken = any.make(receiver.url("localhost"), "hello");

    CHECK(system.end == AttemptEnd::tls_failed);
    CHECK(system.error == "TLS certificate refused: self-signed certificate");
    CHECK(system.sent == WallInstant::min());
    CHECK(foreign.end == AttemptEnd::tls_failed);
    CHECK(taken.body == "hello");
}

TEST_CASE("https: a certificate of another name is tls_failed", "[edge][transport][tls]") {
    const TlsReceiver receiver{"127.0.0.2"};
    Attempts attempts{trusting(receiver.certificate().certificate_file())};

    const auto result = attempts.make(receiver.url("127.0.0.2"));

    CHECK(result.end == AttemptEnd::tls_failed);
    CHECK(result.error == "TLS certificate refused: IP address mismatch");
}

TEST_CASE("https: an expired certificate is tls_failed", "[edge][transport][tls]") {
    const TlsReceiver receiver{"127.0.0.1", -60};
    Attempts attempts{trusting(receiver.certificate().certificate_file())};

    const auto result = attempts.make(receiver.url("localhost"));

    CHECK(result.end == AttemptEnd::tls_failed);
    CHECK(result.error == "TLS certificate refused: certificate has expired");
}

TEST_CASE("https: a receiver that asks for a certificate is shown ours, and refuses without",
          "[edge][transport][tls]") {
    const TestCertificate own;
    const TestCertificate stranger;
    const TlsReceiver receiver{"127.0.0.1", 3600, own.certificate_file()};
    DeliverySettings settings = trusting(receiver.certificate().certificate_file());
    Attempts without{settings};
    settings.certificate_file = stranger.certificate_file();
    settings.key_file = stranger.key_file();
    Attempts with_another{settings};
    settings.certificate_file = own.certificate_file();
    settings.key_file = own.key_file();
    Attempts with_it{settings};

    const auto none = without.make(receiver.url("localhost"));
    const auto another = with_another.make(receiver.url("localhost"));
    const auto ours = with_it.make(receiver.url("localhost"), "hello");
    const auto resumed = with_it.make(receiver.url("localhost"), "again");

    CHECK(none.end == AttemptEnd::tls_failed);
    CHECK(none.error ==
          "TLS refused by the receiver: it asks for a certificate of the sender (--callback-cert)");
    CHECK(another.end == AttemptEnd::tls_failed);
    CHECK(another.error == "TLS refused by the receiver: unknown CA");
    CHECK(ours.body == "hello");
    CHECK(resumed.body == "again");
}

TEST_CASE("https: our own certificate and key are looked at when the transport is opened",
          "[edge][transport][tls]") {
    boost::asio::io_context loop;
    const TargetPolicy policy;
    const TestCertificate own;
    const TestCertificate other;
    const auto problem = [&](const std::string& certificate, const std::string& key) {
        DeliverySettings settings;
        settings.certificate_file = certificate;
        settings.key_file = key;
        const auto opened = HttpTransport::open(loop, settings, policy);
        return opened ? std::string{} : to_text(opened.error());
    };

    CHECK(problem(own.certificate_file(), own.key_file()).empty());
    CHECK(problem("", own.key_file()) == "--callback-key: expected together with --callback-cert");
    CHECK(problem("/nowhere/cert.pem", own.key_file()).starts_with("/nowhere/cert.pem: expected "));
    CHECK(problem(own.certificate_file(), other.key_file()) ==
          other.key_file() + ": expected the private key of the certificate in " +
              own.certificate_file() + ", found that of another");
}

TEST_CASE("https: a receiver that speaks something else, or nothing", "[edge][transport][tls]") {
    const TestReceiver plain{[](ReceiverEnd& peer) {
        peer.read_some();
        peer.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        peer.wait_for_close();
    }};
    const TestReceiver silent{[](ReceiverEnd& peer) { peer.wait_for_close(); }};
    const TestReceiver gone{[](ReceiverEnd& peer) { peer.close(); }};
    Attempts attempts;

    const auto not_tls = attempts.make("https://127.0.0.1:" + std::to_string(plain.port()));
    const auto nothing = attempts.make("https://127.0.0.1:" + std::to_string(silent.port()), "{}",
                                       Method::post, 150ms);

    CHECK(not_tls.end == AttemptEnd::tls_failed);
    CHECK(not_tls.error == "TLS handshake failed: wrong version number (SSL routines)");
    CHECK(attempts.make("https://127.0.0.1:" + std::to_string(gone.port())).end ==
          AttemptEnd::tls_failed);
    CHECK(nothing.end == AttemptEnd::timed_out);
    CHECK(nothing.error == "TLS handshake not finished within 150 ms");
}

TEST_CASE("https: a new connection takes up the session of the one before",
          "[edge][transport][tls]") {
    const TlsReceiver receiver;
    Attempts attempts{trusting(receiver.certificate().certificate_file())};

    const auto first = attempts.make(receiver.url("localhost", "/resumed"), "", Method::get);
    const auto second = attempts.make(receiver.url("localhost", "/resumed"), "", Method::get);

    CHECK(first.body == "no");
    CHECK(second.body == "yes");
    CHECK_FALSE(second.reused_connection);
}

TEST_CASE("https: a file of authorities that cannot be read is an error at the start",
          "[edge][transport][tls]") {
    boost::asio::io_context loop;
    const TargetPolicy policy;

    const auto refused = HttpTransport::open(loop, trusting("/nowhere/ca.pem"), policy);

    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().where == "/nowhere/ca.pem");
}
