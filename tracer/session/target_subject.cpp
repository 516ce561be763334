// SPDX-License-Identifier: MIT
#include "tracer/session/target_subject.hpp"

#include <chrono>
#include <csignal>
#include <utility>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/registry.hpp"
#include "cpython_layouts/runtime.hpp"
#include "tracer/probes/not_python.hpp"
#include "tracer/process/attach_obstacle.hpp"
#include "tracer/process/procfs.hpp"
#include "tracer/process/sandbox.hpp"

namespace corotrace {

namespace {

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

AttachedFacts describe(const TargetSubject& subject) {
    AttachedFacts facts;
    facts.pid = subject.pid;
    facts.python = format_version(subject.python.version);
    facts.executable = read_exe(subject.pid).value_or("");
    facts.layout = std::string(subject.python.layout->name);
    facts.notes = subject.python.notes;
    if (subject.pid_in_namespace != subject.pid) facts.pid_in_namespace = subject.pid_in_namespace;
    const auto interpreters =
        read_interpreters(subject.memory, *subject.python.layout, subject.python.runtime);
    if (interpreters) facts.interpreters = interpreters->size();
    if (subject.counts_only) {
        facts.notes.push_back("drops are counted and noted by the stub, none is sampled: " +
                              *subject.counts_only);
    } else if (subject.stop_signal != SIGURG) {
        facts.notes.emplace_back("stops with SIGWINCH: the program uses SIGURG");
    }
    return facts;
}

template <typename T>
Result<T> explained(pid_t pid, Result<T> result) {
    if (!result) return explain_attach_error(pid, std::move(result).error());
    return result;
}

// As settle_layout(), of a process that stands: waiting would change nothing.
Status check_layout(const RemoteMemory& memory, PythonProcess& python) {
    CT_TRY(auto chosen, choose_layout(memory, python.version, python.runtime, python.coro_type));
    python.layout = std::make_unique<Layout>(std::move(chosen.layout));
    if (chosen.experimental) python.notes.push_back(chosen.note);
    return {};
}

std::optional<unsigned> count_filters(const ProcessStatus& status) {
    return status.seccomp.value_or(0) == 0 ? 0 : status.seccomp_filters.value_or(1);
}

}  // namespace

std::optional<unsigned> read_seccomp_filters(pid_t pid) {
    const auto status = read_process_status(pid);
    return status ? count_filters(*status) : std::nullopt;
}

Error explain_attach_error(pid_t pid, Error error) {
    if (error.code == Errc::denied) return explain_attach_failure(pid, error.os_error);
    if (error.code == Errc::gone) error.what = "it ended meanwhile";
    return std::move(error).in("cannot attach to " + std::to_string(pid));
}

Result<TargetSubject> prepare_target(pid_t pid, PrepareOptions options) {
    const auto began = std::chrono::steady_clock::now();
    CT_TRY(const auto status, explained(pid, read_process_status(pid)));
    CT_TRY(auto memory, explained(pid, ProcessMemory::open(pid, options.writable)));
    auto owned = std::make_unique<ProcessMemory>(std::move(memory));
    auto image = std::make_unique<LiveImage>(pid, *owned);
    CT_TRY(auto symbols, explained(pid, SymbolIndex::open(*image)));
    CT_TRY(auto python, explained(pid, find_python_process(pid, *owned, symbols)));
    const ProcessMemory& target = *owned;
    TargetSubject subject{
        .pid = pid,
        .memory_owner = std::move(owned),
        .image = std::move(image),
        .memory = target,
        .symbols = std::move(symbols),
        .python = std::move(python),
        .facts = {},
        .counts_only = find_reason_to_count_only(status),
        .seccomp_filters = count_filters(status),
        .stop_signal = choose_stop_signal(status),
        .pid_in_namespace = status.namespace_pids.empty() ? pid : status.namespace_pids.back()};
    auto settled = options.waits ? settle_layout(*subject.memory_owner, subject.python)
                                 : check_layout(*subject.memory_owner, subject.python);
    if (!settled) return explain_attach_error(pid, std::move(settled).error());
    subject.facts = describe(subject);
    subject.facts.took =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
    return subject;
}

}  // namespace corotrace
