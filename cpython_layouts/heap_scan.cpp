// SPDX-License-Identifier: MIT
#include "cpython_layouts/heap_scan.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <thread>
#include <unordered_set>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/coroutine.hpp"
#include "cpython_layouts/objects.hpp"
#include "cpython_layouts/task.hpp"

namespace corotrace {

namespace {

// PyGC_Head stands right before the object: next, previous, both with flags in their lowest bits.
// Source: CPython Include/internal/pycore_gc.h, the same from 3.8 to 3.15 (builds with the GIL).
constexpr std::uint64_t kGcHeadBytes = 16;
constexpr std::uint64_t kGcFlags = 3;
constexpr int kListTries = 3;  // the list changes under us whenever a neighbour comes or goes
constexpr std::size_t kMaxRing = std::size_t{1} << 26;

struct GcHead {
    std::uint64_t next = 0;
    std::uint64_t previous = 0;
};

std::optional<LiveState> read_state(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    const auto created = read_is_created(memory, layout, object);
    if (!created) return std::nullopt;
    if (*created) return LiveState::kCreated;
    switch (layout.created_rule) {
        case CreatedRule::kFrameLasti: {
            const auto frame = memory.read_pointer(at(object, layout.coroutine.frame));
            if (!frame) return std::nullopt;
            return frame->is_null() ? LiveState::kEnded : LiveState::kStarted;
        }
        case CreatedRule::kFrameState: {
            const auto state = memory.read_as<std::int8_t>(at(object, layout.coroutine.frame_state));
            if (!state) return std::nullopt;
            return *state >= layout.cleared_value ? LiveState::kEnded : LiveState::kStarted;
        }
    }
    return std::nullopt;
}

// Coroutine or async generator: its names are strings, its code is code.
std::optional<LiveObject> read_runnable(const RemoteMemory& memory, const Layout& layout, RemoteAddr object,
                                        LiveKind kind) {
    const auto state = read_state(memory, layout, object);
    if (!state) return std::nullopt;
    const auto qualname = memory.read_pointer(at(object, layout.coroutine.qualname));
    const auto flags = qualname ? read_type_flags(memory, layout, *qualname) : qualname.error();
    if (!flags || (*flags & kTypeFlagUnicode) == 0) return std::nullopt;
    LiveObject live{.address = object, .kind = kind, .state = *state, .code = {}, .coroutine = {}};
    const auto code = read_coroutine_code(memory, layout, object);
    const auto type = code ? read_type_name_of(memory, layout, *code) : Result<std::string>(code.error());
    if (type && *type == "code") {
        live.code = *code;
    } else if (*state != LiveState::kEnded) {
        return std::nullopt;
    }
    return live;
}

std::optional<LiveObject> read_method(const RemoteMemory& memory, const Layout& layout, RemoteAddr object,
                                      LiveKind kind) {
    const bool is_send = kind == LiveKind::kAsend;
    const auto generator =
        memory.read_pointer(at(object, is_send ? layout.asend.generator : layout.athrow.generator));
    const auto state =
        memory.read_as<std::int32_t>(at(object, is_send ? layout.asend.state : layout.athrow.state));
    const auto type =
        generator ? read_type_name_of(memory, layout, *generator) : Result<std::string>(generator.error());
    if (!state || !type || *type != "async_generator") return std::nullopt;
    const auto code = read_coroutine_code(memory, layout, *generator);
    return LiveObject{
        .address = object,
        .kind = kind,
        .state = *state == layout.agen_method_created ? LiveState::kCreated : LiveState::kStarted,
        .code = code ? *code : RemoteAddr{},
        .coroutine = *generator};
}

std::optional<LiveObject> read_task_object(const RemoteMemory& memory, const Layout& layout,
                                           RemoteAddr object) {
    const auto facts = read_task_facts(memory, layout, object);
    if (!facts || !*facts) return std::nullopt;
    const RemoteAddr coroutine = (*facts)->coroutine;
    const auto state = read_state(memory, layout, coroutine);
    if (!state) return std::nullopt;
    return LiveObject{
        .address = object, .kind = LiveKind::kTask, .state = *state, .code = {}, .coroutine = coroutine};
}

// One with an exception that nobody has asked for: the others tell nothing.
std::optional<LiveObject> read_future(const RemoteMemory& memory, const Layout& layout, RemoteAddr object,
                                      LiveKind kind) {
    const bool is_in_c = kind == LiveKind::kFuture;
    if (read_unasked_exception(memory, layout, object, is_in_c).is_null()) return std::nullopt;
    return LiveObject{
        .address = object, .kind = kind, .state = LiveState::kEnded, .code = {}, .coroutine = {}};
}

bool is_future(LiveKind kind) {
    return kind == LiveKind::kFuture || kind == LiveKind::kFutureInPython;
}

std::optional<LiveObject> read_fields(const RemoteMemory& memory, const Layout& layout, RemoteAddr object,
                                      LiveKind kind) {
    switch (kind) {
        case LiveKind::kCoroutine:
        case LiveKind::kAsyncGenerator:
            return read_runnable(memory, layout, object, kind);
        case LiveKind::kAsend:
        case LiveKind::kAthrow:
            return read_method(memory, layout, object, kind);
        case LiveKind::kTask:
            return read_task_object(memory, layout, object);
        case LiveKind::kFuture:
        case LiveKind::kFutureInPython:
            return read_future(memory, layout, object, kind);
    }
    return std::nullopt;
}

bool has_references(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    if (object.value % kObjectAlignment != 0) return false;
    const auto count = read_refcount(memory, layout, object);
    return count && *count > 0 && *count < (std::int64_t{1} << 31U);
}

bool holds_number(const GcHead& links) {
    constexpr std::uint64_t kCollecting = 2;
    return (links.previous & kCollecting) != 0 && links.previous < (std::uint64_t{1} << 34U);
}

// While the collector is at work it keeps a number in place of the link back, with a flag that says so. It
// goes along its list: the next has a number as well, or not yet, or is the list's head; the links onward
// stay. Source: CPython Python/gc.c (Modules/gcmodule.c) gc_reset_refs(), PREV_MASK_COLLECTING, 3.8 to 3.15.
bool is_being_collected(const RemoteMemory& memory, RemoteAddr object) {
    const RemoteAddr head = object - kGcHeadBytes;
    const auto links = memory.read_as<GcHead>(head);
    if (!links || (links->next & ~kGcFlags) == 0 || !holds_number(*links)) return false;
    const auto after = memory.read_as<GcHead>({links->next & ~kGcFlags});
    return after && (holds_number(*after) || (after->previous & ~kGcFlags) == head.value);
}

// Whether it has neighbours on a list, though they may not agree. They do not while a thread that relinks one
// of them waits for a processor, which may take some ms.
bool has_links(const RemoteMemory& memory, RemoteAddr object) {
    const auto links = memory.read_as<GcHead>(object - kGcHeadBytes);
    return links && (links->next & ~kGcFlags) != 0 && (links->previous & ~kGcFlags) != 0;
}

using Doubtful = std::vector<LiveObject>;
constexpr std::size_t kMaxDoubtful = std::size_t{1} << 20;
constexpr std::chrono::milliseconds kCollectorsTime{2000};
constexpr std::chrono::milliseconds kRelinkTime{100};  // after that it is what a dead object left behind
constexpr std::chrono::milliseconds kBetweenTries{5};

// Where nothing changes any more: what the collector was at work on is alive; what has links that do not
// agree was left by the dead.
void take_collected(const RemoteMemory& memory, const Doubtful& doubtful, HeapScan& scan) {
    std::ranges::copy_if(doubtful, std::back_inserter(scan.objects), [&](const LiveObject& object) {
        return is_being_collected(memory, object.address);
    });
}

// What the collector was at work on when it was found, or somebody was about to relink, is asked for again
// until that is done.
void settle(const RemoteMemory& memory, const Layout& layout, Doubtful doubtful, HeapScan& scan) {
    const auto began = std::chrono::steady_clock::now();
    for (;;) {
        const auto now = std::chrono::steady_clock::now();
        std::erase_if(doubtful, [&](const LiveObject& object) {
            if (!has_references(memory, layout, object.address)) return true;
            if (!is_tracked(memory, layout, object.address)) {
                return now - began > kRelinkTime && !is_being_collected(memory, object.address);
            }
            if (const auto live = read_fields(memory, layout, object.address, object.kind)) {
                scan.objects.push_back(*live);
            }
            return true;
        });
        if (doubtful.empty() || now - began > kCollectorsTime) break;
        std::this_thread::sleep_for(kBetweenTries);
    }
    if (!doubtful.empty()) {
        scan.notes.push_back("up to " + std::to_string(doubtful.size()) +
                             " objects are left out: the collector was at work on them all the time");
    }
}

}  // namespace

bool is_alive(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    if (!has_references(memory, layout, object)) return false;
    return is_tracked(memory, layout, object) || is_being_collected(memory, object);
}

bool is_tracked(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    if (layout.free_threaded) return true;
    const RemoteAddr head = object - kGcHeadBytes;
    for (int i = 0; i < kListTries; ++i) {
        const auto links = memory.read_as<GcHead>(head);
        if (!links) return false;
        const std::uint64_t next = links->next & ~kGcFlags;
        const std::uint64_t previous = links->previous & ~kGcFlags;
        if (next == 0 || previous == 0) return false;
        const auto after = memory.read_as<GcHead>({next});
        const auto before = memory.read_as<GcHead>({previous});
        if (after && before && (after->previous & ~kGcFlags) == head.value &&
            (before->next & ~kGcFlags) == head.value) {
            return true;
        }
    }
    return false;
}

std::vector<Mapping> find_object_memory(const MemoryMap& map) {
    std::vector<Mapping> found;
    for (const Mapping& mapping : map.mappings()) {
        if (mapping.readable && mapping.writable && !mapping.shared) found.push_back(mapping);
    }
    return found;
}

Result<HeapScan> scan_heap(const RemoteMemory& memory, const PythonProcess& python,
                           std::span<const AddressSpan> spans, HeapState state, ScanThreads threads) {
    HeapScan scan;
    const LiveTypes types = find_live_types(memory, python, scan.notes);
    std::vector<RemoteAddr> targets;
    for (const auto& [type, kind] : types) targets.push_back(type);
    const Layout& layout = *python.layout;
    Doubtful doubtful;
    const auto visit = [&](RemoteAddr place, std::uint64_t word) {
        const auto type = types.find({word});
        const RemoteAddr object = place - static_cast<std::uint64_t>(layout.object.type);
        if (type == types.end()) return true;
        // Of futures there are many, and of these few: one read tells.
        if (is_future(type->second) && !read_future(memory, layout, object, type->second)) return true;
        if (!has_references(memory, layout, object)) return true;
        const bool is_listed = is_tracked(memory, layout, object);
        if (!is_listed && !is_being_collected(memory, object) && !has_links(memory, object)) return true;
        const auto live = read_fields(memory, layout, object, type->second);
        if (live && is_listed) scan.objects.push_back(*live);
        if (live && !is_listed && doubtful.size() < kMaxDoubtful) doubtful.push_back(*live);
        scan.capped = scan.objects.size() >= kMaxLiveObjects;
        return !scan.capped;
    };
    CT_TRY(scan.figures, scan_words(memory, spans, std::move(targets), visit, threads));
    if (doubtful.empty()) return scan;
    if (state == HeapState::kStands)
        take_collected(memory, doubtful, scan);
    else
        settle(memory, layout, std::move(doubtful), scan);
    std::ranges::sort(scan.objects, {}, &LiveObject::address);
    return scan;
}

std::optional<LiveObject> read_again(const RemoteMemory& memory, const Layout& layout,
                                     const LiveObject& object) {
    // Not whether it is tracked, for that cannot be told while it is being collected: what is freed has no
    // references.
    if (!has_references(memory, layout, object.address)) return std::nullopt;
    auto now = read_fields(memory, layout, object.address, object.kind);
    if (!now || now->code != object.code || now->coroutine != object.coroutine) return std::nullopt;
    return now;
}

Result<std::vector<RemoteAddr>> walk_collector_lists(const RemoteMemory& memory, const Layout& layout,
                                                     std::span<const RemoteAddr> starts, RemoteAddr type) {
    if (layout.free_threaded) return Error{Errc::unsupported, 0, "free-threaded builds have no such lists"};
    std::vector<RemoteAddr> found;
    std::unordered_set<std::uint64_t> seen;
    for (const RemoteAddr start : starts) {
        std::uint64_t head = start.value - kGcHeadBytes;
        if (seen.contains(head)) continue;
        while (seen.insert(head).second) {
            if (seen.size() > kMaxRing) return Error{Errc::malformed, 0, "a list of the collector"};
            // The list's own head has no object behind it, but other words: of no type.
            const RemoteAddr object{head + kGcHeadBytes};
            const auto its_type = read_type(memory, layout, object);
            if (its_type && *its_type == type) found.push_back(object);
            CT_TRY(const auto links, memory.read_as<GcHead>({head}));
            head = links.next & ~kGcFlags;
        }
        if (head != start.value - kGcHeadBytes) return Error{Errc::malformed, 0, "a list of the collector"};
    }
    std::ranges::sort(found);
    return found;
}

}  // namespace corotrace
