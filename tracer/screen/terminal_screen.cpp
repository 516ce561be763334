// SPDX-License-Identifier: MIT
#include "tracer/screen/terminal_screen.hpp"

#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <utility>

// Functions, not macros of names like move and clear.
#define NCURSES_NOMACROS
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <term.h>
#undef columns
#undef lines

#include "symbols/unique_fd.hpp"
#include "symbols/utf8.hpp"

namespace corotrace {
namespace {

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

File open_copy(int fd, const char* mode) {
    UniqueFd copy(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
    if (!copy.is_open()) return nullptr;
    File file(::fdopen(copy.get(), mode));
    if (file) (void)copy.release();
    return file;
}

// ncurses takes some signals for itself; that is the business of whoever owns the screen. SIGTSTP it even
// ignores during each wrefresh(), which loses one that waits, unless it finds another handler when it begins.
class KeptSignals {
public:
    KeptSignals() {
        struct sigaction other {};
        other.sa_handler = [](int) {};
        for (std::size_t i = 0; i < kNumbers.size(); ++i) ::sigaction(kNumbers[i], &other, &before_[i]);
    }
    KeptSignals(const KeptSignals&) = delete;
    KeptSignals& operator=(const KeptSignals&) = delete;
    ~KeptSignals() {
        for (std::size_t i = 0; i < kNumbers.size(); ++i) ::sigaction(kNumbers[i], &before_[i], nullptr);
    }

private:
    static constexpr std::array kNumbers{SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
    std::array<struct sigaction, kNumbers.size()> before_{};
};

// Text is UTF-8 whatever the environment says, as in the reports; of this thread only.
class Utf8Locale {
public:
    Utf8Locale() : own_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
        if (own_ != nullptr) before_ = ::uselocale(own_);
    }
    Utf8Locale(const Utf8Locale&) = delete;
    Utf8Locale& operator=(const Utf8Locale&) = delete;
    ~Utf8Locale() {
        if (own_ == nullptr) return;
        ::uselocale(before_);
        ::freelocale(own_);
    }

private:
    locale_t own_;
    locale_t before_ = nullptr;
};

std::wstring to_wide(std::string_view text) {
    std::wstring wide;
    while (!text.empty()) {
        const auto next = decode_utf8(text);
        wide += next ? static_cast<wchar_t>(next->code_point) : L'?';
        text.remove_prefix(next ? next->bytes : 1);
    }
    return wide;
}

attr_t attributes_of(LineStyle style) {
    switch (style) {
        case LineStyle::kPlain:
            return A_NORMAL;
        case LineStyle::kTitle:
            return A_BOLD;
        case LineStyle::kHeading:
            return A_UNDERLINE;
        case LineStyle::kSelected:
            return A_REVERSE;
        case LineStyle::kHint:
            return A_DIM;
    }
    return A_NORMAL;
}

ScreenKey key_of(int read) {
    switch (read) {
        case KEY_UP:
        case 'k':
            return ScreenKey::kUp;
        case KEY_DOWN:
        case 'j':
            return ScreenKey::kDown;
        case KEY_PPAGE:
            return ScreenKey::kPageUp;
        case KEY_NPAGE:
            return ScreenKey::kPageDown;
        case KEY_HOME:
            return ScreenKey::kHome;
        case KEY_END:
            return ScreenKey::kEnd;
        case KEY_RIGHT:
            return ScreenKey::kOpen;
        case KEY_LEFT:
            return ScreenKey::kClose;
        case KEY_ENTER:
        case '\r':
        case '\n':
            return ScreenKey::kToggle;
        case 's':
            return ScreenKey::kSort;
        case 'p':
        case ' ':
            return ScreenKey::kPause;
        case '?':
        case 'h':
            return ScreenKey::kHelp;
        case 'q':
            return ScreenKey::kQuit;
        default:
            return ScreenKey::kNone;
    }
}

}  // namespace

struct TerminalScreen::Curses {
    Utf8Locale locale;
    File out;
    File in;
    SCREEN* screen = nullptr;

    Curses() = default;
    Curses(const Curses&) = delete;
    Curses& operator=(const Curses&) = delete;
    ~Curses() {
        if (screen == nullptr) return;
        ::tcflow(::fileno(out.get()), TCOON);  // after Ctrl-S the terminal would never hear of its end
        ::endwin();
        ::delscreen(screen);
    }
};

TerminalScreen::TerminalScreen(std::unique_ptr<Curses> curses) : curses_(std::move(curses)) {}
TerminalScreen::TerminalScreen(TerminalScreen&&) noexcept = default;
TerminalScreen::~TerminalScreen() = default;

bool TerminalScreen::is_known(const std::string& term, int fd) {
    int found = 0;
    if (::setupterm(term.c_str(), fd, &found) != OK) return false;
    ::del_curterm(::cur_term);
    return true;
}

Result<TerminalScreen> TerminalScreen::open() {
    auto curses = std::make_unique<Curses>();
    curses->out = open_copy(STDOUT_FILENO, "w");
    const UniqueFd keyboard(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
    if (keyboard.is_open()) curses->in = open_copy(keyboard.get(), "r");
    if (!curses->out || !curses->in) return Error{Errc::io, errno, "the terminal cannot be opened"};
    {
        const KeptSignals kept;
        curses->screen = ::newterm(nullptr, curses->out.get(), curses->in.get());
    }
    if (curses->screen == nullptr) return Error{Errc::unsupported, 0, "the terminal is not known"};
    ::cbreak();
    ::noecho();
    ::nonl();
    ::keypad(stdscr, TRUE);
    ::nodelay(stdscr, TRUE);
    ::set_escdelay(25);  // ms that the rest of a key's sequence may take
    ::curs_set(0);
    TerminalScreen screen(std::move(curses));
    screen.resize();
    return screen;
}

int TerminalScreen::fd() const {
    return ::fileno(curses_->in.get());
}

ScreenSize TerminalScreen::size() const {
    return {.rows = static_cast<std::size_t>(::getmaxy(stdscr)),
            .columns = static_cast<std::size_t>(::getmaxx(stdscr))};
}

std::optional<ScreenKey> TerminalScreen::read_key() {
    constexpr int kFormFeed = 0x0c;  // Ctrl-L, by which screens have always been drawn anew
    const int key = ::wgetch(stdscr);
    if (key == ERR) return std::nullopt;
    if (key == kFormFeed) ::clearok(stdscr, TRUE);
    return key_of(key);
}

void TerminalScreen::draw(const std::vector<ScreenLine>& lines) {
    pollfd ready{::fileno(curses_->out.get()), POLLOUT, 0};
    if (::poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0) return;
    ::werase(stdscr);
    int y = 0;
    for (const ScreenLine& line : lines) {
        if (::wmove(stdscr, y, 0) == ERR) break;
        ::wattrset(stdscr, static_cast<int>(attributes_of(line.style)));
        const std::wstring text = to_wide(line.text);
        ::waddnwstr(stdscr, text.c_str(), static_cast<int>(text.size()));
        // What is told by reverse and underlined goes to the end of the line.
        if (line.style != LineStyle::kPlain && ::getcury(stdscr) == y)
            ::mvwchgat(stdscr, y, 0, -1, attributes_of(line.style), 0, nullptr);
        ++y;
    }
    ::wattrset(stdscr, static_cast<int>(A_NORMAL));
    ::wrefresh(stdscr);
}

void TerminalScreen::resize() {
    winsize size{};
    if (::ioctl(::fileno(curses_->out.get()), TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
        return;
    ::resizeterm(size.ws_row, size.ws_col);
}

void TerminalScreen::leave() {
    ::endwin();
}

// wrefresh() takes the terminal over again.
void TerminalScreen::come_back() {
    resize();
    ::clearok(stdscr, TRUE);
}

}  // namespace corotrace
