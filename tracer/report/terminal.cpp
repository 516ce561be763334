// SPDX-License-Identifier: MIT
#include "tracer/report/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace corotrace {
namespace {

std::optional<std::string> read_environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

// Source: ECMA-48 section 8.3.117, select graphic rendition.
std::string_view sequence_of(Style style) {
    switch (style) {
        case Style::kHeadline:
            return "\x1b[1;33m";
        case Style::kLabel:
            return "\x1b[2m";
        case Style::kCaret:
        case Style::kBad:
            return "\x1b[1;31m";
        case Style::kTitle:
            return "\x1b[1m";
        case Style::kGood:
            return "\x1b[32m";
    }
    return "";
}

}  // namespace

std::optional<std::size_t> read_columns(int fd) {
    winsize size{};
    if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
    return size.ws_col;
}

TerminalFacts read_terminal_facts(int fd) {
    TerminalFacts facts;
    facts.is_terminal = ::isatty(fd) == 1;
    if (facts.is_terminal) facts.columns = read_columns(fd);
    facts.no_color = read_environment("NO_COLOR");
    facts.clicolor_force = read_environment("CLICOLOR_FORCE");
    facts.term = read_environment("TERM");
    return facts;
}

// Source: https://no-color.org and https://bixense.com/clicolors.
bool wants_color(ColorMode mode, const TerminalFacts& facts) {
    switch (mode) {
        case ColorMode::kAlways:
            return true;
        case ColorMode::kNever:
            return false;
        case ColorMode::kAuto:
            break;
    }
    if (facts.no_color && !facts.no_color->empty()) return false;
    if (facts.clicolor_force && !facts.clicolor_force->empty() && *facts.clicolor_force != "0") return true;
    return can_redraw(facts);
}

bool can_redraw(const TerminalFacts& facts) {
    return facts.is_terminal && facts.term && !facts.term->empty() && *facts.term != "dumb";
}

std::string Paint::operator()(Style style, std::string_view text) const {
    if (!colored_ || text.empty()) return std::string(text);
    std::string out(sequence_of(style));
    out += text;
    out += "\x1b[0m";
    return out;
}

}  // namespace corotrace
