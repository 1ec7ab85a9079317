#pragma once

#include <ringback/fake.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "harness/receiver/http_client.h"
#include "harness/receiver/receiver.h"

namespace ringback::test {

/// A fake with a receiver of its own: says something, gathers, hangs up.
class Menu {
public:
    /// `gather`: the body of its POST gather.
    explicit Menu(testing::FakeOptions options = {},
                  nlohmann::json gather = {{"maxDigits", "1"}, {"suppressDtmf", true}})
        : fake_{std::make_unique<testing::Fake>(std::move(options))},
          api_{http_peer_of(fake_->url()).value(), std::chrono::seconds{5}},
          base_{"/v1/users/" + fake_->user() + "/calls/"},
          gather_(std::move(gather)),  // in braces: an array of it

          receiver_{[this](const SeenCallback& seen) { return answer(seen); }} {
        api_.authorize_basic(fake_->token(), fake_->secret());
        REQUIRE(receiver_.start());
    }
    Menu(const Menu&) = delete;
    Menu& operator=(const Menu&) = delete;
    /// The fake first: its connections would keep the receiver.
    ~Menu() { fake_.reset(); }

    [[nodiscard]] testing::Fake& fake() { return *fake_; }
    [[nodiscard]] std::string url() const { return receiver_.url(); }

    testing::Call call(nlohmann::json members = nlohmann::json::object()) {
        members["callbackUrl"] = url();
        return fake_->create_call(members);
    }

private:
    ReceiverReply answer(const SeenCallback& seen) {
        const auto text = [&](const char* name) { return seen.event.value(name, std::string{}); };
        const std::string event = text("eventType");
        const std::string call = base_ + text("callId");
        if (event == "answer") {
            return reply(api_.post(call + "/audio", {{"sentence", "Press one."}}));
        }
        if (event == "speak" && text("status") == "done") {
            return reply(api_.post(call + "/gather", gather_));
        }
        if (event == "gather") {
            return reply(api_.post(call, {{"state", "completed"}}));
        }
        return {};
    }
    static ReceiverReply reply(const Result<HttpReply>& done) {
        return done && done.value().status < 300 ? ReceiverReply{} : ReceiverReply{500, "refused"};
    }

    std::unique_ptr<testing::Fake> fake_;
    HttpClient api_;
    std::string base_;
    nlohmann::json gather_;
    Receiver receiver_;
};

}  // namespace ringback::test
