#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/core/faults.h"
#include "simulator/core/time.h"

namespace ringback {

struct Header {
    std::string name;
    std::string value;
};

/// A request as the routes see it; no server library shows through.
struct Request {
    std::string method;  // "POST"
    std::string target;  // path and query, raw
    std::string path;    // raw, undecoded, without query
    std::string query;   // raw, without '?'
    std::vector<Header> headers;
    std::string body;
    std::string remote;     // "127.0.0.1:51234"
    std::string remote_ip;  // "127.0.0.1"
    bool tls{false};
    WallInstant received{};  // when its last byte was read

    /// As new, but keeps the memory of its texts for the next request.
    void clear();

    /// The value of the first header of that name (any letter case); empty view if none.
    [[nodiscard]] std::string_view header(std::string_view name) const;
    /// The value of the only header of that name; none if there is none, or another.
    [[nodiscard]] std::optional<std::string_view> only(std::string_view name) const;
    [[nodiscard]] std::size_t count(std::string_view name) const;
};

struct Response {
    int status{200};
    std::vector<Header> headers;  // without Content-Length and Connection: the server writes those
    std::string body;
    bool close{false};  // end the connection after it
    std::function<void()>
        after_sent{};  // called exactly once: when its last byte is written, or could not be
    /// How it leaves; its latency is drawn. Null: as it should.
    std::shared_ptr<const WireFault> fault{};
};

/// A response that goes on (server-sent events). All calls on the server's loop; no-ops once
/// closed.
class ResponseStream {
public:
    ResponseStream() = default;
    ResponseStream(const ResponseStream&) = delete;
    ResponseStream& operator=(const ResponseStream&) = delete;
    virtual ~ResponseStream() = default;
    /// Queues bytes; false when the client is gone or has let more than 1 MB pile up (then it is
    /// cut off).
    virtual bool write(std::string_view bytes) = 0;
    virtual void end() = 0;
    [[nodiscard]] virtual bool open() const = 0;
};

/// Answers one request, once: now or later, on the server's loop. Answers to a gone client are
/// dropped (after_sent is still called).
class Responder {
public:
    Responder() = default;
    Responder(const Responder&) = delete;
    Responder& operator=(const Responder&) = delete;
    virtual ~Responder() = default;
    virtual void send(Response response) = 0;
    /// The same with a body that others have too; the response's own is empty.
    // NOLINTNEXTLINE(performance-unnecessary-value-param): who overrides it keeps the file
    virtual void send_file(Response response, std::shared_ptr<const std::string> file) {
        response.body = *file;
        send(std::move(response));
    }
    /// Nobody need wait for this answer: request_ends() is called now instead of when it has left.
    /// For requests that themselves wait for something, which the virtual clock must not wait for.
    virtual void set_aside() {}
    /// Sends the head (chunked) and leaves the body open.
    virtual std::shared_ptr<ResponseStream> stream(Response head) = 0;
};

/// What stands behind a server: the API with its admin plane.
class HttpHandler {
public:
    HttpHandler() = default;
    HttpHandler(const HttpHandler&) = delete;
    HttpHandler& operator=(const HttpHandler&) = delete;
    virtual ~HttpHandler() = default;

    /// Judges the head before the body is invited or read (request.body is empty): an answer here
    /// is sent and the connection closed unless the request has no body.
    virtual std::optional<Response> admit(const Request& head) = 0;

    /// How large the body of this request may be, if that is more than others' may be.
    [[nodiscard]] virtual std::optional<std::size_t> most_body(const Request& /*head*/) const {
        return std::nullopt;
    }
    /// The answer to one whose body is larger than that all the same.
    [[nodiscard]] virtual Response too_large(const Request& head) {
        return refuse(413, "the body is too large", head.remote_ip);
    }

    /// The answer to one for which the process has no memory left.
    [[nodiscard]] virtual Response out_of_memory(const Request& head) {
        return refuse(503, "there is no memory for this request now", head.remote_ip);
    }

    /// What it needs of the request after it has returned, it moves or copies out of it: the
    /// connection reads its next request into the same memory.
    virtual void handle(Request&& request, std::shared_ptr<Responder> responder) = 0;

    /// The answer to what is not a request the routes may see: 400 malformed, 408, 413, 414, 415,
    /// 431, 501, 505, ... `what` is ours and safe to show; it never echoes received bytes.
    virtual Response refuse(int status, std::string_view what, std::string_view remote_ip) = 0;

    /// A request has begun to arrive / its answer has left: what the virtual clock waits for.
    virtual void request_begins() = 0;
    virtual void request_ends() = 0;
};

}  // namespace ringback
