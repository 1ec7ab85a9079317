#pragma once

namespace ringback {

/// Keys of a person, one at a time and unseen, from standard input for as long as this lives. The
/// terminal is given back as it was however the process ends: by this object's end, or by a signal
/// that ends it at once.
///
/// Needs  one at a time: there is one terminal.
class KeyTerminal {
public:
    /// Takes the terminal only where standard input is one and we are in its foreground: a job in
    /// the background would be stopped by the system.
    KeyTerminal();
    KeyTerminal(const KeyTerminal&) = delete;
    KeyTerminal& operator=(const KeyTerminal&) = delete;
    ~KeyTerminal();

    /// Readable when a key was pressed; -1: nobody can press one.
    [[nodiscard]] int descriptor() const { return taken_ ? 0 : -1; }

private:
    bool taken_{false};
};

}  // namespace ringback
