#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <utility>

#include "bench/measure.h"
#include "harness/record/journal.h"
#include "simulator/edge/simulator.h"

namespace ringback::bench {

/// A transport on which nothing ever happens.
class SilentTransport : public Transport {
public:
    void listen(AttemptListener& /*nobody is told*/) override {}
    void start(const AttemptRequest& /*stays open*/) override { ++under_way_; }
    void abandon_all() override {}
    [[nodiscard]] std::size_t under_way() const override { return under_way_; }

private:
    std::size_t under_way_{0};
};

/// The API with everything behind it and no socket on either side: requests are values.
class SilentNetwork {
public:
    SilentNetwork() {
        simulator_.ready();
        request_.method = "POST";
        request_.target = "/v1/users/u-bench/calls";
        request_.path = request_.target;
        request_.headers = {{"Host", "127.0.0.1:12180"},
                            {"Authorization", "Basic dC10b2tlbjpzZWNyZXQ="},
                            {"User-Agent", "node-bandwidth"},
                            {"Content-Type", "application/json"}};
        // A number that is never answered: what a call does later is not measured here.
        request_.body = R"({"from":"+19195550123","to":"+19195559902","callTimeout":300,)"
                        R"("callbackUrl":"http://127.0.0.1:9100/cb","tag":"order 4711"})";
        request_.headers.push_back({"Content-Length", std::to_string(request_.body.size())});
        request_.remote = "127.0.0.1:50000";
        request_.remote_ip = "127.0.0.1";
    }

    /// One POST /calls from the whole request to the answer that has left.
    void create_call() {
        if (simulator_.admit(request_)) {
            fail("bench: the request was not admitted");
        }
        simulator_.request_begins();
        request_.received = simulator_.wall();
        simulator_.handle(request_, answer_);
        simulator_.request_ends();
    }

private:
    class Answer : public Responder {
    public:
        void send(Response response) override {
            if (response.status != 201) {
                fail("bench: the call was not created");
            }
            response.after_sent();
        }
        std::shared_ptr<ResponseStream> stream(Response /*never asked for*/) override {
            fail("bench: no streams here");
        }
    };

    SimulatorSettings settings_;
    boost::asio::io_context loop_{1};
    IdCodec ids_{settings_.seed};
    Journal journal_{ids_};
    TargetPolicy targets_;
    SilentTransport transport_;
    Simulator simulator_{loop_, settings_, transport_, targets_, journal_, [] {}};
    Request request_;
    std::shared_ptr<Responder> answer_{std::make_shared<Answer>()};
};

}  // namespace ringback::bench
