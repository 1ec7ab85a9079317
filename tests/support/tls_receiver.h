#pragma once

#include <httplib.h>

#include <chrono>
#include <string>
#include <thread>

#include "tests/support/test_certificate.h"

namespace ringback::test {

/// An https receiver with a certificate of its own for localhost, 127.0.0.1 and ::1.
class TlsReceiver {
public:
    /// `seconds_left`: of its certificate. `client_ca`: asks for certificates from there; "" =
    /// none.
    explicit TlsReceiver(const char* address = "127.0.0.1", long seconds_left = 3600,
                         const std::string& client_ca = {})
        : certificate_{seconds_left},
          server_{certificate_.certificate_file().c_str(), certificate_.key_file().c_str(),
                  client_ca.empty() ? nullptr : client_ca.c_str()} {
        server_.Post("/cb", [](const httplib::Request& request, httplib::Response& response) {
            response.set_content(request.body, "text/plain");
        });
        server_.Get("/resumed", [](const httplib::Request& request, httplib::Response& response) {
            response.set_content(
                SSL_session_reused(const_cast<SSL*>(request.ssl)) == 1 ? "yes" : "no",
                "text/plain");
            response.set_header("Connection", "close");
        });
        port_ = server_.bind_to_any_port(address);
        thread_ = std::thread{[this] { server_.listen_after_bind(); }};
        const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{10};
        while (!server_.is_running() && std::chrono::steady_clock::now() < limit) {
            std::this_thread::yield();
        }
    }
    TlsReceiver(const TlsReceiver&) = delete;
    TlsReceiver& operator=(const TlsReceiver&) = delete;
    ~TlsReceiver() {
        server_.stop();
        thread_.join();
    }
    [[nodiscard]] std::string url(const std::string& host, const std::string& path = "/cb") const {
        return "https://" + host + ":" + std::to_string(port_) + path;
    }
    [[nodiscard]] const TestCertificate& certificate() const { return certificate_; }

private:
    TestCertificate certificate_;
    httplib::SSLServer server_;
    int port_{0};
    std::thread thread_;
};

}  // namespace ringback::test
