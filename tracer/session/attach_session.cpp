// SPDX-License-Identifier: MIT
#include "tracer/session/attach_session.hpp"

#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/runtime.hpp"
#include "tracer/probes/not_python.hpp"
#include "tracer/process/attach_obstacle.hpp"
#include "tracer/process/procfs.hpp"
#include "tracer/process/sandbox.hpp"
#include "tracer/process/tracer_thread.hpp"
#include "tracer/session/warning_watch.hpp"
#include "tracer/session/watch.hpp"

namespace corotrace {

namespace {

std::string cannot_attach(pid_t pid) {
    return "cannot attach to " + std::to_string(pid);
}

// The error as a whole message for a person. Some are one already.
Error explain(pid_t pid, Error error) {
    if (error.code == Errc::denied) return explain_attach_failure(pid, error.os_error);
    if (error.what.starts_with(cannot_attach(pid))) return error;
    return std::move(error).in(cannot_attach(pid));
}

// A signal whose default action is to be ignored, so that one sent while nobody traces does nothing. One that
// the program handles itself is never sent (see arch::make_stub), one that it blocks is second choice.
int choose_stop_signal(const ProcessStatus& status) {
    for (const int signal : {SIGURG, SIGWINCH}) {
        if (!status.caught.contains(signal) && !status.blocked.contains(signal)) return signal;
    }
    return status.caught.contains(SIGURG) ? SIGWINCH : SIGURG;
}

// Why the stub must not ask for stops in this process.
std::optional<std::string> find_reason_to_count_only(const ProcessStatus& status) {
    if (status.caught.contains(SIGURG) && status.caught.contains(SIGWINCH))
        return "the program handles both SIGURG and SIGWINCH itself";
    return find_own_sandbox(status);
}

AttachedFacts describe(pid_t pid, const WatchSubject& subject) {
    AttachedFacts facts{.pid = pid,
                        .pid_in_namespace = {},
                        .read_only = false,
                        .python = format_version(subject.python.version),
                        .executable = read_exe(pid).value_or(""),
                        .layout = std::string(subject.python.layout->name),
                        .threads = 0,
                        .interpreters = 0,
                        .took = {},
                        .notes = subject.python.notes};
    if (subject.pid_in_namespace != pid) facts.pid_in_namespace = subject.pid_in_namespace;
    const auto interpreters =
        read_interpreters(subject.memory, *subject.python.layout, subject.python.runtime);
    if (interpreters) facts.interpreters = interpreters->size();
    if (subject.counts_only) {
        facts.notes.push_back("drops are only counted, none is looked at: " + *subject.counts_only);
    } else if (subject.stop_signal != SIGURG) {
        facts.notes.emplace_back("stops with SIGWINCH: the program uses SIGURG");
    }
    return facts;
}

// Everything that can be found out while touching nothing.
Result<WatchSubject> prepare(pid_t pid, bool writable) {
    const auto began = std::chrono::steady_clock::now();
    CT_TRY(const auto status, read_process_status(pid));
    CT_TRY(auto memory, ProcessMemory::open(pid, writable));
    auto owned = std::make_unique<ProcessMemory>(std::move(memory));
    CT_TRY(auto symbols, SymbolIndex::open(pid, *owned));
    CT_TRY(auto python, find_python_process(pid, *owned, symbols));
    const ProcessMemory& target = *owned;
    WatchSubject subject{
        .memory_owner = std::move(owned),
        .memory = target,
        .symbols = std::move(symbols),
        .python = std::move(python),
        .facts = {},
        .counts_only = find_reason_to_count_only(status),
        .stop_signal = choose_stop_signal(status),
        .pid_in_namespace = status.namespace_pids.empty() ? pid : status.namespace_pids.back(),
        .group = nullptr,
        .inherits = false,
        .missed = {}};
    if (auto settled = settle_layout(*subject.memory_owner, subject.python); !settled) return settled.error();
    subject.facts = describe(pid, subject);
    subject.facts.took =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
    return subject;
}

Result<Watch::Leave> run_on_new_thread(Watch& watch, SeizeOption options) {
    std::optional<Result<Watch::Leave>> outcome;
    run_on_tracer_thread([&] { outcome.emplace(watch.run(options)); });
    return std::move(*outcome);
}

Result<SessionEnd> watch_subject(const AttachOptions& options, WatchSubject& subject, FindingSink& sink,
                                 const StopRequest& stop) {
    Watch watch(options, subject, sink, stop);
    // Who wants every drop in detail wants those of young threads too, whatever their creation costs.
    const auto first = options.every ? SeizeOption::kFollowThreads : SeizeOption::kNone;
    CT_TRY(auto left, run_on_new_thread(watch, first));
    while (left == Watch::Leave::kFollowThreads) {
        CT_TRY(left, run_on_new_thread(watch, SeizeOption::kFollowThreads));
    }
    return watch.finish();
}

Result<std::vector<std::string>> describe_writes(pid_t pid, WatchSubject& subject) {
    const std::string name = std::to_string(pid) + " (python " + subject.facts.python + ")";
    CT_TRY(const auto leftovers, find_leftovers(subject.memory, subject.symbols));
    if (!leftovers.empty()) {
        return std::vector{"would first remove from " + name +
                           " what a killed corotrace left; do so now by: corotrace detach " +
                           std::to_string(pid)};
    }
    const ProbeContext context{subject.memory, *subject.python.layout, subject.python, subject.symbols};
    CT_TRY(const auto plan, plan_probes(context));
    CT_TRY(const auto writes, plan_writes(pid, subject.memory, subject.symbols, plan));
    std::vector<std::string> lines{"would write into " + name + ", and put back at the end:"};
    for (const PlannedWrite& write : writes) {
        std::string line = "  " + to_hex(write.start) + "  " + std::to_string(write.bytes) + " bytes: ";
        lines.push_back(std::move(line) + write.what);
    }
    for (const std::string& note : subject.facts.notes) lines.push_back("note: " + note);
    for (const std::string& note : plan.notes) lines.push_back("note: " + note);
    return lines;
}

}  // namespace

std::string describe_end(EndReason reason) {
    switch (reason) {
        case EndReason::kDeadline:
            return "deadline";
        case EndReason::kMaxEvents:
            return "max events";
        case EndReason::kInterrupted:
            return "interrupted";
        case EndReason::kTerminated:
            return "terminated";
        case EndReason::kStopAsked:
            return "output closed";
        case EndReason::kTargetExited:
            return "target exited";
        case EndReason::kTargetExec:
            return "target replaced its program";
        case EndReason::kTargetLost:
            break;
    }
    return "target lost";
}

Result<std::vector<std::string>> describe_attach(pid_t pid) {
    if (auto obstacle = find_attach_obstacle(pid)) return *std::move(obstacle);
    auto subject = prepare(pid, /*writable=*/false);
    if (!subject) return explain(pid, std::move(subject).error());
    auto lines = describe_writes(pid, *subject);
    if (!lines) return explain(pid, std::move(lines).error());
    return lines;
}

Result<SessionEnd> run_attach(const AttachOptions& options, FindingSink& sink, const StopRequest& stop) {
    return run_attach(options, sink, stop, {});
}

Result<SessionEnd> run_attach(const AttachOptions& options, FindingSink& sink, const StopRequest& stop,
                              const Kinship& kinship) {
    if (auto obstacle = find_attach_obstacle(options.pid, !options.read_only)) return *std::move(obstacle);
    auto subject = prepare(options.pid, !options.read_only);
    if (!subject) return explain(options.pid, std::move(subject).error());
    subject->group = kinship.group;
    subject->inherits = kinship.inherits;
    subject->missed = kinship.missed;
    if (options.read_only) return WarningWatch(options, *subject, sink, stop).run();
    auto end = watch_subject(options, *subject, sink, stop);
    if (!end) return explain(options.pid, std::move(end).error());
    return end;
}

}  // namespace corotrace
