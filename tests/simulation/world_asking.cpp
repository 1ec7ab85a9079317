#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "harness/record/sealed_line.h"
#include "simulator/edge/wall_clock.h"
#include "tests/simulation/world.h"

namespace ringback::test {
namespace {

constexpr int created = 201;
constexpr int unavailable = 503;
constexpr std::chrono::milliseconds between_syncs{50};

/// Keeps its answer until the network has taken it.
class Answer : public Responder {
public:
    explicit Answer(Gateway& gateway) : gateway_{gateway} {}

    void send(Response response) override { answer = std::move(response); }
    std::shared_ptr<ResponseStream> stream(Response /*head*/) override { return nullptr; }
    void set_aside() override { end(); }
    void end() {
        if (!std::exchange(ended_, true)) {
            gateway_.request_ends();
        }
    }

    std::optional<Response> answer;

private:
    Gateway& gateway_;
    bool ended_{false};
};

Request request_of(const Asked& asked) {
    Request request;
    request.method = asked.method;
    request.target = asked.path;
    const auto question = asked.path.find('?');
    request.path = asked.path.substr(0, question);
    request.query = question == std::string::npos ? "" : asked.path.substr(question + 1);
    request.headers = {{"Host", "127.0.0.1:12180"}, {"Authorization", "Basic dC10OnM="}};
    request.body = asked.body;
    request.remote = "127.0.0.1:4711";
    request.remote_ip = "127.0.0.1";
    request.received = wall_now();
    return request;
}

void check_answer(const Asked& asked, const Response& answer) {
    if (answer.status >= 500 && answer.status != unavailable) {
        throw BrokenPromise{fmt::format("{} {} is answered {}: {}", asked.method, asked.path,
                                        answer.status, answer.body)};
    }
    if (!answer.body.empty() && !nlohmann::json::accept(answer.body)) {
        throw BrokenPromise{fmt::format("{} {} is answered with what is no JSON: {}", asked.method,
                                        asked.path, answer.body)};
    }
}

std::string location_of(const Response& answer) {
    for (const Header& header : answer.headers) {
        if (header.name == "Location") {
            return header.value;
        }
    }
    return {};
}

}  // namespace

class World::Scribe : public JournalListener {
public:
    explicit Scribe(Promised& promised) : promised_{promised} {}

    void recorded(const RecordedEntry& recorded) override {
        std::string sealed;
        append_sealed(sealed, recorded.line());
        promised_.lines.push_back(hash_of(sealed));
    }

private:
    Promised& promised_;
};

World::~World() = default;

void World::open_journal() {
    Result<std::unique_ptr<JournalFile>> opened = JournalFile::open(
        {.path = disk_->file(), .fsync = fsync_, .say = [](std::string_view /*line*/) {}});
    if (!opened) {
        throw BrokenPromise{to_text(opened.error())};
    }
    file_ = std::move(opened).value();
    journal_.keep_in(file_.get());
    scribe_ = std::make_unique<Scribe>(promised_);
    journal_.listen(*scribe_);
    sync_later();
}

/// As the process does it.
void World::sync_later() {
    syncs_.expires_after(between_syncs);
    syncs_.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            sync_later();
            file_->sync();
            note_acknowledged();
        }
    });
}

/// Everything so far is in the file, as far as the process can know.
void World::note_acknowledged() {
    if (file_ && !file_->dirty() && file_->healthy() && !dead()) {
        promised_.acknowledged = promised_.lines.size();
    }
}

/// Of what clients can create by asking for it, how many there have been.
std::uint64_t World::created_so_far() {
    std::uint64_t sum = 0;
    for (const User* const user : simulator_.engine().users()) {
        sum += user->calls.next_number() + user->messages.next_number() +
               user->bridges.next_number() + user->conferences.next_number();
    }
    return sum;
}

/// A client that is told 503 may ask again: what it asked for must not be there already.
void World::check_not_there(const Asked& asked) {
    const std::string_view path{asked.path};
    const std::string_view what = path.substr(path.rfind('/') + 1);
    for (const User* const user : simulator_.engine().users()) {
        const UserSlot slot = user->slot;
        const CallId last =
            what == "calls"         ? call_id(slot, user->calls.next_number() - 1)
            : what == "messages"    ? message_id(slot, user->messages.next_number() - 1)
            : what == "bridges"     ? bridge_id(slot, user->bridges.next_number() - 1)
            : what == "conferences" ? conference_id(slot, user->conferences.next_number() - 1)
                                    : CallId::none;
        if (last != CallId::none && path.find("/" + user->name + "/") != std::string_view::npos &&
            simulator_.engine().knows(last)) {
            throw BrokenPromise{asked.path + " is answered 503, and what it asked for is there"};
        }
    }
}

void World::ask(const Asked& asked) {
    const std::uint64_t before = created_so_far();
    Request request = request_of(asked);
    gateway_.request_begins();
    if (gateway_.admit(request)) {
        throw BrokenPromise{"a request with a good head is refused by its head"};
    }
    const auto responder = std::make_shared<Answer>(gateway_);
    judge_.answer_begins();
    gateway_.handle(std::move(request), responder);
    if (!responder->answer) {
        throw BrokenPromise{fmt::format("{} {} is not answered", asked.method, asked.path)};
    }
    check_answer(asked, *responder->answer);
    note_acknowledged();
    const auto held = judge_.answer_is_given();
    if (responder->answer->status == unavailable) {
        judge_.was_taken_back(held,
                              [this](CallId call) { return !simulator_.engine().knows(call); });
        if (created_so_far() != before) {
            check_not_there(asked);
        }
    }
    // The network takes it at once, or lets it wait for a while.
    const auto sent = [this, responder, held] {
        if (responder->answer->status == created && !dead()) {
            promised_.accepted.push_back(location_of(*responder->answer));
        }
        judge_.answer_is_sent(held);
        if (responder->answer->after_sent) {
            std::exchange(responder->answer->after_sent, nullptr)();
        }
        responder->end();
    };
    if (chance(4)) {
        simulator_.after(std::chrono::milliseconds{dice_.below(40)}, sent);
    } else {
        sent();
    }
}

}  // namespace ringback::test
