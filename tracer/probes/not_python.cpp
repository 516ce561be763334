// SPDX-License-Identifier: MIT
#include "tracer/probes/not_python.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "symbols/escape.hpp"
#include "symbols/live_image.hpp"
#include "symbols/process_memory.hpp"
#include "tracer/process/procfs.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMaxNamed = 5;

// Children, their children and so on, nearest first.
std::vector<pid_t> find_descendants(pid_t pid) {
    std::unordered_multimap<pid_t, pid_t> children;
    for (const pid_t other : list_processes().value_or({})) {
        if (const auto stat = read_process_stat(other)) children.emplace(stat->parent, other);
    }
    std::vector<pid_t> found{pid};
    for (std::size_t i = 0; i < found.size() && found.size() <= kMaxDescendants; ++i) {
        const auto [begin, end] = children.equal_range(found[i]);
        for (auto child = begin; child != end; ++child) {
            // Processes come and go while they are listed, so a loop is thinkable.
            if (std::find(found.begin(), found.end(), child->second) == found.end())
                found.push_back(child->second);
        }
    }
    found.erase(found.begin());
    std::sort(found.begin(), found.end());
    return found;
}

bool maps_cpython(pid_t pid) {
    const auto memory = ProcessMemory::open(pid, false);
    if (!memory) return false;
    const LiveImage image(pid, *memory);
    auto symbols = SymbolIndex::open(image);
    if (!symbols) return false;
    const auto modules = symbols->modules();
    return std::any_of(modules.begin(), modules.end(), [](const ElfModule* module) {
        return module->find_exported("PyCoro_Type").has_value();
    });
}

// "its child 4712 (python3) is one", or what else to do.
std::string suggest_descendants(pid_t pid) {
    std::vector<pid_t> pythons = find_descendants(pid);
    std::erase_if(pythons, [](pid_t child) { return !maps_cpython(child); });
    if (pythons.empty()) {
        return "; if it is going to start or become one, attach when it has; list candidates by: pgrep -a "
               "python";
    }
    std::string names;
    for (std::size_t i = 0; i < std::min(pythons.size(), kMaxNamed); ++i) {
        names += (i == 0 ? "" : ", ") + std::to_string(pythons[i]) + " (" +
                 printable(read_comm(pythons[i]).value_or("?")) + ")";
    }
    if (pythons.size() > kMaxNamed) names += " and " + std::to_string(pythons.size() - kMaxNamed) + " more";
    const std::string are = pythons.size() == 1 ? ", but its descendant " + names + " is"
                                                : ", but these descendants of it are: " + names;
    return are + "; run: corotrace attach --pid " + std::to_string(pythons.front());
}

}  // namespace

Result<PythonProcess> find_python_process(pid_t pid, const RemoteMemory& memory, SymbolIndex& symbols) {
    auto search = find_python_process(memory, symbols);
    if (auto* python = std::get_if<PythonProcess>(&search)) return std::move(*python);
    return explain_no_python(pid, std::get<NoPython>(search));
}

Error explain_no_python(pid_t pid, const NoPython& reason) {
    std::string why = reason.describe();
    if (reason.why == NoPython::Why::kOther) {
        const auto name = printable(read_comm(pid).value_or("?"));
        const auto program = printable(read_exe(pid).value_or("?"));
        why = name + " (" + program + ") is not a Python process" + suggest_descendants(pid);
    }
    return {Errc::unsupported, 0, std::move(why)};
}

}  // namespace corotrace
