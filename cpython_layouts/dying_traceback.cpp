// SPDX-License-Identifier: MIT
#include "cpython_layouts/dying_traceback.hpp"

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "cpython_layouts/await_chain.hpp"
#include "cpython_layouts/block.hpp"
#include "cpython_layouts/objects.hpp"
#include "symbols/page_cache.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kRaisingStackWords = 1536;
constexpr std::size_t kMaxEntries = 64;
constexpr std::size_t kMaxHeads = 16;
// CPython Include/object.h, Py_TPFLAGS_BASE_EXC_SUBCLASS
constexpr std::uint64_t kTypeFlagException = 1U << 30U;
constexpr std::uint64_t kLowest = 0x10000;        // below nothing is mapped
constexpr std::uint64_t kStackBytes = 1U << 16U;  // what lies so near above is the stack itself
constexpr std::uint64_t kCollectorHead = 16;      // bytes before an object that the collector tracks

Result<std::vector<std::uint64_t>> read_words(const RemoteMemory& memory, RemoteAddr stack,
                                              std::span<const std::uint64_t> registers) {
    constexpr std::uint64_t kPage = PageCache::kPageSize;
    if (stack.value % kWord != 0) return Error{Errc::malformed, 0, "stack pointer"};
    std::vector<std::uint64_t> words;
    while (words.size() < kRaisingStackWords) {
        const RemoteAddr from = stack + kWord * words.size();
        const std::size_t before = words.size();
        const std::size_t count =
            std::min<std::size_t>((kPage - from.value % kPage) / kWord, kRaisingStackWords - before);
        words.resize(before + count);
        auto done = memory.read(from, std::as_writable_bytes(std::span(words).subspan(before)));
        if (done) continue;
        if (before == 0) return done.error();
        // The stack ends here.
        words.resize(before);
        break;
    }
    words.insert(words.begin(), registers.begin(), registers.end());
    return words;
}

enum class ObjectKind : std::uint8_t { kOther, kTraceback, kException };

class KnownTypes {
public:
    KnownTypes(const RemoteMemory& memory, const Layout& layout) : memory_(memory), layout_(layout) {}

    ObjectKind kind_of(RemoteAddr object) {
        const auto type = read_type(memory_, layout_, object);
        if (!type || type->value < kLowest || type->value % kWord != 0) return ObjectKind::kOther;
        const auto [known, fresh] = types_.emplace(*type, ObjectKind::kOther);
        if (!fresh) return known->second;
        // Most words of a stack point to no object, and what then stands for a type may have any bit set.
        const auto flags_of_type = read_type_flags(memory_, layout_, *type);
        if (!flags_of_type || (*flags_of_type & kTypeFlagType) == 0) return ObjectKind::kOther;
        const auto flags = read_type_flags(memory_, layout_, object);
        const auto name = read_type_name(memory_, layout_, *type);
        if (flags && (*flags & kTypeFlagException) != 0 && name) known->second = ObjectKind::kException;
        if (name && *name == "traceback") known->second = ObjectKind::kTraceback;
        return known->second;
    }

private:
    const RemoteMemory& memory_;
    const Layout& layout_;
    std::unordered_map<RemoteAddr, ObjectKind> types_;
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

struct Dying {
    std::vector<RemoteAddr> tracebacks;
    std::vector<RemoteAddr> exceptions;
};

// What the native stack and the registers point to.
Dying find_dying(const RemoteMemory& memory, const Layout& layout, RemoteAddr stack,
                 const std::vector<std::uint64_t>& words, KnownTypes& types) {
    Dying found;
    std::unordered_set<std::uint64_t> tried;
    for (const std::uint64_t tagged : words) {
        const std::uint64_t word = tagged & ~layout.stackref_mask;
        const bool on_stack = word >= stack.value && word < stack.value + kStackBytes;
        if (word < kLowest || word % kWord != 0 || on_stack || !tried.insert(word).second) continue;
        const ObjectKind kind = types.kind_of({word});
        if (kind == ObjectKind::kOther || !is_dying(memory, layout, {word})) continue;
        (kind == ObjectKind::kTraceback ? found.tracebacks : found.exceptions).push_back({word});
    }
    return found;
}

// The outermost entries: what holds one is no entry. More than one, where one that was freed before looks as
// if it were dying: what was freed last of a page does.
std::vector<RemoteAddr> find_heads(const RemoteMemory& memory, const Layout& layout,
                                   const std::vector<RemoteAddr>& dying) {
    std::unordered_set<RemoteAddr> inner;
    for (const RemoteAddr entry : dying) {
        const auto next = memory.read_pointer(at(entry, layout.traceback.next));
        if (next) inner.insert(*next);
    }
    std::vector<RemoteAddr> heads;
    for (const RemoteAddr entry : dying) {
        if (heads.size() < kMaxHeads && !inner.contains(entry)) heads.push_back(entry);
    }
    return heads;
}

// A frame gives up its caller after its variables. Source: CPython Objects/frameobject.c frame_dealloc;
// from 3.11 on f_back stands before f_frame.
Result<RemoteAddr> read_caller(const RemoteMemory& memory, const Layout& layout, RemoteAddr frame) {
    const FrameObjectLayout& fields = layout.frame_object;
    const Offset back = fields.back != kAbsent ? fields.back : fields.interpreter_frame - Offset{kWord};
    return memory.read_pointer(at(frame, back));
}

// Its variables are being cleared. Up to 3.10 a frame whose function has ended stays for the next call,
// without a reference, and lies on no list of the collector: its code keeps it, or those that are kept are
// linked where the caller stood. Source: CPython Objects/frameobject.c, frame_dealloc (co_zombieframe,
// free_list).
bool is_frame_dying(const RemoteMemory& memory, const Layout& layout, RemoteAddr frame) {
    if (!is_dying(memory, layout, frame)) return false;
    if (layout.frame_rule != FrameRule::kFrameObjects) return true;
    const auto code = memory.read_pointer(at(frame, layout.frame_object.code));
    if (!code || code->is_null()) return false;
    const auto kept = memory.read_pointer(at(*code, layout.frame_object.zombie));
    const auto back = read_caller(memory, layout, frame);
    if (!kept || *kept == frame || !back) return false;
    if (back->is_null()) return true;
    const auto held = read_refcount(memory, layout, *back);
    return held && *held > 0;
}

// The type of code objects, from a frame that is whole.
Result<RemoteAddr> read_code_type(const RemoteMemory& memory, const Layout& layout, RemoteAddr frame) {
    CT_TRY(const auto inner, memory.read_pointer(at(frame, layout.frame_object.interpreter_frame)));
    CT_TRY(const auto word, memory.read_pointer(at(inner, layout.interpreter_frame.executable)));
    return read_type(memory, layout, {word.value & ~layout.stackref_mask});
}

// Instructions lie in their code object. `offset` is that of the instruction, unless the function went on to
// a handler of its own, as for `finally`: then the object's head is looked for.
Result<std::shared_ptr<const Code>> find_code_around(const RemoteMemory& memory, const Layout& layout,
                                                     CodeCache& cache, RemoteAddr instruction,
                                                     std::int32_t offset, RemoteAddr code_type) {
    constexpr std::uint64_t kMost = 1U << 14U;
    const auto head = static_cast<std::uint64_t>(layout.code.instructions);
    if (offset < 0 || instruction.value < kLowest + kMost + head) {
        return Error{Errc::malformed, 0, "instruction of a dying frame"};
    }
    const RemoteAddr likely{instruction.value - head - static_cast<std::uint64_t>(offset)};
    const auto is_around = [&](const std::shared_ptr<const Code>& code) {
        const auto bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(code->bytecode_bytes, 0));
        return instruction >= code->instructions && instruction < code->instructions + bytes;
    };
    RemoteAddr candidate = likely;
    for (std::uint64_t back = 0; back < kMost; back += kWord) {
        const auto type = read_type(memory, layout, candidate);
        if (type && *type == code_type) {
            auto code = cache.find_or_read(memory, layout, candidate);
            if (code && is_around(*code)) return std::move(code).value();
        }
        candidate = RemoteAddr{((instruction.value - head) & ~(kWord - 1)) - back};
    }
    return Error{Errc::not_found, 0, "code of a dying frame"};
}

// A frame that is being taken apart has given up its code already, and only its instruction still tells it;
// `offset` is that of the instruction, which the traceback noted.
Result<RawFrame> read_dying_frame(const RemoteMemory& memory, const Layout& layout, CodeCache& cache,
                                  RemoteAddr frame, std::int32_t offset, RemoteAddr code_type) {
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
    CT_TRY(raw.code, find_code_around(memory, layout, cache, instruction, offset, code_type));
    return raw;
}

// An exception gives up what it names before its traceback. Of several that go, as one that was raised while
// another was handled, only one may still have a traceback; of two it is not known which let go of the
// object. Source: CPython Objects/exceptions.c, AttributeError_clear (obj), BaseException_clear (args).
std::vector<RawFrame> find_only_traceback(const RemoteMemory& memory, const Layout& layout, CodeCache& codes,
                                          const std::vector<RemoteAddr>& exceptions) {
    std::vector<RawFrame> only;
    for (const RemoteAddr exception : exceptions) {
        auto frames = read_traceback(memory, layout, codes, exception);
        if (!frames || frames->empty()) continue;  // freed long ago, if it cannot be read
        if (!only.empty()) return std::vector<RawFrame>{};
        only = *std::move(frames);
    }
    return only;
}

// The frames from this entry on up to the one whose variables go. Empty: there is none.
Result<std::vector<RawFrame>> walk_entries(const RemoteMemory& memory, const Layout& layout, CodeCache& codes,
                                           KnownTypes& types, RemoteAddr entry) {
    std::vector<RawFrame> frames;
    RemoteAddr code_type;
    while (frames.size() < kMaxEntries && !entry.is_null() &&
           types.kind_of(entry) == ObjectKind::kTraceback && is_dying(memory, layout, entry)) {
        CT_TRY(const auto frame, memory.read_pointer(at(entry, layout.traceback.frame)));
        CT_TRY(const auto offset, memory.read_as<std::int32_t>(at(entry, layout.traceback.instruction)));
        const bool dies = is_frame_dying(memory, layout, frame);
        const auto back = read_caller(memory, layout, frame);
        const bool caller = back && !back->is_null();
        if (frames.empty() && layout.frame_rule != FrameRule::kFrameObjects) {
            // Its own code is gone if it dies.
            const auto known = read_code_type(memory, layout, dies && caller ? *back : frame);
            if (known) code_type = *known;
        }
        CT_TRY(auto raw, read_dying_frame(memory, layout, codes, frame, offset, code_type));
        if (offset >= 0 && offset < raw.code->bytecode_bytes) raw.byte_offset = offset;
        frames.push_back(std::move(raw));
        // Further in there is only what is freed. Where the outermost one has ended as well, all may be gone:
        // what was freed last of a page looks like what dies.
        if (dies && frames.size() == 1 && !caller) break;
        if (dies) {
            std::ranges::reverse(frames);
            return frames;
        }
        CT_TRY(entry, memory.read_pointer(at(entry, layout.traceback.next)));
    }
    return std::vector<RawFrame>{};
}

}  // namespace

Result<std::vector<RawFrame>> find_dying_traceback(const RemoteMemory& memory, const Layout& layout,
                                                   CodeCache& codes, RemoteAddr native_stack,
                                                   std::span<const std::uint64_t> registers) {
    // Free-threaded builds have no such head, by which to tell what dies from what is dead.
    if (layout.free_threaded) return std::vector<RawFrame>{};
    CT_TRY(const auto words, read_words(memory, native_stack, registers));
    KnownTypes types(memory, layout);
    const auto [dying, exceptions] = find_dying(memory, layout, native_stack, words, types);
    for (const RemoteAddr head : find_heads(memory, layout, dying)) {
        auto frames = walk_entries(memory, layout, codes, types, head);
        if (frames && !frames->empty()) return frames;
    }
    return find_only_traceback(memory, layout, codes, exceptions);
}

}  // namespace corotrace
