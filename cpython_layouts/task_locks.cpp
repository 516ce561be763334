// SPDX-License-Identifier: MIT
#include "cpython_layouts/task_locks.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/objects.hpp"

namespace corotrace {

namespace {

// A method's function, and its self behind it, come first. Source: CPython Include/cpython/classobject.h.
RemoteAddr first_field(const Layout& layout, RemoteAddr object) {
    return at(object, layout.object.type) + kWord;
}

// Whether it is a function of this name.
bool is_function(const RemoteMemory& memory, const Layout& layout, CodeCache& codes, RemoteAddr object,
                 std::string_view name) {
    const auto type = read_type_name_of(memory, layout, object);
    if (!type || *type != "function") return false;
    const auto address = memory.read_pointer(at(object, layout.function.code));
    if (!address) return false;
    const auto code = codes.find_or_read(memory, layout, *address);
    return code && (*code)->name == name;
}

// `self` of a method that is suspended.
RemoteAddr read_self(const RemoteMemory& memory, const Layout& layout, const RawFrame& frame) {
    const Offset locals = layout.frame_rule == FrameRule::kFrameObjects ? layout.frame_object.locals
                                                                        : layout.interpreter_frame.locals;
    const auto word = memory.read_pointer(at(frame.address, locals));
    return word ? RemoteAddr{word->value & ~layout.stackref_mask} : RemoteAddr{};
}

// The object whose __aexit__ this operand is. Up to 3.13 it is a bound method, from 3.14 on a function with
// the object above it. Source: CPython Python/ceval.c BEFORE_ASYNC_WITH, Python/bytecodes.c LOAD_SPECIAL.
RemoteAddr find_entered(const RemoteMemory& memory, const Layout& layout, CodeCache& codes,
                        RemoteAddr operand, RemoteAddr above) {
    constexpr std::string_view kExit = "__aexit__";
    if (operand.is_null()) return {};
    if (is_function(memory, layout, codes, operand, kExit)) return above;
    const auto type = read_type_name_of(memory, layout, operand);
    if (!type || *type != "method") return {};
    const auto function = memory.read_pointer(first_field(layout, operand));
    if (!function || !is_function(memory, layout, codes, *function, kExit)) return {};
    return memory.read_pointer(first_field(layout, operand) + kWord).value_or(RemoteAddr{});
}

}  // namespace

std::optional<WantedLock> read_wanted_lock(const RemoteMemory& memory, const Layout& layout,
                                           const AwaitChain& chain) {
    if (chain.frames.empty() || chain.closed) return std::nullopt;
    const RawFrame& innermost = chain.frames.front();
    if (innermost.code->name != "acquire" || !innermost.code->filename.ends_with("asyncio/locks.py")) {
        return std::nullopt;
    }
    WantedLock lock;
    lock.address = read_self(memory, layout, innermost);
    const auto type = read_type(memory, layout, lock.address);
    auto name = type ? read_full_type_name(memory, layout, *type) : Result<std::string>(type.error());
    if (!name) return std::nullopt;
    lock.type = std::move(*name);
    lock.is_exclusive = derives_from(memory, layout, *type, "Lock").value_or(false);
    return lock;
}

std::vector<RemoteAddr> read_entered(const RemoteMemory& memory, const Layout& layout, CodeCache& codes,
                                     const AwaitChain& chain) {
    constexpr std::size_t kMostOperands = 128;  // looked at; blocks nest 20 deep at most
    std::vector<RemoteAddr> entered;
    if (chain.closed) return entered;
    for (const RawFrame& frame : chain.frames) {
        const auto operands = read_operands(memory, layout, frame);
        if (!operands) continue;
        for (std::size_t i = 0; i < std::min(operands->size(), kMostOperands); ++i) {
            const RemoteAddr above = i + 1 < operands->size() ? (*operands)[i + 1] : RemoteAddr{};
            const RemoteAddr object = find_entered(memory, layout, codes, (*operands)[i], above);
            if (!object.is_null()) entered.push_back(object);
        }
    }
    return entered;
}

}  // namespace corotrace
