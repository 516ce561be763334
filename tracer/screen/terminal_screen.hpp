// SPDX-License-Identifier: MIT
// TerminalScreen: a terminal taken over as a whole: lines are drawn, keys are read, and its end gives it back
// as it was. For one thread. It handles no signal: who owns it has SIGWINCH, SIGTSTP and SIGCONT blocked and
// calls resize(), leave() and come_back(). The only file that knows ncurses is its .cpp.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "symbols/result.hpp"
#include "tracer/screen/screen_line.hpp"

namespace corotrace {

class TerminalScreen {
public:
    // Whether terminfo has an entry for that TERM, which drives the terminal `fd`.
    [[nodiscard]] static bool is_known(const std::string& term, int fd);

    // Standard output is the terminal; keys come from /dev/tty. Errors: io (there is no /dev/tty),
    // unsupported (TERM is not known).
    [[nodiscard]] static Result<TerminalScreen> open();

    TerminalScreen(TerminalScreen&&) noexcept;
    TerminalScreen& operator=(TerminalScreen&&) = delete;
    ~TerminalScreen();

    [[nodiscard]] int fd() const;  // readable: a key waits
    [[nodiscard]] ScreenSize size() const;
    // Null: none waits. kNone: it means nothing.
    [[nodiscard]] std::optional<ScreenKey> read_key();
    // Left out while the terminal takes nothing (Ctrl-S). Cost: what changed is written.
    void draw(const std::vector<ScreenLine>& lines);
    // The window changed.
    void resize();
    void leave();
    // Back from leave(), or after somebody else may have written: the next draw() draws everything.
    void come_back();

private:
    struct Curses;
    explicit TerminalScreen(std::unique_ptr<Curses> curses);

    std::unique_ptr<Curses> curses_;
};

}  // namespace corotrace
