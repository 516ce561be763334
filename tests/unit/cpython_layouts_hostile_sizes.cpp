// SPDX-License-Identifier: MIT
// Sizes that a program states of its objects: what they cost a reader, whatever they say.
#include <cstring>

#include "cpython_layouts/block_owners.hpp"
#include "cpython_layouts/dict.hpp"
#include "cpython_layouts/holder_types.hpp"
#include "cpython_layouts/limits.hpp"
#include "cpython_layouts/objects.hpp"
#include "symbols/timed_memory.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_memory.hpp"
#include "tests/support/made_code.hpp"

namespace corotrace::cpython_layouts_hostile_sizes_test {
namespace {

constexpr RemoteAddr kStart{0x100000};
constexpr std::uint64_t kType = kStart.value;
constexpr std::uint64_t kDict = kStart.value + 0x1000;
constexpr std::uint64_t kKeys = kStart.value + 0x2000;

// A dict without values of their own, whose keys say of themselves what is wanted. Every key and value is 0.
struct MadeDict {
    explicit MadeDict(const char* version, std::size_t bytes = 0x4000)
        : layout(layout_named(version)), memory(kStart, std::vector<std::byte>(bytes)) {
        put(kType + static_cast<std::uint64_t>(layout.type.flags), std::uint64_t{kTypeFlagDict});
        put(kDict + static_cast<std::uint64_t>(layout.object.type), kType);
        put(kDict + static_cast<std::uint64_t>(layout.dict.keys), kKeys);
    }

    template <typename T>
    void put(std::uint64_t at, T value) {
        std::memcpy(memory.bytes().data() + (at - kStart.value), &value, sizeof value);
    }
    void claim(std::uint64_t log2_slots, std::uint64_t entries) {
        const DictKeysLayout& fields = layout.dict_keys;
        if (layout.dict_keys_rule == DictKeysRule::kSlotCount) {
            put(kKeys + static_cast<std::uint64_t>(fields.slots), std::uint64_t{1} << log2_slots);
        } else {
            const auto extra = log2_slots < 8 ? 0U : log2_slots < 16 ? 1U : log2_slots < 32 ? 2U : 3U;
            put(kKeys + static_cast<std::uint64_t>(fields.log2_index_bytes),
                static_cast<std::uint8_t>(log2_slots + extra));
        }
        put(kKeys + static_cast<std::uint64_t>(fields.entry_count), entries);
    }

    const Layout& layout;
    FakeMemory memory;
};

TEST_CASE("sizes: a dict has no more entries than two thirds of its slots") {
    for (const char* version : {"3.8", "3.10", "3.11", "3.14"}) {
        INFO(version);
        for (const std::uint64_t log2 : {3U, 7U, 8U, 15U, 16U}) {
            MadeDict dict(version, std::size_t{1} << 22U);
            const std::uint64_t most = (std::uint64_t{2} << log2) / 3;
            dict.claim(log2, most);
            CHECK(read_dict(dict.memory, dict.layout, {kDict}, 10));
            dict.claim(log2, most + 1);
            const auto read = read_dict(dict.memory, dict.layout, {kDict}, 10);
            REQUIRE_FALSE(read);
            CHECK(read.error().code == Errc::malformed);
        }
    }
}

TEST_CASE("sizes: a dict that says it is larger than what is mapped costs a few reads") {
    MadeDict dict("3.11");
    dict.claim(21, 1U << 20U);
    const auto found = find_dict_item(dict.memory, dict.layout, {kDict}, "name");
    REQUIRE_FALSE(found);
    CHECK(found.error().code == Errc::unreadable);
    CHECK(dict.memory.reads() < 8);
}

// Everything is readable, and each word is an address.
class EndlessMemory final : public RemoteMemory {
public:
    explicit EndlessMemory(const MadeDict& dict) : dict_(dict) {}
    [[nodiscard]] Status read(RemoteAddr from, std::span<std::byte> into) const override {
        ++reads;
        if (dict_.memory.read(from, into)) return {};
        for (std::size_t i = 0; i < into.size(); ++i)
            into[i] = std::byte{static_cast<unsigned char>(i % 8 == 2)};
        return {};
    }
    mutable std::uint64_t reads = 0;

private:
    const MadeDict& dict_;
};

TEST_CASE("sizes: no more names are compared than are worth it") {
    MadeDict dict("3.11", 0x2400);
    dict.claim(21, 1U << 20U);
    const EndlessMemory memory(dict);
    CHECK_FALSE(find_dict_item(memory, dict.layout, {kDict}, "name"));
    CHECK(memory.reads > kMaxNamesCompared);
    CHECK(memory.reads < 8 * kMaxNamesCompared);
}

TEST_CASE("sizes: what is kept of types does not grow with the words that were asked about") {
    MadeDict dict("3.11");
    HolderTypes types(dict.memory, dict.layout);
    for (std::uint64_t i = 0; i < 4 * kMaxHolderTypes; ++i) {
        CHECK(types.find({0x10000 + i * 8}) == nullptr);
    }
    CHECK(types.size() <= kMaxHolderTypes);
    CHECK(types.find({3}) == nullptr);
}

std::chrono::nanoseconds ticking() {
    static std::chrono::nanoseconds now{};
    return now += std::chrono::nanoseconds(1);
}

TEST_CASE("sizes: a deque whose blocks go round for ever ends with the time for reading") {
    MadeDict heap("3.11");
    const PythonProcess python{.version = {},
                               .layout = std::make_unique<const Layout>(heap.layout),
                               .runtime = {},
                               .coro_type = {},
                               .module = nullptr,
                               .notes = {}};
    const std::uint64_t object = kStart.value + 0x3000;
    const std::uint64_t left = object + static_cast<std::uint64_t>(heap.layout.object.size) + 8;
    const std::uint64_t block = kStart.value + 0x3400;
    heap.put(object + static_cast<std::uint64_t>(heap.layout.object.type), kType);
    heap.put(left, block);
    heap.put(left + 8, std::uint64_t{0x4242});
    heap.put(block + (kDequeBlockItems + 1) * 8, block);
    TimedMemory timed(heap.memory, ticking);
    timed.allow_exactly(std::chrono::nanoseconds(100));
    const std::vector<AddressSpan> spans{{kStart, kStart + 0x4000}};
    const auto owners = BlockOwners::find(timed, python, spans, {{RemoteAddr{kType}, OwnerKind::kDeque}},
                                          {RemoteAddr{block + 16}});
    REQUIRE(owners);
    CHECK(timed.ran_out());
    CHECK(heap.memory.reads() < 3000);
}

}  // namespace
}  // namespace corotrace::cpython_layouts_hostile_sizes_test
