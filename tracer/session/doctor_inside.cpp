// SPDX-License-Identifier: MIT
// What of the process itself bears on attaching: its files, its Python, the room in its memory.
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <string>
#include <utility>

#include "cpython_layouts/block.hpp"
#include "symbols/escape.hpp"
#include "symbols/live_image.hpp"
#include "tracer/probes/leftovers.hpp"
#include "tracer/probes/not_python.hpp"
#include "tracer/probes/planted_probes.hpp"
#include "tracer/process/sandbox.hpp"
#include "tracer/session/doctor.hpp"
#include "tracer/session/doctor_parts.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMostNamed = 3;

Check make(std::string id, std::string why) {
    return {.id = std::move(id),
            .state = CheckState::kUnknown,
            .found = "not checked",
            .why = std::move(why),
            .fix = ""};
}

// In the order in which one rests on the other: what an obstacle keeps from being done stays unknown.
struct Inside {
    Check files = make("files",
                       "a file that was deleted or replaced is read from memory as far as that goes; "
                       "a restarted process would run another build");
    Check interpreter =
        make("interpreter", "corotrace reads CPython from 3.8 on, by a table for each version");
    Check layout = make("layout", "the table is held against live objects before anything is trusted");
    Check leftovers = make("leftovers", "what a killed corotrace left is taken out before a new one begins");
    Check sandbox = make("target_seccomp",
                         "a filter of the process's own may end it for the calls that a stop "
                         "needs; then drops are only counted");
    Check signals = make("stop_signal", "a stop is requested by a signal that the program does not use");
    Check room = make("room", "counters and code go into unused bytes of its memory");
    Check probes = make("probes", "these pointers would be redirected, and put back at the end");
    Check coverage = make("coverage", "a second count, of Python's own warnings, proves the first one");

    [[nodiscard]] std::vector<Check> all() const {
        return {files, interpreter, layout, leftovers, sandbox, signals, room, probes, coverage};
    }
};

void pass(Check& check, std::string found) {
    check.state = CheckState::kOk;
    check.found = std::move(found);
}

void weaken(Check& check, std::string found, std::string fix = "") {
    check.state = CheckState::kWeaker;
    check.found = std::move(found);
    check.fix = std::move(fix);
}

void block(Check& check, std::string found, std::string fix = "") {
    check.state = CheckState::kObstacle;
    check.found = std::move(found);
    check.fix = std::move(fix);
}

// Another file stands under that name now. On file systems with devices of their own for each mount
// (overlayfs, btrfs) maps and stat(2) differ in the device alone.
bool is_replaced(pid_t pid, const Module& module) {
    struct stat info {};
    const std::string path = "/proc/" + std::to_string(pid) + "/root" + module.path;
    return ::stat(path.c_str(), &info) == 0 && info.st_ino != module.inode;
}

void look_at_files(Check& check, pid_t pid, const MemoryMap& map) {
    std::vector<std::string> names;
    for (const Module& module : map.modules()) {
        if (!module.may_be_loaded() || !module.path.starts_with('/')) continue;
        if (module.deleted || is_replaced(pid, module)) names.push_back(printable(module.path));
    }
    if (names.empty()) return pass(check, "the files that it runs are still there");
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), kMostNamed); ++i)
        text += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > kMostNamed) text += " and " + std::to_string(names.size() - kMostNamed) + " more";
    weaken(check, "deleted or replaced since it began: " + text, "# restart the service when it suits");
}

void look_at_leftovers(Check& check, pid_t pid, const ProcessMemory& memory, SymbolIndex& symbols) {
    const auto found = find_leftovers(memory, symbols);
    if (!found) {
        check.found = printable(found.error().what);
    } else if (found->empty()) {
        pass(check, "none");
    } else {
        weaken(check, std::to_string(found->size()) + " of a corotrace that was killed",
               "corotrace detach " + std::to_string(pid));
    }
}

void look_at_signals(Check& check, const ProcessStatus& status) {
    const bool uses_urg = status.caught.contains(SIGURG) || status.blocked.contains(SIGURG);
    if (!uses_urg) return pass(check, "SIGURG");
    if (!status.caught.contains(SIGWINCH) && !status.blocked.contains(SIGWINCH))
        return pass(check, "SIGWINCH, for the program uses SIGURG");
    if (status.caught.contains(SIGURG) && status.caught.contains(SIGWINCH))
        return weaken(check, "the program handles both SIGURG and SIGWINCH itself: drops are only counted");
    pass(check, status.caught.contains(SIGURG) ? "SIGWINCH, which is blocked at times"
                                               : "SIGURG, which is blocked at times");
}

void look_at_coverage(Check& check, const ProbePlan& plan, const Inside& inside) {
    const bool is_checked = std::any_of(plan.slots.begin(), plan.slots.end(), [](const SlotPlan& slot) {
        return slot.kind == ProbeKind::kWarning && !slot.slot.is_null();
    });
    const bool counts_only =
        inside.sandbox.state == CheckState::kWeaker || inside.signals.state == CheckState::kWeaker;
    std::string notes;
    for (const std::string& note : plan.notes) notes += "; " + printable(note);
    if (!is_checked) return weaken(check, "counted once, without a second count to prove it" + notes);
    if (counts_only) return weaken(check, "two counts, but no drop is sampled" + notes);
    pass(check, "two counts, and drops are sampled" + notes);
}

// Whether probes can be planted, and where. Returns what forbids it.
std::optional<Errc> look_at_probes(Inside& inside, pid_t pid, const ProcessMemory& memory,
                                   SymbolIndex& symbols, const PythonProcess& python) {
    const auto plan = plan_probes({memory, *python.layout, python, symbols});
    if (!plan) {
        block(inside.probes, printable(plan.error().what),
              "corotrace attach --read-only --pid " + std::to_string(pid));
        return plan.error().code;
    }
    const auto writes = plan_writes(pid, memory, symbols, *plan);
    if (!writes && inside.leftovers.state == CheckState::kWeaker) {
        inside.room.found = "taken by what was left; it is looked for again when that is gone";
        return std::nullopt;
    }
    if (!writes) {
        block(inside.room, printable(writes.error().what),
              "corotrace attach --read-only --pid " + std::to_string(pid));
        return writes.error().code;
    }
    std::string room;
    std::string probes;
    for (std::size_t i = 0; i < writes->size(); ++i) {
        const PlannedWrite& write = (*writes)[i];
        const bool is_room = i < 2;  // counters and code come first
        std::string& text = is_room ? room : probes;
        text += (text.empty() ? "" : "; ") + printable(write.what) + " at " + to_hex(write.start);
        if (is_room) text += " (" + std::to_string(write.bytes) + " bytes)";
    }
    pass(inside.room, std::move(room));
    pass(inside.probes, std::move(probes));
    look_at_coverage(inside.coverage, *plan, inside);
    return std::nullopt;
}

std::optional<Errc> look_inside(Inside& inside, const AttachFacts& facts) {
    const pid_t pid = facts.pid;
    const auto memory = ProcessMemory::open(pid, false);
    if (!memory) {
        inside.interpreter.found = printable(memory.error().what);
        return memory.error().code;
    }
    const LiveImage image(pid, *memory);
    auto symbols = SymbolIndex::open(image);
    if (!symbols) {
        inside.interpreter.found = printable(symbols.error().what);
        return symbols.error().code;
    }
    look_at_files(inside.files, pid, symbols->memory_map());
    const auto sandbox = find_own_sandbox(*facts.target);
    if (sandbox)
        weaken(inside.sandbox, *sandbox + ": drops are only counted");
    else
        pass(inside.sandbox, "no filter of its own");
    look_at_signals(inside.signals, *facts.target);
    auto python = find_python_process(pid, *memory, *symbols);
    if (!python) {
        block(inside.interpreter, printable(python.error().what), "corotrace list");
        return python.error().code;
    }
    const std::string version = "CPython " + format_version(python->version);
    std::string notes;
    for (const std::string& note : python->notes) notes += "; " + printable(note);
    pass(inside.interpreter, version + " in " + printable(python->module->path()) + notes);
    if (auto settled = settle_layout(*memory, *python); !settled) {
        block(inside.layout, printable(settled.error().what),
              "# run a released CPython, or a corotrace that is newer than it");
        return settled.error().code;
    }
    pass(inside.layout, std::string(python->layout->name) + " fits");
    look_at_leftovers(inside.leftovers, pid, *memory, *symbols);
    return look_at_probes(inside, pid, *memory, *symbols, *python);
}

}  // namespace

InsideChecks check_inside(const AttachFacts& facts, bool has_access) {
    Inside inside;
    InsideChecks result;
    if (has_access) result.obstacle = look_inside(inside, facts);
    result.checks = inside.all();
    return result;
}

}  // namespace corotrace
