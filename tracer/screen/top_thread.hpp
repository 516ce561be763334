// SPDX-License-Identifier: MIT
// TopThread: shows a run while it goes on, from a thread of its own, so that no terminal holds up the thread
// that resumes a target: full screen, or a table now and then. It looks at LiveCounts by itself and asks for
// the end where a key does.
#pragma once

#include <signal.h>

#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include "symbols/doorbell.hpp"
#include "symbols/result.hpp"
#include "symbols/unique_fd.hpp"
#include "tracer/findings/live_counts.hpp"
#include "tracer/findings/stop_request.hpp"
#include "tracer/report/report_writer.hpp"
#include "tracer/screen/top_view.hpp"

namespace corotrace {

class TerminalScreen;

class TopThread {
public:
    // These are blocked in every thread while a full screen is shown: this thread takes them.
    static constexpr std::array kSignals{SIGWINCH, SIGTSTP, SIGCONT, SIGHUP, SIGQUIT};

    struct Options {
        bool full_screen = false;
        std::chrono::milliseconds interval{1000};  // from one drawing, or table, to the next
        TopView::Options view;
    };

    // What it is given outlives it. `tables` gets the tables where there is no full screen. Nothing is shown
    // before a target was attached to.
    TopThread(Options options, const LiveCounts& counts, ReportWriter& tables, StopRequest& stop);
    TopThread(const TopThread&) = delete;
    TopThread& operator=(const TopThread&) = delete;
    ~TopThread();

    // The terminal is as it was; once. Errors: io, unsupported (there was no full screen).
    [[nodiscard]] Status finish();

private:
    void run_guarded();
    void run();
    [[nodiscard]] Status run_screen();
    void run_tables();
    // False: it ends.
    [[nodiscard]] bool wait_for_target();
    [[nodiscard]] bool take_keys(TerminalScreen& screen, TopView& view, short events);
    void take_signals(TerminalScreen& screen, TopView& view);
    void suspend(TerminalScreen& screen);

    const Options options_;
    const LiveCounts& counts_;
    ReportWriter& tables_;
    StopRequest& stop_;
    Status outcome_;  // of the thread, once it has ended
    std::atomic<bool> ending_{false};
    Doorbell wake_;
    UniqueFd signals_;
    std::thread thread_;
};

}  // namespace corotrace
