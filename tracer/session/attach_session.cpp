// SPDX-License-Identifier: MIT
#include "tracer/session/attach_session.hpp"

#include <utility>

#include "cpython_layouts/block.hpp"
#include "tracer/findings/run_totals.hpp"
#include "tracer/probes/leftovers.hpp"
#include "tracer/probes/planted_probes.hpp"
#include "tracer/process/attach_obstacle.hpp"
#include "tracer/session/one_process.hpp"
#include "tracer/session/process_tree.hpp"
#include "tracer/session/supervisor.hpp"
#include "tracer/session/target_subject.hpp"
#include "tracer/session/warning_watch.hpp"

namespace corotrace {

namespace {

Result<std::vector<std::string>> describe_writes(TargetSubject& subject) {
    const pid_t pid = subject.pid;
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

Result<RunEnd> run_read_only(const AttachOptions& options, RunReport& report, const StopRequest& stop) {
    if (auto obstacle = find_attach_obstacle(options.pid, false)) return *std::move(obstacle);
    auto subject = prepare_target(options.pid, {.writable = false});
    if (!subject) return std::move(subject).error();
    SessionEnd end = WarningWatch(options, *subject, report, stop).run();
    RunEnd run;
    RunTotals totals;
    totals.add({.pid = options.pid, .generation = 1}, end.summary);
    run.total = totals.finish(end.summary.elapsed, end.summary.ended);
    run.targets.push_back(std::move(end));
    return run;
}

}  // namespace

Result<std::vector<std::string>> describe_attach(pid_t pid) {
    if (auto obstacle = find_attach_obstacle(pid)) return *std::move(obstacle);
    auto subject = prepare_target(pid, {.writable = false});
    if (!subject) return std::move(subject).error();
    auto lines = describe_writes(*subject);
    if (!lines) return explain_attach_error(pid, std::move(lines).error());
    return lines;
}

Result<RunEnd> run_attach(const AttachOptions& options, RunReport& report, const StopRequest& stop) {
    if (options.read_only) return run_read_only(options, report, stop);
    if (options.subprocesses) {
        ProcessTree tree(options);
        return Supervisor(tree, report, stop, options.duration).run();
    }
    OneProcess one(options);
    return Supervisor(one, report, stop, std::nullopt).run();
}

}  // namespace corotrace
