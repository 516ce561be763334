// SPDX-License-Identifier: MIT
#include "cpython_layouts/dying_traceback.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/objects.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kStackWords = 1024;
constexpr std::size_t kMaxEntries = 64;
constexpr std::uint64_t kWord = sizeof(std::uint64_t);
constexpr std::uint64_t kLowest = 0x10000;        // below nothing is mapped
constexpr std::uint64_t kStackBytes = 1U << 16U;  // what lies so near above is the stack itself
constexpr std::uint64_t kCollectorHead = 16;      // bytes before an object that the collector tracks

enum class Kind : std::uint8_t { kOther, kTraceback, kCode };

// What the native stack and the registers point to.
struct Pointers {
    std::vector<RemoteAddr> dying;  // tracebacks without references
    std::vector<RemoteAddr> codes;
};

Result<std::vector<std::uint64_t>> read_words(const RemoteMemory& memory, RemoteAddr stack,
                                              std::span<const std::uint64_t> registers) {
    std::vector<std::uint64_t> words(kStackWords);
    // The stack may end before.
    while (true) {
        auto done = memory.read(stack, std::as_writable_bytes(std::span(words)));
        if (done) break;
        if (words.size() < 16) return done.error();
        words.resize(words.size() / 2);
    }
    words.insert(words.begin(), registers.begin(), registers.end());
    return words;
}

class Kinds {
public:
    Kinds(const RemoteMemory& memory, const Layout& layout) : memory_(memory), layout_(layout) {}

    Kind of(RemoteAddr object) {
        const auto type = read_type(memory_, layout_, object);
        if (!type || type->value < kLowest || type->value % kWord != 0) return Kind::kOther;
        const auto [known, fresh] = types_.emplace(*type, Kind::kOther);
        if (!fresh) return known->second;
        const auto name = read_type_name(memory_, layout_, *type);
        if (name && *name == "traceback") known->second = Kind::kTraceback;
        if (name && *name == "code") known->second = Kind::kCode;
        return known->second;
    }

private:
    const RemoteMemory& memory_;
    const Layout& layout_;
    std::unordered_map<RemoteAddr, Kind> types_;
};

// Its deallocator runs. What was freed before has no reference either, but where the collector's list went on
// there is then the allocator's. Source: CPython Include/internal/pycore_gc.h, _PyObject_GC_UNTRACK clears
// _gc_next; Objects/obmalloc.c, pymalloc_free links freed blocks through their first word.
bool is_dying(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    const auto count = read_refcount(memory, layout, object);
    if (!count || *count != 0) return false;
    const auto next = memory.read_pointer({object.value - kCollectorHead});
    return next && next->is_null();
}

Pointers find_pointers(const RemoteMemory& memory, const Layout& layout, RemoteAddr stack,
                       const std::vector<std::uint64_t>& words, Kinds& kinds) {
    Pointers found;
    std::unordered_set<std::uint64_t> tried;
    for (const std::uint64_t tagged : words) {
        const std::uint64_t word = tagged & ~layout.stackref_mask;
        const bool on_stack = word >= stack.value && word < stack.value + kStackBytes;
        if (word < kLowest || word % kWord != 0 || on_stack || !tried.insert(word).second) continue;
        switch (kinds.of({word})) {
            case Kind::kOther:
                break;
            case Kind::kCode:
                found.codes.push_back({word});
                break;
            case Kind::kTraceback:
                if (is_dying(memory, layout, {word})) found.dying.push_back({word});
                break;
        }
    }
    return found;
}

// The outermost entry: what holds it is no entry.
RemoteAddr find_head(const RemoteMemory& memory, const Layout& layout, const std::vector<RemoteAddr>& dying) {
    RemoteAddr head = dying.front();
    for (std::size_t step = 0; step < dying.size(); ++step) {
        const auto before = std::ranges::find_if(dying, [&](RemoteAddr entry) {
            const auto next = memory.read_pointer(at(entry, layout.traceback.next));
            return next && *next == head;
        });
        if (before == dying.end()) break;
        head = *before;
    }
    return head;
}

// A frame that is being taken apart has given up its code already, which its deallocator holds.
Result<RawFrame> read_dying_frame(const RemoteMemory& memory, const Layout& layout, CodeCache& cache,
                                  RemoteAddr frame, const std::vector<RemoteAddr>& codes) {
    RawFrame raw{.address = frame, .code = {}, .byte_offset = std::nullopt};
    if (layout.frame_rule == FrameRule::kFrameObjects) {
        CT_TRY(const auto code, memory.read_pointer(at(frame, layout.frame_object.code)));
        CT_TRY(raw.code, cache.find_or_read(memory, layout, code));
        return raw;
    }
    CT_TRY(raw.address, memory.read_pointer(at(frame, layout.frame_object.interpreter_frame)));
    CT_TRY(const auto word, memory.read_pointer(at(raw.address, layout.interpreter_frame.executable)));
    const RemoteAddr own{word.value & ~layout.stackref_mask};
    if (!own.is_null()) {
        CT_TRY(raw.code, cache.find_or_read(memory, layout, own));
        return raw;
    }
    CT_TRY(const auto instruction,
           memory.read_pointer(at(raw.address, layout.interpreter_frame.instruction)));
    for (const RemoteAddr candidate : codes) {
        auto code = cache.find_or_read(memory, layout, candidate);
        if (!code) continue;
        const RemoteAddr first = (*code)->instructions;
        const auto bytes = static_cast<std::uint64_t>(std::max<std::int64_t>((*code)->bytecode_bytes, 0));
        if (instruction < first || instruction >= first + bytes) continue;
        raw.code = std::move(code).value();
        return raw;
    }
    return Error{Errc::not_found, 0, "code of a dying frame"};
}

}  // namespace

Result<std::vector<RawFrame>> find_dying_traceback(const RemoteMemory& memory, const Layout& layout,
                                                   CodeCache& codes, RemoteAddr native_stack,
                                                   std::span<const std::uint64_t> registers) {
    // Free-threaded builds have no such head, by which to tell what dies from what is dead.
    if (layout.free_threaded) return std::vector<RawFrame>{};
    CT_TRY(const auto words, read_words(memory, native_stack, registers));
    Kinds kinds(memory, layout);
    const Pointers pointers = find_pointers(memory, layout, native_stack, words, kinds);
    std::vector<RawFrame> frames;
    if (pointers.dying.empty()) return frames;
    RemoteAddr entry = find_head(memory, layout, pointers.dying);
    while (frames.size() < kMaxEntries && !entry.is_null() && kinds.of(entry) == Kind::kTraceback &&
           is_dying(memory, layout, entry)) {
        CT_TRY(const auto frame, memory.read_pointer(at(entry, layout.traceback.frame)));
        CT_TRY(const auto offset, memory.read_as<std::int32_t>(at(entry, layout.traceback.instruction)));
        const bool dies = is_dying(memory, layout, frame);
        auto raw = read_dying_frame(memory, layout, codes, frame, pointers.codes);
        if (!raw) return std::vector<RawFrame>{};
        if (offset >= 0 && offset < raw->code->bytecode_bytes) raw->byte_offset = offset;
        frames.push_back(std::move(raw).value());
        // Further in there is only what is freed.
        if (dies) {
            std::ranges::reverse(frames);
            return frames;
        }
        CT_TRY(entry, memory.read_pointer(at(entry, layout.traceback.next)));
    }
    return std::vector<RawFrame>{};
}

}  // namespace corotrace
