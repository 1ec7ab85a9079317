#include "harness/receiver/greeter.h"

namespace ringback {

Receiver::Handler greeter(VoiceApi api, std::string sentence) {
    return [api = std::move(api), sentence = std::move(sentence)](const SeenCallback& seen) {
        const auto text = [&](const char* name) { return seen.event.value(name, std::string{}); };
        if (!seen.event.is_object()) {
            return ReceiverReply{400, "expected an event"};
        }
        const std::string event = text("eventType");
        const bool answered = event == "answer";
        const bool heard = event == "speak" && text("status") == "done";
        Result<bool> done{true};
        if (answered && !sentence.empty()) {
            done = api.speak(text("callId"), sentence);
        } else if (answered || heard) {
            done = api.hang_up(text("callId"));
        }
        return done ? ReceiverReply{} : ReceiverReply{500, to_text(done.error())};
    };
}

}  // namespace ringback
