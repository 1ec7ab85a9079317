// What signed callbacks are like on the wire, by every fault.

#include <catch2/catch.hpp>
#include <chrono>
#include <mutex>
#include <regex>
#include <string>
#include <vector>

#include "simulator/edge/callback_signer.h"
#include "tests/support/attempts.h"
#include "tests/support/test_receiver.h"

using namespace ringback;
using namespace ringback::test;

namespace {

const SigningSecret first_key =
    SigningSecret::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").value();  // the specification's
const SigningSecret second_key =
    SigningSecret::from("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX").value();

/// A request as it came, and what it says of its signature.
struct Seen {
    std::string request;
    std::string id;
    std::int64_t timestamp{0};
    std::string signatures;

    [[nodiscard]] bool is_signed() const { return request.find("webhook-") != std::string::npos; }
    [[nodiscard]] std::string body() const { return request.substr(request.find("\r\n\r\n") + 4); }
    [[nodiscard]] bool holds_by(const SigningSecret& secret, std::string_view payload) const {
        return is_signed_by({secret}, id, timestamp, payload, signatures);
    }
};

std::string header_in(const std::string& request, const std::string& name) {
    std::smatch found;
    const std::regex line{"\r\n" + name + ": ([^\r]*)\r\n"};
    return std::regex_search(request, found, line) ? found[1].str() : std::string{};
}

/// Takes one request a connection and keeps it.
class SignatureReceiver {
public:
    [[nodiscard]] Seen next(Attempts& attempts, const AttemptRequest& wanted) {
        AttemptRequest request = wanted;
        request.id = AttemptId{++tries_};
        request.now = wall_now();
        const std::string url = receiver_.url("/cb?mine=1");
        request.url = url;
        attempts.transport().start(request);
        CHECK(attempts.result(request.id).status == 200);
        const std::lock_guard lock{mutex_};
        Seen seen{requests_.back(), {}, 0, {}};
        seen.id = header_in(seen.request, "webhook-id");
        const std::string timestamp = header_in(seen.request, "webhook-timestamp");
        seen.timestamp = timestamp.empty() ? 0 : std::stoll(timestamp);
        seen.signatures = header_in(seen.request, "webhook-signature");
        return seen;
    }

private:
    std::mutex mutex_;
    std::vector<std::string> requests_;
    std::uint64_t tries_{0};
    TestReceiver receiver_{[this](ReceiverEnd& peer) {
        const std::string request = peer.read_request();
        {
            const std::lock_guard lock{mutex_};
            requests_.push_back(request);
        }
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }};
};

DeliverySettings signing_with(std::vector<SigningSecret> secrets) {
    DeliverySettings settings;
    settings.signing = std::move(secrets);
    return settings;
}

AttemptRequest event(std::uint64_t number, SigningFault fault = SigningFault::none,
                     Method method = Method::post) {
    AttemptRequest request;
    request.method = method;
    request.payload = method == Method::get ? "eventType=answer&tag=a%20b" : R"({"n":1})";
    request.message = number;
    request.signing_fault = fault;
    return request;
}

std::int64_t seconds_now() {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace

TEST_CASE("signing: the specification's example has its signature", "[edge][signing]") {
    const std::string payload{R"({"test": 2432232314})"};
    const std::string signature{"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="};

    CHECK(signatures_of({first_key}, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, payload) ==
          signature);
    CHECK(is_signed_by({second_key, first_key}, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, payload,
                       "v1,AAAA v2,x " + signature));
    CHECK_FALSE(
        is_signed_by({first_key}, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265331, payload, signature));
    CHECK_FALSE(
        is_signed_by({second_key}, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, payload, signature));
}

TEST_CASE("signing: a POST is signed by its body, a GET by its query as it was sent",
          "[edge][signing]") {
    SignatureReceiver receiver;
    Attempts attempts{signing_with({first_key})};
    const std::int64_t before = seconds_now();

    const Seen post = receiver.next(attempts, event(1));
    const Seen get = receiver.next(attempts, event(2, SigningFault::none, Method::get));

    CHECK(post.body() == R"({"n":1})");
    CHECK(post.holds_by(first_key, R"({"n":1})"));
    CHECK(post.timestamp >= before);
    CHECK(post.timestamp <= seconds_now());
    CHECK(std::regex_match(post.id, std::regex{"msg_[a-z2-7]{16}_1"}));
    CHECK(get.request.starts_with("GET /cb?mine=1&eventType=answer&tag=a%20b HTTP/1.1\r\n"));
    CHECK(get.holds_by(first_key, "mine=1&eventType=answer&tag=a%20b"));
    CHECK(get.body().empty());
}

TEST_CASE("signing: an event's id is the same in every try, and no other transport's",
          "[edge][signing]") {
    SignatureReceiver receiver;
    Attempts attempts{signing_with({first_key})};
    Attempts others{signing_with({first_key})};

    const std::string id = receiver.next(attempts, event(7)).id;

    CHECK(receiver.next(attempts, event(7, SigningFault::wrong_key)).id == id);
    CHECK(receiver.next(attempts, event(8)).id != id);
    CHECK(receiver.next(others, event(7)).id != id);
}

TEST_CASE("signing: with several secrets there is a signature of each, in their order",
          "[edge][signing]") {
    SignatureReceiver receiver;
    Attempts attempts{signing_with({second_key, first_key})};

    const Seen seen = receiver.next(attempts, event(1));

    const auto by = [&](const SigningSecret& secret) {
        return signatures_of({secret}, seen.id, seen.timestamp, R"({"n":1})");
    };
    CHECK(seen.signatures == by(second_key) + " " + by(first_key));
}

TEST_CASE("signing: every fault is what it is called, and the event is whole", "[edge][signing]") {
    SignatureReceiver receiver;
    Attempts attempts{signing_with({first_key})};
    const std::string body{R"({"n":1})"};
    const auto with = [&](SigningFault fault) { return receiver.next(attempts, event(1, fault)); };

    const Seen wrong_key = with(SigningFault::wrong_key);
    const Seen stale = with(SigningFault::stale_timestamp);
    const Seen changed = with(SigningFault::changed_body);
    const Seen missing = with(SigningFault::missing);
    const Seen right = with(SigningFault::none);

    for (const Seen* seen : {&wrong_key, &stale, &changed, &missing, &right}) {
        CHECK(seen->body() == body);
    }
    CHECK(wrong_key.signatures.starts_with("v1,"));
    CHECK_FALSE(wrong_key.holds_by(first_key, body));
    CHECK(stale.holds_by(first_key, body));
    CHECK(seconds_now() - stale.timestamp >= 600);
    CHECK(seconds_now() - stale.timestamp < 660);
    CHECK_FALSE(changed.holds_by(first_key, body));
    CHECK(changed.holds_by(first_key, body + " "));
    CHECK_FALSE(missing.is_signed());
    CHECK(right.holds_by(first_key, body));
}

TEST_CASE("signing: what is no event is not signed, and nothing without a secret",
          "[edge][signing]") {
    SignatureReceiver receiver;
    Attempts attempts{signing_with({first_key})};
    Attempts unsigned_attempts;

    CHECK_FALSE(receiver.next(attempts, event(0)).is_signed());
    CHECK_FALSE(receiver.next(unsigned_attempts, event(1)).is_signed());
    CHECK_FALSE(receiver.next(unsigned_attempts, event(1, SigningFault::wrong_key)).is_signed());
}
