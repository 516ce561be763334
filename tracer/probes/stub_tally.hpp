// SPDX-License-Identifier: MIT
// StubTally: what a stub has counted, without where its block lies. What a killed corotrace's stub had
// counted is taken out of its block before that is cleared, and put into the block of the next one, which
// goes on with it. So is what a forked process counted in its copy of its parent's block before it was found.
#pragma once

#include <cstdint>
#include <vector>

#include "symbols/process_memory.hpp"
#include "tracer/probes/stub_data.hpp"

namespace corotrace {

struct StubTally {
    std::uint32_t pid = 0;    // see StubDataHeader; 0: nothing is known
    std::uint32_t owner = 0;  // as there
    std::uint64_t coroutines = 0;
    std::uint64_t agen_methods = 0;
    std::uint64_t handled = 0;
    std::uint32_t overflow = 0;
    std::uint32_t call_overflow = 0;
    std::vector<StubRow> rows;  // key and count of those in use

    [[nodiscard]] std::uint64_t never_awaited() const { return coroutines + agen_methods; }
    void add(const StubTally& other);
    // What is left of a copy without what the original has counted: no more than what was counted in the
    // copy, and as much if the original has counted nothing since it was copied.
    void take_away(const StubTally& original);
};

// Of a block that nothing counts in any more. `pieces`: where those of its table may lie that do not lie in
// it; the block's own directory is believed in nothing else. Errors: malformed (of another version), as
// ProcessMemory's.
[[nodiscard]] Result<StubTally> read_stub_tally(const RemoteMemory& memory, RemoteAddr data,
                                                const std::vector<RemoteAddr>& pieces);

// The rows where a stub looks for them in an empty table of `capacity` rows; those without room are in the
// overflow counts then. Pure.
struct PlacedTally {
    std::vector<RawPiece> pieces;
    std::uint32_t overflow = 0;
    std::uint32_t call_overflow = 0;
};
[[nodiscard]] PlacedTally place_tally(const StubTally& tally, std::uint32_t capacity);
// Into a block that is to be written: its counters, which the cross-check's follow.
void put_tally(const StubTally& tally, const PlacedTally& placed, StubDataHeader& header);
// Of a block that was written, so that whoever clears up after a kill knows where they are. Errors: as
// ProcessMemory's.
[[nodiscard]] Status write_rows(const ProcessMemory& memory, const StubPieces& pieces,
                                const PlacedTally& placed);

}  // namespace corotrace
