#include "harness/receiver/receiver.h"

#include <fmt/format.h>
#include <httplib.h>

#include <atomic>
#include <exception>
#include <thread>

namespace ringback {
namespace {

constexpr std::size_t longest_path = 256;  // bytes, the query not among them

SeenCallback seen_in(const httplib::Request& request) {
    SeenCallback seen{request.method, request.path, {}};
    if (request.method == "GET") {
        seen.event = nlohmann::json::object();
        for (const auto& [name, value] : request.params) {
            seen.event[name] = value;
        }
        return seen;
    }
    seen.event = nlohmann::json::parse(request.body, nullptr, /*allow_exceptions=*/false);
    if (!seen.event.is_object()) {
        seen.event = nullptr;
    }
    return seen;
}

}  // namespace

struct Receiver::Server {
    explicit Server(Handler wanted, std::size_t threads) : handler{std::move(wanted)} {
        http.new_task_queue = [threads] { return new httplib::ThreadPool(threads); };  // it deletes
        http.set_tcp_nodelay(true);
        http.set_keep_alive_max_count(10'000);
        http.set_keep_alive_timeout(1);
        http.set_payload_max_length(1U << 20U);
        // The library's default is SO_REUSEPORT, with which two servers share a port unnoticed; and
        // its queue of 5 stalls the sixth client for a second, so we listen again with a longer
        // one.
        http.set_socket_options([this](int socket) {
            const int yes = 1;
            static_cast<void>(::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes));
            listener = socket;
        });
        const auto answer = [this](const httplib::Request& request, httplib::Response& response) {
            reply(request, response);
        };
        // The library holds a path against an expression, which takes stack for every byte of it.
        // Cut short it is refused by reply(), when the body has been read: else that would be taken
        // for the next request.
        http.set_pre_routing_handler([](const httplib::Request& request, httplib::Response&) {
            if (request.path.size() > longest_path) {
                // The library's own, which it hands out as one that is not to be changed.
                auto& path = const_cast<std::string&>(request.path);  // NOLINT(*const-cast)
                path.resize(longest_path + 1);
            }
            return httplib::Server::HandlerResponse::Unhandled;
        });
        http.Get(".*", answer);
        http.Post(".*", answer);
    }

    void reply(const httplib::Request& request, httplib::Response& response) const noexcept {
        try {
            if (request.path.size() > longest_path) {
                response.status = 414;
                return;
            }
            const ReceiverReply said = handler(seen_in(request));
            response.status = said.status;
            response.set_content(said.body, "text/plain");
        } catch (const std::exception& error) {
            response.status = 500;
            response.set_content(error.what(), "text/plain");
        }
    }

    Handler handler;
    httplib::Server http;
    std::atomic<bool> over{false};
    int listener{-1};
    int port{0};
    std::thread thread;
};

Receiver::Receiver(Handler handler, std::size_t threads)
    : server_{std::make_unique<Server>(std::move(handler), threads)} {}

Receiver::~Receiver() { stop(); }

Result<std::uint16_t> Receiver::start() {
    server_->port = server_->http.bind_to_any_port("127.0.0.1");
    if (server_->port <= 0 || ::listen(server_->listener, 4096) != 0) {
        return Error{"receiver", "cannot listen on 127.0.0.1"};
    }
    server_->thread = std::thread{[server = server_.get()] {
        server->http.listen_after_bind();
        server->over = true;
    }};
    // Until its loop runs, stop() would be lost on it.
    while (!server_->http.is_running() && !server_->over) {
        std::this_thread::yield();
    }
    return static_cast<std::uint16_t>(server_->port);
}

void Receiver::stop() {
    if (server_->thread.joinable()) {
        server_->http.stop();
        server_->thread.join();
    }
}

std::string Receiver::url() const {
    return fmt::format("http://127.0.0.1:{}/callback", server_->port);
}

}  // namespace ringback
