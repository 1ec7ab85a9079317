#include "harness/tape/proxy.h"

#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "harness/tape/onward.h"
#include "harness/tape/urls.h"
#include "simulator/wire/ascii.h"

namespace ringback {
namespace {

constexpr std::size_t most_request = std::size_t{1} << 20U;
constexpr std::size_t most_kept = std::size_t{64} << 20U;
constexpr std::size_t most_passages = 20'000;
constexpr std::size_t threads = 64;
constexpr int listen_backlog = 1024;

/// Of one connection only (RFC 9110 7.6.1), or written by the library itself.
bool stays_behind(std::string_view name) {
    constexpr std::array<std::string_view, 16> names{"Connection",
                                                     "Keep-Alive",
                                                     "Proxy-Connection",
                                                     "TE",
                                                     "Trailer",
                                                     "Upgrade",
                                                     "Host",
                                                     "Expect",
                                                     "Transfer-Encoding",
                                                     "Content-Length",
                                                     "Content-Type",
                                                     "REMOTE_ADDR",
                                                     "REMOTE_PORT",
                                                     "LOCAL_ADDR",
                                                     "LOCAL_PORT",
                                                     "Accept-Encoding"};
    return std::ranges::any_of(
        names, [name](std::string_view known) { return equal_ignoring_case(known, name); });
}

/// The library decodes %0D%0A in the values that it reads; passed on, they would begin a new line.
bool in_one_line(std::string_view value) {
    return value.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

TapedRequest taped(const httplib::Request& request, std::string body) {
    return {request.method,
            request.target,
            request.get_header_value("User-Agent"),
            request.get_header_value("Authorization"),
            request.get_header_value("Content-Type"),
            std::move(body)};
}

/// An error in the API's own form, so that a client library shows it.
void refuse(httplib::Response& response, int status, const std::string& code,
            const std::string& why) {
    response.status = status;
    const nlohmann::json body{{"category", "unavailable"},
                              {"code", code},
                              {"message", why},
                              {"details", nlohmann::json::array()}};
    response.set_content(body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                         "application/json");
}

}  // namespace

struct TapeProxy::Parts {
    explicit Parts(ProxySettings wanted) : settings{std::move(wanted)} {
        http.new_task_queue = [] { return new httplib::ThreadPool(threads); };  // it deletes
        http.set_tcp_nodelay(true);
        http.set_keep_alive_max_count(10'000);
        http.set_keep_alive_timeout(1);
        http.set_payload_max_length(most_request);
        // As in harness/receiver: the library would share its port, and queue five clients.
        http.set_socket_options([this](int socket) {
            const int yes = 1;
            static_cast<void>(::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes));
            listener = socket;
        });
        const auto bare = [this](const httplib::Request& request, httplib::Response& response) {
            pass(request, {}, response);
        };
        const auto with_body = [this](const httplib::Request& request, httplib::Response& response,
                                      const httplib::ContentReader& reader) {
            read_and_pass(request, response, reader);
        };
        http.Get(".*", bare);
        http.Options(".*", bare);
        http.Post(".*", with_body);
        http.Put(".*", with_body);
        http.Patch(".*", with_body);
        http.Delete(".*", with_body);
    }

    /// Read here, because the library bounds only bodies whose length is told beforehand.
    void read_and_pass(const httplib::Request& request, httplib::Response& response,
                       const httplib::ContentReader& reader) {
        if (request.is_multipart_form_data()) {
            return refuse(response, 415, "not-recorded", "multipart bodies cannot be recorded");
        }
        std::string body;
        const bool whole = reader([&body](const char* data, std::size_t length) {
            if (body.size() + length > most_request) {
                return false;
            }
            body.append(data, length);
            return true;
        });
        if (!whole) {
            return refuse(response, 413, "too-large",
                          fmt::format("expected a whole body of at most {} bytes", most_request));
        }
        pass(request, std::move(body), response);
    }

    void pass(const httplib::Request& request, std::string body, httplib::Response& response) {
        Passage passage;
        passage.leg = request.path.starts_with("/v1/") ? Passage::Leg::api : Passage::Leg::callback;
        passage.request = taped(request, std::move(body));
        std::uint64_t number{0};
        {
            const std::lock_guard lock{mutex};
            number = ++begun;
            passage.when = std::chrono::steady_clock::now() - began;
        }
        const bool is_api = passage.leg == Passage::Leg::api;
        if (is_api && settings.upstream.empty()) {
            refuse(response, 502, "no-upstream",
                   "ringback record was started without --upstream: there is no provider that "
                   "this request could be passed on to");
            passage.answer.ours = true;
        } else {
            forward(request, passage, response);
        }
        if (!passage.answer.ours) {
            passage.answer.status = response.status;
            passage.answer.location = response.get_header_value("Location");
        }
        keep(number, std::move(passage));
    }

    void forward(const httplib::Request& request, Passage& passage, httplib::Response& response) {
        const bool is_api = passage.leg == Passage::Leg::api;
        OnwardRequest on{passage.request.method, passage.request.target, {}, passage.request.body};
        if (is_api) {
            if (auto moved = moved_body(on.body, settings.receiver, url)) {
                on.body = std::move(*moved);
            }
        }
        const std::vector<std::string> more =
            is_api ? std::vector<std::string>{} : settings.headers;
        for (const auto& [name, value] : request.headers) {
            const auto replaces = [&name = name](const std::string& line) {
                return equal_ignoring_case(std::string_view{line}.substr(0, line.find(':')), name);
            };
            if (!stays_behind(name) && in_one_line(value) && std::ranges::none_of(more, replaces)) {
                on.headers.emplace_back(name, value);
            }
        }
        for (const std::string& line : more) {
            const std::size_t colon = line.find(": ");
            on.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
        }
        if (!passage.request.content_type.empty() && in_one_line(passage.request.content_type)) {
            on.headers.emplace_back("Content-Type", passage.request.content_type);
        }
        const Result<OnwardAnswer> came = (is_api ? upstream : receiver).send(on);
        if (!came) {
            refuse(response, 502, is_api ? "upstream-silent" : "receiver-silent",
                   to_text(came.error()));
            passage.answer.ours = true;
            return;
        }
        answer_with(came.value(), response);
    }

    /// The answer as it came, except that its links lead here.
    void answer_with(const OnwardAnswer& came, httplib::Response& response) {
        response.status = came.status;
        std::string type;
        for (const auto& [name, value] : came.headers) {
            if (!in_one_line(value)) {
                continue;
            }
            if (equal_ignoring_case(name, "Content-Type")) {
                type = value;
            } else if (equal_ignoring_case(name, "Location") && !settings.upstream.empty()) {
                response.headers.emplace(name,
                                         moved_url(value, settings.upstream, url).value_or(value));
            } else if (equal_ignoring_case(name, "Link") && !settings.upstream.empty()) {
                response.headers.emplace(name, replaced(value, settings.upstream, url));
            } else if (!stays_behind(name)) {
                response.headers.emplace(name, value);
            }
        }
        if (!came.body.empty()) {
            response.set_content(came.body, type.c_str());
        }
    }

    void keep(std::uint64_t number, Passage passage) {
        std::function<void(const Passage&)> tell;
        {
            const std::lock_guard lock{mutex};
            const std::size_t size = passage.request.body.size() + passage.request.target.size();
            if (kept.size() < most_passages && kept_bytes + size <= most_kept) {
                kept_bytes += size;
                kept.emplace(number, passage);
            } else {
                too_many = true;
            }
            tell = told;
        }
        if (tell) {
            tell(passage);
        }
    }

    ProxySettings settings;
    OnwardClient upstream{{settings.upstream, settings.verify_tls, settings.ca_file, "", "",
                           settings.upstream_patience}};
    OnwardClient receiver{{settings.receiver, settings.verify_tls, settings.ca_file,
                           settings.certificate_file, settings.key_file,
                           settings.receiver_patience}};
    std::string url;
    httplib::Server http;
    std::atomic<bool> over{false};
    int listener{-1};
    std::thread thread;
    std::chrono::steady_clock::time_point began{std::chrono::steady_clock::now()};

    mutable std::mutex mutex;  // all below
    std::uint64_t begun{0};
    std::map<std::uint64_t, Passage> kept;  // by when they began
    std::size_t kept_bytes{0};
    bool too_many{false};
    std::function<void(const Passage&)> told;
};

TapeProxy::TapeProxy(ProxySettings settings)
    : parts_{std::make_unique<Parts>(std::move(settings))} {}

TapeProxy::~TapeProxy() { stop(); }

Result<std::string> TapeProxy::start() {
    constexpr const char* host = "127.0.0.1";
    int port = parts_->settings.port;
    const bool bound = port == 0 ? (port = parts_->http.bind_to_any_port(host)) > 0
                                 : parts_->http.bind_to_port(host, port);
    if (!bound || ::listen(parts_->listener, listen_backlog) != 0) {
        return Error{fmt::format("{}:{}", host, parts_->settings.port),
                     "expected a port that can be listened on; is it taken?"};
    }
    parts_->url = fmt::format("http://{}:{}", host, port);
    parts_->thread = std::thread{[parts = parts_.get()] {
        parts->http.listen_after_bind();
        parts->over = true;
    }};
    // Until its loop runs, stop() would be lost on it.
    while (!parts_->http.is_running() && !parts_->over) {
        std::this_thread::yield();
    }
    return parts_->url;
}

void TapeProxy::stop() {
    if (parts_->thread.joinable()) {
        parts_->http.stop();
        parts_->thread.join();
    }
}

void TapeProxy::on_passage(std::function<void(const Passage&)> told) {
    const std::lock_guard lock{parts_->mutex};
    parts_->told = std::move(told);
}

std::vector<Passage> TapeProxy::passages() const {
    const std::lock_guard lock{parts_->mutex};
    std::vector<Passage> all;
    for (const auto& [number, passage] : parts_->kept) {
        all.push_back(passage);
    }
    return all;
}

bool TapeProxy::overflowed() const {
    const std::lock_guard lock{parts_->mutex};
    return parts_->too_many;
}

}  // namespace ringback
