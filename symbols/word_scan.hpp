// SPDX-License-Identifier: MIT
// WordScan: looks through memory for aligned words that are one of a set, at the speed of reading. Its own
// memory is a few chunks, however much is looked through.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "symbols/address.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

struct AddressSpan {
    RemoteAddr start;
    RemoteAddr end;  // one past the last byte

    [[nodiscard]] bool contains(RemoteAddr address) const { return start <= address && address < end; }
};

struct ScanFigures {
    std::uint64_t bytes = 0;         // read
    std::uint64_t unread_bytes = 0;  // that could not be read
    bool timed_out = false;          // the memory refused to be read on: what is behind was not examined
};

// Takes a hit: where the word is, and the word. False ends the scan.
using WordVisitor = std::function<bool(RemoteAddr at, std::uint64_t word)>;

// kTwo takes less time where two processors are free, not less of theirs; `memory` must allow two reads at
// once.
enum class ScanThreads : std::uint8_t { kOne, kTwo };

// Visits each word that equals one of `targets`, in the order of `spans` and of its place, from the thread
// that calls. What cannot be read is passed over and counted. Errors: gone.
[[nodiscard]] Result<ScanFigures> scan_words(const RemoteMemory& memory, std::span<const AddressSpan> spans,
                                             std::vector<RemoteAddr> targets, const WordVisitor& visit,
                                             ScanThreads threads = ScanThreads::kOne);

}  // namespace corotrace
