// SPDX-License-Identifier: MIT
#include "tracer/session/scan.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <thread>

#include "symbols/core_image.hpp"
#include "symbols/live_image.hpp"
#include "symbols/paced_memory.hpp"
#include "symbols/process_memory.hpp"
#include "symbols/safe_open.hpp"
#include "tracer/process/attach_obstacle.hpp"
#include "tracer/process/freeze.hpp"
#include "tracer/session/block_reading.hpp"
#include "tracer/session/scan_subject.hpp"

namespace corotrace {

namespace {

constexpr std::chrono::seconds kStopWithin{5};

Result<std::unique_ptr<Freeze>> stop_process(pid_t pid) {
    if (auto obstacle = find_attach_obstacle(pid)) return *std::move(obstacle);
    auto freeze = Freeze::make(pid, kStopWithin);
    if (freeze) return freeze;
    if (freeze.error().code == Errc::denied) return explain_attach_failure(pid, freeze.error().os_error);
    return std::move(freeze).error().in("cannot stop process " + std::to_string(pid));
}

// A limit is kept by one as well as by two. Source of the number: sched_getaffinity(2), by way of the
// library.
ScanThreads choose_threads(const ScanOptions& options) {
    const bool pays = options.max_bandwidth == 0 && std::thread::hardware_concurrency() > 1;
    return pays ? ScanThreads::kTwo : ScanThreads::kOne;
}

template <typename Report>
using Look = Result<Report> (*)(const ProcessImage& image, const std::string& what,
                                const FindResident& resident, const ScanOptions& options);

template <typename Report>
Result<Report> look_at_process(const ScanOptions& options, Look<Report> look) {
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
    const PacedMemory paced(*memory, {.bytes_per_second = options.max_bandwidth, .goes_on = options.goes_on});
    const LiveImage image(options.pid, paced);
    const auto resident = [&](const Mapping& mapping) { return image.find_resident(mapping); };
    ScanOptions inner = options;
    inner.threads = choose_threads(options);
    std::unique_ptr<Freeze> freeze;
    std::optional<std::chrono::microseconds> stopped;
    if (options.freezes) {
        CT_TRY(freeze, stop_process(options.pid));
        inner.thaw = [&] {
            if (!stopped) stopped = freeze->release();
        };
    }
    CT_TRY(auto report, look(image, what, resident, inner));
    if (inner.thaw) inner.thaw();
    report.facts.pid = options.pid;
    report.facts.stopped = stopped;
    return report;
}

// Whole phrases: where the core itself is damaged, and which files would tell more.
std::vector<std::string> describe_what_is_missing(const CoreImage& image) {
    constexpr std::size_t kNamed = 8;
    std::vector<std::string> phrases;
    for (const std::string& complaint : image.complaints()) {
        phrases.push_back("the core file is damaged: " + complaint);
    }
    if (const std::uint64_t bytes = image.core().cut_bytes(); bytes > 0) {
        phrases.push_back("the core file is cut off: " + std::to_string(bytes) +
                          " bytes of memory that it should hold are missing");
    }
    const std::vector<MissingFile> files = image.files().missing();
    for (std::size_t i = 0; i < std::min(files.size(), kNamed); ++i) {
        const auto& id = files[i].build_id;
        phrases.push_back("missing: " + files[i].path + (id ? " (build id " + *id + ")" : "") + ": " +
                          files[i].why);
    }
    if (files.empty()) return phrases;
    if (files.size() > kNamed) phrases.push_back(std::to_string(files.size() - kNamed) + " more are missing");
    phrases.emplace_back(
        "give a folder that holds them as they were: --root DIR; or fetch one by its build id: "
        "debuginfod-find executable BUILD_ID");
    return phrases;
}

template <typename Report>
Result<Report> look_at_core(const CoreOptions& core, ScanOptions options, Look<Report> look) {
    const std::string what = "core file " + core.path;
    const std::string cannot = "cannot look at " + what;
    UniqueFd fd = open_regular(core.path);
    if (!fd.is_open()) return Error{Errc::io, errno, cannot + ": it cannot be opened, or is no file"};
    auto image = CoreImage::open(std::move(fd), core.search);
    if (!image) {
        return image.error().code == Errc::usage ? std::move(image).error()
                                                 : std::move(image).error().in(cannot);
    }
    // Nothing in it changes, so one look tells all.
    options.looks = 1;
    const auto resident = [](const Mapping& mapping) {
        return std::vector<AddressSpan>{{mapping.start, mapping.end}};
    };
    auto report = look(**image, what, resident, options);
    std::vector<std::string> lacking = describe_what_is_missing(**image);
    if (!report) {
        Error error = std::move(report).error();
        for (const std::string& one : lacking) error.what += "; " + one;
        return error;
    }
    report->facts.core = core.path;
    report->facts.program = (*image)->files().program_path();
    report->facts.pid = (*image)->core().notes().pid;
    report->facts.threads = (*image)->core().notes().threads;
    std::ranges::move(lacking, std::back_inserter(report->facts.notes));
    return report;
}

Result<HeldReport> scan_core(const ProcessImage& image, const std::string& what, const FindResident& resident,
                             const ScanOptions& options) {
    CT_TRY(auto report, scan_image(image, what, resident, options));
    CT_TRY(auto subject, open_subject(image, what, resident));
    report.watched = read_blocks(subject, image);
    return report;
}

}  // namespace

Result<HeldReport> scan_process(const ScanOptions& options) {
    if (options.core) return look_at_core<HeldReport>(*options.core, options, scan_core);
    return look_at_process<HeldReport>(options, scan_image);
}

Result<TaskReport> list_tasks(const ScanOptions& options) {
    if (options.core) return look_at_core<TaskReport>(*options.core, options, list_tasks_of_image);
    return look_at_process<TaskReport>(options, list_tasks_of_image);
}

}  // namespace corotrace
