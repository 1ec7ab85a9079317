#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "simulator/edge/http_connection.h"

namespace ringback {

/// The body of an answer that goes on, of the request numbered `serial`. Dropped without end(), it
/// ends.
class HttpStream final : public ResponseStream {
public:
    HttpStream(std::shared_ptr<HttpConnection> connection, std::uint64_t serial)
        : connection_{std::move(connection)}, serial_{serial} {}
    HttpStream(const HttpStream&) = delete;
    HttpStream& operator=(const HttpStream&) = delete;
    ~HttpStream() override { connection_->dropped(serial_); }

    bool write(std::string_view bytes) override {
        return connection_->write_stream(serial_, bytes);
    }
    void end() override { connection_->end_stream(serial_); }
    [[nodiscard]] bool open() const override { return connection_->stream_is_open(serial_); }

private:
    std::shared_ptr<HttpConnection> connection_;
    std::uint64_t serial_;
};

/// The right to answer the request numbered `serial`. Dropped unused, the request is answered 500.
class HttpResponder final : public Responder {
public:
    HttpResponder(std::shared_ptr<HttpConnection> connection, std::uint64_t serial)
        : connection_{std::move(connection)}, serial_{serial} {}
    HttpResponder(const HttpResponder&) = delete;
    HttpResponder& operator=(const HttpResponder&) = delete;
    ~HttpResponder() override {
        if (!used_) {
            connection_->dropped(serial_);
        }
    }

    void send(Response response) override {
        used_ = true;
        connection_->answer(serial_, std::move(response));
    }
    void send_file(Response response, std::shared_ptr<const std::string> file) override {
        used_ = true;
        connection_->answer(serial_, std::move(response), std::move(file));
    }
    void set_aside() override { connection_->set_aside(serial_); }
    std::shared_ptr<ResponseStream> stream(Response head) override {
        used_ = true;
        connection_->open_stream(serial_, std::move(head));
        return std::make_shared<HttpStream>(connection_, serial_);
    }

private:
    std::shared_ptr<HttpConnection> connection_;
    std::uint64_t serial_;
    bool used_{false};
};

}  // namespace ringback
