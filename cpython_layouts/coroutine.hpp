// SPDX-License-Identifier: MIT
// What a never-awaited coroutine is and was called with, read at its drop, before anything of it is cleared.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cpython_layouts/code.hpp"
#include "cpython_layouts/preview.hpp"

namespace corotrace {

struct ArgumentFacts {
    std::string name;                 // "*args" and "**kwargs" carry their stars
    std::optional<std::string> type;  // describe_type(): "str[12]"; null if unreadable or unbound
    std::optional<ValueCopy> value;   // only if values were asked for
    bool hidden = false;              // values were not asked for, or not this one
};

struct CoroutineReading {
    std::optional<std::string> name;      // of the object, may be set by the program
    std::optional<std::string> qualname;  // what CPython's own warning prints
    std::shared_ptr<const Code> code;     // shared with the CodeCache; null if unreadable
    std::vector<ArgumentFacts> arguments;
    std::vector<std::string> notes;  // what could not be read, and why
};

// True if the coroutine, generator or async generator has not run its first instruction.
[[nodiscard]] Result<bool> read_is_created(const RemoteMemory& memory, const Layout& layout,
                                           RemoteAddr object);

// Its code object; works for one that has not started. Errors: not_found (already finished).
[[nodiscard]] Result<RemoteAddr> read_coroutine_code(const RemoteMemory& memory, const Layout& layout,
                                                     RemoteAddr object);

// Needs: its thread stopped, the object created and not started. Values are read if `caps` is given.
// What cannot be read is left null and noted. Errors: gone only.
[[nodiscard]] Result<CoroutineReading> read_coroutine(const RemoteMemory& memory, const Layout& layout,
                                                      CodeCache& codes, TypeCache& types, RemoteAddr object,
                                                      const std::optional<PreviewCaps>& caps);

// The same without its arguments, of a coroutine in any state.
[[nodiscard]] Result<CoroutineReading> read_coroutine_names(const RemoteMemory& memory, const Layout& layout,
                                                            CodeCache& codes, RemoteAddr object);

// A number that is another one for a coroutine that takes the place of this one in memory, as far as that can
// be told: of its address, its arguments' addresses and its origin. Needs: created and not started.
// Cost: 4 reads.
[[nodiscard]] Result<std::uint64_t> read_identity(const RemoteMemory& memory, const Layout& layout,
                                                  CodeCache& codes, RemoteAddr object);

// One entry of cr_origin, most recent call first, as CPython stores it.
struct OriginFrame {
    std::string file;
    int line = 0;
    std::string function;
};
// Empty if origin tracking was off when the coroutine was made.
[[nodiscard]] Result<std::vector<OriginFrame>> read_origin(const RemoteMemory& memory, const Layout& layout,
                                                           RemoteAddr object);

enum class AgenMethod : std::uint8_t { kAsend, kAthrow, kAclose };

// Of a dropped asend/athrow/aclose object: which method made it, whether it was never awaited, its generator.
struct AgenMethodReading {
    AgenMethod method = AgenMethod::kAsend;
    bool created = false;
    RemoteAddr generator;
};
[[nodiscard]] Result<AgenMethodReading> read_agen_method(const RemoteMemory& memory, const Layout& layout,
                                                         RemoteAddr object);

}  // namespace corotrace
