// SPDX-License-Identifier: MIT
#include "tracer/session/detach_session.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <unordered_set>
#include <utility>

#include "symbols/live_image.hpp"
#include "tracer/probes/leftovers.hpp"
#include "tracer/probes/not_python.hpp"
#include "tracer/probes/origin_tracking.hpp"
#include "tracer/process/attach_obstacle.hpp"
#include "tracer/process/event_pump.hpp"
#include "tracer/process/traced_threads.hpp"
#include "tracer/process/tracer_thread.hpp"

namespace corotrace {

namespace {

// A program may stop all the time, for signals of its own.
constexpr std::chrono::milliseconds kPumpAtMost{20};

// Signals that an old stub sends to its own thread are taken away; everything else passes.
void pump(const std::vector<Leftover>& leftovers, const std::unordered_set<pid_t>& threads) {
    EventPump pump;
    const auto enough = std::chrono::steady_clock::now() + kPumpAtMost;
    while (std::chrono::steady_clock::now() < enough) {
        const auto wake = pump.wait(std::chrono::nanoseconds::zero(), threads);
        if (!wake || !wake->event) return;
        StopEvent event = *wake->event;
        if (event.kind == StopKind::kSignal) {
            const auto registers = ptrace_read_registers(event.tid);
            const bool is_old = registers && std::ranges::any_of(leftovers, [&](const Leftover& one) {
                                    return one.stub.contains({registers->pc});
                                });
            const auto info = is_old ? ptrace_read_siginfo(event.tid) : Error{Errc::not_found, 0, ""};
            if (info && info->si_code == SI_TKILL) event.signal = 0;
        }
        pass_on(event);
    }
}

// What it set in thread states. Only this needs to know where Python is.
Status take_back_origins(pid_t pid, const ProcessMemory& memory, SymbolIndex& symbols,
                         const Leftover& leftover) {
    if (leftover.origin.steady <= 0) return {};
    CT_TRY(auto python, find_python_process(pid, memory, symbols));
    if (auto done = settle_layout(memory, python); !done) return done;
    return put_back_origins(memory, *python.layout, python.runtime, leftover.origin);
}

Result<DetachOutcome> remove_all(pid_t pid) {
    CT_TRY(const auto memory, ProcessMemory::open(pid, true));
    const LiveImage image(pid, memory);
    CT_TRY(auto symbols, SymbolIndex::open(image));
    CT_TRY(const auto threads, TracedThreads::attach(pid, SeizeOption::kNone));
    CT_TRY(const auto leftovers, find_leftovers(memory, symbols));
    if (is_watched(memory, leftovers, [&] { pump(leftovers, threads.all()); })) {
        return Error{
            Errc::unsupported, 0,
            "a corotrace watches it, without tracing it just now (see its option --hold); end that one"};
    }
    DetachOutcome outcome;
    for (const Leftover& leftover : leftovers) {
        auto done = take_back_origins(pid, memory, symbols, leftover);
        if (done) {
            const auto removed =
                remove_leftover(pid, memory, leftover, [&] { pump(leftovers, threads.all()); });
            if (!removed) done = removed.error();
        }
        if (done) ++outcome.removed;
        if (!done && done.error().code == Errc::gone) return done.error();
        if (!done) outcome.kept.push_back(done.error().what);
    }
    pump(leftovers, threads.all());
    return outcome;
}

}  // namespace

Result<DetachOutcome> run_detach(pid_t pid) {
    if (auto obstacle = find_attach_obstacle(pid)) return *std::move(obstacle);
    std::optional<Result<DetachOutcome>> outcome;
    const auto ran = run_on_tracer_thread([&] { outcome.emplace(remove_all(pid)); });
    if (!ran) return Error(ran.error()).in("cannot clean up " + std::to_string(pid));
    if (outcome->ok()) return std::move(*outcome);
    Error error = std::move(*outcome).error();
    if (error.code == Errc::denied) return explain_attach_failure(pid, error.os_error);
    return std::move(error).in("cannot clean up " + std::to_string(pid));
}

}  // namespace corotrace
