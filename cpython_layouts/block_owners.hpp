// SPDX-License-Identifier: MIT
// BlockOwners: which container the memory around certain words belongs to. A list, dict, set, deque or an
// instance keeps its items apart from itself; from a word in there nothing leads to it. So all containers are
// examined once, and of each word the one is kept whose block begins closest below it. Whether the block
// reaches so far is for the reader of the slot to check.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "cpython_layouts/python_process.hpp"
#include "symbols/word_scan.hpp"

namespace corotrace {

enum class OwnerKind : std::uint8_t { kList, kTuple, kDict, kSet, kDeque, kInstance };

struct BlockOwner {
    RemoteAddr start;  // of the block; null: none was found
    RemoteAddr object;
    OwnerKind kind = OwnerKind::kList;
    std::uint64_t ordinal = 0;  // of the block among those of a deque
};

// Items of a block of a deque, which has a link before and behind them.
// Source: CPython Modules/_collectionsmodule.c BLOCKLEN, the same from 3.8 to 3.15.
inline constexpr std::uint64_t kDequeBlockItems = 64;

using ContainerTypes = std::map<RemoteAddr, OwnerKind>;
[[nodiscard]] ContainerTypes find_container_types(const RemoteMemory& memory, const PythonProcess& python);

class BlockOwners {
public:
    // Of the words at `places`. Its own memory grows with these, not with the heap. What was found when
    // `memory` refuses to be read on (Errc::timeout) is all that is told. Cost: reads all of `spans` once,
    // and of each container 1 to 3 words. Errors: gone.
    [[nodiscard]] static Result<BlockOwners> find(const RemoteMemory& memory, const PythonProcess& python,
                                                  std::span<const AddressSpan> spans,
                                                  const ContainerTypes& types, std::vector<RemoteAddr> places,
                                                  ScanThreads threads = ScanThreads::kOne);

    // Of one of `places`; nullptr: none.
    [[nodiscard]] const BlockOwner* find_owner(RemoteAddr place) const;

private:
    std::vector<RemoteAddr> places_;   // sorted
    std::vector<BlockOwner> closest_;  // for each of them

    friend class OwnerScan;
};

}  // namespace corotrace
