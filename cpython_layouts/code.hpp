// SPDX-License-Identifier: MIT
// Code: the facts of one code object, copied out. CodeCache keeps them across stops, each checked against
// the live object before it is used again: a code object may be freed and another one take its address.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "cpython_layouts/layout.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

// Where a call's argument is found among the fast locals of a frame that has not started.
struct ArgumentSlot {
    std::string name;       // "*args" and "**kwargs" carry their stars
    std::size_t local = 0;  // index among the fast locals
    bool in_cell = false;   // there is a cell around it, because an inner function uses it
};

struct Code {
    RemoteAddr address;
    std::string name;
    std::string qualname;  // co_name where there is no co_qualname (up to 3.10)
    std::string filename;
    int first_line = 0;
    std::uint32_t flags = 0;  // CO_*
    std::vector<std::byte> line_table;
    std::int64_t bytecode_bytes = 0;
    RemoteAddr instructions;              // first instruction; null where frames hold offsets (up to 3.10)
    std::size_t parameters = 0;           // the first so many variables
    int first_traceable = 0;              // code units; a frame that has not come so far is not shown
    std::vector<ArgumentSlot> arguments;  // in the order of the signature; of coroutine functions only
};

// Errors: unreadable, gone, malformed ("not a code object": its type is not named "code").
// Cost: about 12 reads.
[[nodiscard]] Result<Code> read_code(const RemoteMemory& memory, const Layout& layout, RemoteAddr address);

// Where a function's arguments are, in the order of its signature. Errors: as read_code.
[[nodiscard]] Result<std::vector<ArgumentSlot>> read_arguments(const RemoteMemory& memory,
                                                               const Layout& layout, RemoteAddr address);

class CodeCache {
public:
    explicit CodeCache(std::size_t max_codes = 4096) : max_codes_(max_codes) {}

    // The facts of the code object at `address`, from the cache if the object there is still the same one
    // (one read; from 3.8 to 3.11 about ten), else read. Shared: a stack keeps its codes while the cache may
    // drop or replace them. The object must be held by something that cannot go meanwhile (a frame of a
    // stopped thread).
    [[nodiscard]] Result<std::shared_ptr<const Code>> find_or_read(const RemoteMemory& memory,
                                                                   const Layout& layout, RemoteAddr address);

    [[nodiscard]] std::size_t size() const { return codes_.size(); }

private:
    struct Entry {
        std::string identity;
        std::shared_ptr<const Code> code;
    };
    std::unordered_map<RemoteAddr, Entry> codes_;
    std::size_t max_codes_;
};

}  // namespace corotrace
