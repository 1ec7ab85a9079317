#include "simulator/edge/early_answers.h"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <string>

using namespace ringback;
using Until = EarlyAnswers::Until;

namespace {

constexpr CallId call{7};
constexpr CallId other_call{8};
constexpr DeliveryId before{3};
constexpr DeliveryId caused{4};

struct Board {
    boost::asio::io_context loop;
    EarlyAnswers early{loop};
    std::string gone;

    void hold(char name, Until until, std::vector<CallId> strands = {call}) {
        early.add({std::move(strands), before, until, [this, name] { gone += name; }});
    }
};

}  // namespace

TEST_CASE("early answers: each goes once, when the event it waits for has come so far",
          "[edge][faults]") {
    Board board;
    board.hold('d', Until::on_the_wire);
    board.hold('b', Until::answered);

    board.early.on_the_wire(call, caused);
    CHECK(board.gone == "d");
    board.early.told(call, caused);
    CHECK(board.gone == "db");
    board.early.told(call, caused);
    board.early.let_all_go();
    CHECK(board.gone == "db");
    CHECK(board.early.empty());
}

TEST_CASE("early answers: an event that never leaves ends both kinds of waiting",
          "[edge][faults]") {
    Board board;
    board.hold('d', Until::on_the_wire);
    board.hold('b', Until::answered);

    board.early.told(call, caused);

    CHECK(board.gone == "db");
}

TEST_CASE("early answers: events of others, and those that were owed before, are not awaited",
          "[edge][faults]") {
    Board board;
    board.hold('b', Until::answered, {call, CallId{9}});

    board.early.told(other_call, caused);
    board.early.told(call, before);
    CHECK(board.gone.empty());
    board.early.told(CallId{9}, DeliveryId{5});
    CHECK(board.gone == "b");
}

TEST_CASE("early answers: one that goes may have another held back", "[edge][faults]") {
    Board board;
    board.early.add({{call}, before, Until::answered, [&] {
                         board.gone += '1';
                         board.hold('2', Until::answered);
                     }});
    board.hold('3', Until::answered);

    board.early.told(call, caused);
    CHECK(board.gone == "13");
    board.early.let_all_go();
    CHECK(board.gone == "132");
}

TEST_CASE("early answers: none is called when nobody is there any more", "[edge][faults]") {
    Board board;
    {
        EarlyAnswers early{board.loop};
        early.add({{call}, before, Until::answered, [&] { board.gone += '!'; }});
    }
    board.loop.run();
    CHECK(board.gone.empty());
}
