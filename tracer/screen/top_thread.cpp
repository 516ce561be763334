// SPDX-License-Identifier: MIT
#include "tracer/screen/top_thread.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <span>
#include <string>
#include <utility>

#include "tracer/screen/terminal_screen.hpp"

namespace corotrace {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kFirstLook{20};  // whether there is a target, again and again
constexpr std::size_t kTableSites = 20;

sigset_t set_of(std::span<const int> signals) {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int number : signals) ::sigaddset(&set, number);
    return set;
}

int until(Clock::time_point time) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(time - Clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

}  // namespace

TopThread::TopThread(Options options, const LiveCounts& counts, ReportWriter& tables, StopRequest& stop)
    : options_(std::move(options)), counts_(counts), tables_(tables), stop_(stop) {
    const sigset_t set = set_of(kSignals);
    if (options_.full_screen) signals_ = UniqueFd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    thread_ = std::thread([this] { run_guarded(); });
}

TopThread::~TopThread() {
    if (thread_.joinable()) (void)finish();
}

Status TopThread::finish() {
    ending_ = true;
    // If it is not heard the thread looks by itself, an interval later.
    wake_.ring();
    thread_.join();
    return outcome_;
}

// Uncaught, what it throws would end the process, with everything planted in a target.
void TopThread::run_guarded() {
    try {
        run();
    } catch (const std::exception& error) {
        outcome_ = Error{Errc::internal, 0, std::string("showing it failed: ") + error.what()};
    }
    if (!outcome_) stop_.ask();
}

void TopThread::run() {
    if (!wait_for_target()) return;
    if (options_.full_screen) {
        outcome_ = run_screen();
    } else {
        run_tables();
    }
}

bool TopThread::wait_for_target() {
    while (!ending_) {
        if (counts_.snapshot().began > 0) return true;
        pollfd wake{wake_.fd(), POLLIN, 0};
        ::poll(&wake, 1, static_cast<int>(kFirstLook.count()));
    }
    return false;
}

void TopThread::run_tables() {
    TopRates rates;
    Clock::time_point next = Clock::now() + options_.interval;
    // So that the first table has rates.
    (void)rates.add(counts_.snapshot(), Clock::now());
    while (!ending_) {
        pollfd wake{wake_.fd(), POLLIN, 0};
        if (::poll(&wake, 1, until(next)) > 0 || Clock::now() < next) continue;
        next += options_.interval;
        tables_.write(
            format_top_table(rates.add(counts_.snapshot(), Clock::now()), options_.view.own, kTableSites));
    }
}

Status TopThread::run_screen() {
    auto opened = TerminalScreen::open();
    if (!opened) return std::move(opened).error();
    TerminalScreen screen = std::move(opened).value();
    TopView view(options_.view);
    TopRates rates;
    Clock::time_point next = Clock::now();
    bool has_keys = true;
    while (!ending_) {
        if (Clock::now() >= next) {
            view.update(rates.add(counts_.snapshot(), Clock::now()));
            next = Clock::now() + options_.interval;
        }
        view.resize(screen.size());
        screen.draw(view.render());
        std::array<pollfd, 3> fds{
            {{wake_.fd(), POLLIN, 0}, {signals_.get(), POLLIN, 0}, {has_keys ? screen.fd() : -1, POLLIN, 0}}};
        if (::poll(fds.data(), fds.size(), until(next)) <= 0) continue;
        if (fds[1].revents != 0) take_signals(screen, view);
        if (fds[2].revents != 0) has_keys = take_keys(screen, view, fds[2].revents);
    }
    return {};
}

// False: nobody is there any more to press any.
bool TopThread::take_keys(TerminalScreen& screen, TopView& view, short events) {
    if ((events & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
        stop_.ask();
        return false;
    }
    while (const auto key = screen.read_key()) view.press(*key);
    if (view.wants_end()) stop_.ask();
    return true;
}

void TopThread::take_signals(TerminalScreen& screen, TopView& view) {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
        switch (info.ssi_signo) {
            case SIGTSTP:
                suspend(screen);
                break;
            case SIGCONT:
                screen.come_back();
                break;
            case SIGWINCH:
                screen.resize();
                break;
            default:  // SIGHUP, SIGQUIT
                stop_.ask();
        }
    }
    view.resize(screen.size());
}

// As by default, which the kernel leaves out where nobody could continue us.
void TopThread::suspend(TerminalScreen& screen) {
    screen.leave();
    const std::array<int, 1> number{SIGTSTP};
    const sigset_t set = set_of(number);
    ::raise(SIGTSTP);
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    screen.come_back();
}

}  // namespace corotrace
