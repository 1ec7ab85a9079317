#pragma once

namespace ringback {

/// Builds one visitor out of several lambdas, so that std::visit fails to compile for a forgotten
/// case.
template <class... Fs>
struct Overloaded : Fs... {
    using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

}  // namespace ringback
