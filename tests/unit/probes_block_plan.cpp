// SPDX-License-Identifier: MIT
// How block, ring and table are laid into caves.
#include "tracer/probes/block_plan.hpp"

#include <algorithm>
#include <set>

#include "tests/support/catch.hpp"

namespace corotrace::probes_block_plan_test {

namespace {

const std::vector<Cave> kCaves{{.start = {0x10000}, .bytes = 3752, .module = "python"},
                               {.start = {0x20000}, .bytes = 1920, .module = "expat"},
                               {.start = {0x30000}, .bytes = 2100, .module = "z"},
                               {.start = {0x40000}, .bytes = 1800, .module = "m"}};

// Every range that the plan uses.
std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges(const BlockPlan& plan) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> used{{0x10000, 0x10000 + plan.head_bytes}};
    for (const RemoteAddr piece : plan.pieces) used.emplace_back(piece.value, piece.value + kPieceBytes);
    for (const RemoteAddr part : plan.parts) used.emplace_back(part.value, part.value + kCaptureBytes);
    std::ranges::sort(used);
    return used;
}

}  // namespace

TEST_CASE("block plan: nothing overlaps, and all of it lies in caves") {
    for (const bool for_captures : {false, true}) {
        const BlockPlan plan = plan_block(kCaves, for_captures);
        const auto used = ranges(plan);
        for (std::size_t i = 0; i < used.size(); ++i) {
            if (i > 0) CHECK(used[i - 1].second <= used[i].first);
            CHECK(std::ranges::any_of(kCaves, [&](const Cave& cave) {
                return cave.start.value <= used[i].first && used[i].second <= cave.start.value + cave.bytes;
            }));
        }
        CHECK((plan.captures & (plan.captures - 1)) == 0);
        CHECK(plan.pieces.size() > 4);
    }
}

TEST_CASE("block plan: the ring may lie wholly in other caves than the block") {
    std::vector<Cave> caves = kCaves;
    caves.front().bytes = 1500;
    const BlockPlan plan = plan_block(caves, true);
    CHECK(plan.captures == 16);
    const StubRing ring = make_ring(plan, {0x10000});
    CHECK(ring.room == 16);
    CHECK(ring.parts[0] == RemoteAddr{0x20000});
    CHECK(ring.parts[1] == RemoteAddr{0x30000});
    CHECK(ring.parts[2].is_null());
    CHECK(make_ring(plan_block(caves, false), {0x10000}).parts[0] >= RemoteAddr{0x10000});
}

TEST_CASE("block plan: where places are captured the ring has parts in other caves") {
    const BlockPlan plain = plan_block(kCaves, false);
    const BlockPlan many = plan_block(kCaves, true);
    CHECK(plain.parts.empty());
    CHECK_FALSE(many.parts.empty());
    CHECK(many.captures >= 2 * plain.captures);
    CHECK(plain.pieces.size() > many.pieces.size());
}

}  // namespace corotrace::probes_block_plan_test
