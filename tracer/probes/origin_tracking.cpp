// SPDX-License-Identifier: MIT
#include "tracer/probes/origin_tracking.hpp"

#include <algorithm>
#include <span>
#include <unordered_set>
#include <utility>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/runtime.hpp"

namespace corotrace {

namespace {

Status write_depth(const ProcessMemory& memory, RemoteAddr place, std::int32_t depth) {
    return memory.write(place, std::as_bytes(std::span(&depth, 1)));
}

}  // namespace

Result<std::int32_t> read_highest_origin_depth(const RemoteMemory& memory, const Layout& layout,
                                               RemoteAddr runtime) {
    CT_TRY(const auto threads, read_thread_states(memory, layout, runtime));
    std::int32_t highest = 0;
    for (const ThreadState& thread : threads) {
        const auto depth = memory.read_as<std::int32_t>(at(thread.address, layout.thread_state.origin_depth));
        if (depth) highest = std::max(highest, *depth);
    }
    return highest;
}

Status put_back_origins(const ProcessMemory& memory, const Layout& layout, RemoteAddr runtime,
                        const OriginRecord& record) {
    if (record.steady <= 0) return {};
    CT_TRY(const auto threads, read_thread_states(memory, layout, runtime));
    for (const ThreadState& thread : threads) {
        const RemoteAddr place = at(thread.address, layout.thread_state.origin_depth);
        const auto now = memory.read_as<std::int32_t>(place);
        if (!now || (*now != record.steady && *now != record.deep)) continue;
        // Ours was more than what the thread had; what others had may be more still.
        const std::int32_t before = record.before < *now ? std::max(record.before, 0) : 0;
        if (auto done = write_depth(memory, place, before); !done) return done;
    }
    return {};
}

Status OriginTracking::write(RemoteAddr thread, std::int32_t depth) const {
    return write_depth(memory_, at(thread, layout_.thread_state.origin_depth), depth);
}

Status OriginTracking::apply_to(RemoteAddr thread, std::int32_t depth) {
    CT_TRY(const auto now, memory_.read_as<std::int32_t>(at(thread, layout_.thread_state.origin_depth)));
    const auto known = set_.find(thread);
    std::int32_t before = known == set_.end() ? now : known->second.before;
    if (known != set_.end() && known->second.ours != now) {
        // The program has raised it, and may come back to ours: asyncio's debug mode does when its loop ends.
        // Or it has lowered it, or a new thread state took the place of one that ended.
        if (now > known->second.ours) return {};
        before = now;
    }
    const std::int32_t wanted = std::max(before, depth);
    if (now < 0 || now == wanted) return {};
    if (auto done = write(thread, wanted); !done) return done;
    if (wanted == before) {
        set_.erase(thread);
    } else {
        set_.insert_or_assign(thread, Change{before, wanted});
    }
    return {};
}

Status OriginTracking::apply(std::int32_t depth) {
    CT_TRY(const auto threads, read_thread_states(memory_, layout_, runtime_));
    std::unordered_set<RemoteAddr> alive;
    for (const ThreadState& thread : threads) {
        alive.insert(thread.address);
        if (auto done = apply_to(thread.address, depth); !done && done.error().code == Errc::gone)
            return done;
    }
    std::erase_if(set_, [&](const auto& entry) { return !alive.contains(entry.first); });
    return {};
}

OriginTracking::~OriginTracking() {
    try {
        put_back();
    } catch (...) {  // out of memory: leftovers.hpp tells where the record of it is
        return;
    }
}

std::vector<std::string> OriginTracking::put_back() {
    std::vector<std::string> left;
    if (set_.empty()) return left;
    const auto threads = read_thread_states(memory_, layout_, runtime_);
    for (const ThreadState& thread : threads.value_or(std::vector<ThreadState>())) {
        const auto known = set_.find(thread.address);
        if (known == set_.end()) continue;
        const auto now = memory_.read_as<std::int32_t>(at(thread.address, layout_.thread_state.origin_depth));
        if (!now) continue;
        if (*now == known->second.before) continue;
        if (*now == known->second.ours) {
            static_cast<void>(write(thread.address, known->second.before));
        } else {
            left.push_back("the program set its own coroutine origin tracking depth (" +
                           std::to_string(*now) +
                           ") meanwhile; if it was asyncio's debug mode, it may put back ours (" +
                           std::to_string(known->second.ours) + ") when its loop ends");
        }
    }
    set_.clear();
    return left;
}

}  // namespace corotrace
