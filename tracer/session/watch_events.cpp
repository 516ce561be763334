// SPDX-License-Identifier: MIT
// What a Watch does with the stops and signals of the target's threads.
#include <algorithm>
#include <csignal>
#include <utility>

#include "tracer/session/watch.hpp"

namespace corotrace {

namespace {

constexpr std::chrono::milliseconds kPendingAtMost{20};

}  // namespace

// Only now, for being the tracer keeps every other corotrace away.
void Watch::clear_leftovers() {
    const auto found = find_leftovers(subject_.memory, subject_.symbols);
    if (!found) return;
    for (const Leftover& leftover : *found) {
        old_stubs_.push_back(leftover.stub);
        auto done = corotrace::put_back_origins(subject_.memory, *subject_.python.layout,
                                                subject_.python.runtime, leftover.origin);
        if (done) {
            done = remove_leftover(options_.pid, subject_.memory, leftover, [this] { pump_pending(); });
        }
        if (done && subject_.inherits) continue;
        subject_.facts.notes.push_back(done ? "removed what an earlier corotrace, killed, had left behind"
                                            : "what an earlier corotrace, killed, had left behind stays: " +
                                                  done.error().what);
    }
}

// A program whose threads stop all the time, for signals of its own, always has one pending.
void Watch::pump_pending() {
    const auto enough = Clock::now() + kPendingAtMost;
    while (target_alive_ && pump_ && Clock::now() < enough) {
        const auto wake = pump_->wait(Clock::duration::zero(), threads_->all());
        if (!wake) target_alive_ = false;
        if (wake && wake->signal)
            end(*wake->signal == SIGINT ? EndReason::kInterrupted : EndReason::kTerminated);
        if (wake && wake->event) handle(*wake->event);
        if (!wake || (!wake->event && !wake->signal)) return;
    }
}

void Watch::handle(const StopEvent& event) {
    switch (event.kind) {
        case StopKind::kSignal:
            handle_signal(event);
            return;
        case StopKind::kGroupStop:
            static_cast<void>(ptrace_listen(event.tid));
            return;
        case StopKind::kTrap:
            if (!threads_->is_of_target(event.tid)) {
                static_cast<void>(ptrace_let_go(event.tid));
                return;
            }
            threads_->add(event.tid);
            break;
        case StopKind::kClone:
            break;
        case StopKind::kExec:
            target_alive_ = false;
            end(EndReason::kTargetExec);
            break;
        case StopKind::kExiting:
            // The last look at the counters: drops at interpreter shutdown are behind us, the memory not yet.
            saw_last_counts_ = probes_ && read_totals();
            break;
        case StopKind::kExited:
        case StopKind::kKilled:
            threads_->forget(event.tid);
            if (event.tid == options_.pid) {
                target_alive_ = false;
                how_ended_ = event;
                end(EndReason::kTargetExited);
            }
            return;
    }
    static_cast<void>(ptrace_resume(event.tid, 0));
}

bool Watch::is_our_stop(const StopEvent& event, const arch::Registers& registers) const {
    if (!probes_) return false;
    const RemoteAddr pc{registers.pc};
    if (pc != probes_->stop_pc() && pc != probes_->unblocked_pc()) return false;
    const auto info = ptrace_read_siginfo(event.tid);
    return info && info->si_code == SI_TKILL && info->si_pid == subject_.pid_in_namespace;
}

bool Watch::is_old_stop(const StopEvent& event, const arch::Registers& registers) const {
    const bool is_inside = std::ranges::any_of(
        old_stubs_, [&](const AddressRange& stub) { return stub.contains({registers.pc}); });
    if (!is_inside) return false;
    const auto info = ptrace_read_siginfo(event.tid);
    return info && info->si_code == SI_TKILL && info->si_pid == subject_.pid_in_namespace;
}

void Watch::handle_signal(const StopEvent& event) {
    const auto noticed = Clock::now();
    if (event.signal == subject_.stop_signal) {
        const auto registers = ptrace_read_registers(event.tid);
        if (registers && is_our_stop(event, *registers)) {
            handle_drop(event.tid, *registers, noticed);
            return;
        }
        if (registers && is_old_stop(event, *registers)) {
            static_cast<void>(ptrace_resume(event.tid, 0));
            return;
        }
        // Somebody else's, for a thread that has it blocked but for this moment: back to the pending ones.
        if (registers && probes_ && RemoteAddr{registers->pc} == probes_->unblocked_pc()) {
            static_cast<void>(ptrace_block_signal(event.tid, event.signal));
        }
    }
    static_cast<void>(ptrace_resume(event.tid, event.signal));
}

}  // namespace corotrace
