#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>

namespace ringback {

/// "ringback: out of memory: something was not done", on stderr.
void say_something_was_not_done() noexcept;

/// Runs a loop to its end, also where there is no memory for something: without it for one thing
/// there may be enough for the next, so what could not be done ends there, `when_short` is called,
/// which must not throw, and the loop goes on. Keeps some memory in reserve before.
void run_patiently(boost::asio::io_context& loop,
                   const std::function<void()>& when_short = say_something_was_not_done);

}  // namespace ringback
