// SPDX-License-Identifier: MIT
#include "tracer/session/scan.hpp"

#include "symbols/live_image.hpp"
#include "symbols/process_memory.hpp"

namespace corotrace {

namespace {

template <typename Report>
Result<Report> look_at_process(const ScanOptions& options,
                               Result<Report> (*look)(const ProcessImage&, const std::string&,
                                                      const FindResident&, const ScanOptions&)) {
    const std::string what = "process " + std::to_string(options.pid);
    auto memory = ProcessMemory::open(options.pid, false);
    if (!memory && memory.error().code == Errc::gone) return Error{Errc::gone, 0, "no " + what};
    if (!memory && memory.error().code == Errc::denied) {
        return Error{Errc::denied, memory.error().os_error,
                     "cannot look at " + what +
                         ": its memory may not be read; run as root, or as its user where "
                         "kernel.yama.ptrace_scope is 0"};
    }
    if (!memory) return std::move(memory).error().in("cannot look at " + what);
    const LiveImage image(options.pid, *memory);
    const auto resident = [&](const Mapping& mapping) { return image.find_resident(mapping); };
    CT_TRY(auto report, look(image, what, resident, options));
    report.facts.pid = options.pid;
    return report;
}

}  // namespace

Result<HeldReport> scan_process(const ScanOptions& options) {
    return look_at_process<HeldReport>(options, scan_image);
}

Result<TaskReport> list_tasks(const ScanOptions& options) {
    return look_at_process<TaskReport>(options, list_tasks_of_image);
}

}  // namespace corotrace
