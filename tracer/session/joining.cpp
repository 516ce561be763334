// SPDX-License-Identifier: MIT
#include "tracer/session/joining.hpp"

#include <unistd.h>

#include <memory>
#include <string>
#include <utility>

#include "tracer/process/attach_obstacle.hpp"
#include "tracer/process/procfs.hpp"

namespace corotrace {

namespace {

SessionSetup make_setup(const TargetId& id, const Candidate& candidate, const TargetSubject& subject) {
    return {.id = id,
            .options = candidate.options,
            .facts = subject.facts,
            .stop_signal = subject.stop_signal,
            .pid_in_namespace = subject.pid_in_namespace,
            .counts_only = subject.counts_only,
            .seccomp_filters = subject.seccomp_filters,
            .inherits = candidate.inherits,
            .is_held = candidate.is_held,
            .missed = candidate.missed};
}

// By a tracer thread of ours that could not attach to it before, or started it.
bool is_traced_by_us(pid_t pid) {
    const auto status = read_process_status(pid);
    if (!status || status->tracer == 0) return false;
    const std::string path = "/proc/self/task/" + std::to_string(status->tracer);
    return ::access(path.c_str(), F_OK) == 0;
}

}  // namespace

Result<JoiningTarget> prepare_joining(const Candidate& candidate, std::uint32_t generation) {
    const pid_t pid = candidate.options.pid;
    if (!candidate.is_held) {
        auto obstacle = find_attach_obstacle(pid, candidate.options.hold != HoldMode::kNever);
        if (obstacle && !is_traced_by_us(pid)) return *std::move(obstacle);
    }
    // What is held does not change by waiting for it.
    auto subject = prepare_target(pid, {.writable = true, .waits = !candidate.is_held});
    if (!subject) return std::move(subject).error();
    SessionSetup setup = make_setup({pid, generation}, candidate, *subject);
    auto process = std::make_unique<ProcessTarget>(std::move(subject).value(), candidate.options);
    return JoiningTarget{
        .process = std::move(process), .setup = std::move(setup), .is_essential = candidate.is_essential};
}

}  // namespace corotrace
