// SPDX-License-Identifier: MIT
#include "tracer/session/counts_before.hpp"

#include <optional>
#include <utility>

#include "tracer/probes/origin_tracking.hpp"
#include "tracer/process/procfs.hpp"

namespace corotrace {

namespace {

// The parent's block is at the same place of its memory.
std::optional<StubTally> take_parents_away(pid_t pid, const Leftover& leftover, StubTally counted) {
    const auto stat = read_process_stat(pid);
    if (!stat) return std::nullopt;
    const auto memory = ProcessMemory::open(stat->parent, false);
    if (!memory) return std::nullopt;
    const auto original = read_stub_tally(*memory, leftover.data.start, starts_of(leftover.pieces));
    if (!original || original->owner != counted.owner || original->pid != counted.pid) return std::nullopt;
    counted.take_away(*original);
    return counted;
}

}  // namespace

Status take_out(const TargetSubject& subject, const Leftover& leftover, bool inherits,
                const ServeOthers& serve, StubTally& before) {
    auto origins =
        put_back_origins(subject.memory, *subject.python.layout, subject.python.runtime, leftover.origin);
    if (!origins) return origins;
    auto removed = remove_leftover(subject.pid, subject.memory, leftover, serve);
    if (!removed) return removed.error();
    const bool is_own = removed->pid == static_cast<std::uint32_t>(subject.pid_in_namespace);
    if (is_own && !inherits) {
        before.add(*removed);
    } else if (inherits && !is_own) {
        if (const auto own = take_parents_away(subject.pid, leftover, *std::move(removed))) before.add(*own);
    }
    return {};
}

}  // namespace corotrace
