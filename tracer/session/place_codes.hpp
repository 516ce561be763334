// SPDX-License-Identifier: MIT
// PlaceCodes: the code objects that keys of places were made of, checked again from time to time. A key is
// made of addresses: when code is freed and other code takes its place, a row may go on counting for another
// place.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "cpython_layouts/code.hpp"
#include "tracer/diagnose/drop_evidence.hpp"

namespace corotrace {

class PlaceCodes {
public:
    // Of a drop whose row is a place: its coroutine's, those of its frames, and of the function that ended.
    void add(const DropEvidence& drop);
    // Keys of which other code is at some code's place. Each call looks at `most` codes, all have their turn.
    // Cost: a read a code; from 3.8 to 3.11 ten times as many.
    [[nodiscard]] std::vector<std::uint64_t> find_reused(const RemoteMemory& memory, const Layout& layout,
                                                         std::size_t most);
    // The same of all codes at once; and those of which some code is gone, for there may have been another.
    [[nodiscard]] std::vector<std::uint64_t> find_gone(const RemoteMemory& memory, const Layout& layout);

    static constexpr std::size_t kEachTime = 16;
    static constexpr std::size_t kMostCodes = 8192;  // those beyond are not checked again

private:
    struct Known {
        std::shared_ptr<const Code> code;
        std::vector<std::uint64_t> keys;
    };
    void add(const std::shared_ptr<const Code>& code, std::uint64_t key);
    // What stood at this place in codes_, which then is taken by another one.
    [[nodiscard]] Known take(std::size_t place);

    std::vector<Known> codes_;
    std::unordered_map<RemoteAddr, std::size_t> by_address_;
    std::vector<std::uint64_t> reused_;  // noticed by add()
    std::size_t next_ = 0;               // to be examined
};

}  // namespace corotrace
