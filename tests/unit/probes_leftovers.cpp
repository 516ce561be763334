// SPDX-License-Identifier: MIT
// What a killed corotrace left, looked for in made-up memory: a module of two pages, code and data, with
// tails.
#include "tracer/probes/leftovers.hpp"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "symbols/memory_image.hpp"
#include "tests/support/catch.hpp"

namespace corotrace::probes_leftovers_test {

namespace {

constexpr std::uint64_t kCode = 0x7f0000000000, kData = 0x7f0000001000, kPage = 4096;
constexpr std::uint64_t kStub = kCode + 0x800, kBlock = kData + 0x400;

class TwoPages final : public RemoteMemory {
public:
    TwoPages() : bytes_(2 * kPage) {
        Elf64_Ehdr header{};
        std::memcpy(&header, ELFMAG, SELFMAG);
        header.e_ident[EI_CLASS] = ELFCLASS64;
        header.e_ident[EI_DATA] = ELFDATA2LSB;
        header.e_ident[EI_VERSION] = EV_CURRENT;
        header.e_type = ET_DYN;
        header.e_version = EV_CURRENT;
        header.e_phoff = sizeof(header);
        header.e_ehsize = sizeof(header);
        header.e_phentsize = sizeof(Elf64_Phdr);
        header.e_phnum = 2;
        put(kCode, header);
        const Elf64_Phdr code{PT_LOAD, PF_R | PF_X, 0, 0, 0, 0x200, 0x200, kPage};
        const Elf64_Phdr data{PT_LOAD, PF_R | PF_W, kPage, kPage, kPage, 0x100, 0x100, kPage};
        put(kCode + sizeof(header), code);
        put(kCode + sizeof(header) + sizeof(code), data);
    }

    template <typename T>
    void put(std::uint64_t at, const T& value) {
        std::memcpy(bytes_.data() + (at - kCode), &value, sizeof(value));
    }

    // Reads that touch [from, to) fail so from now on.
    void refuse(std::uint64_t from, std::uint64_t to, Errc code) { refused_ = {from, to, code}; }

    [[nodiscard]] Status read(RemoteAddr from, std::span<std::byte> into) const override {
        const std::uint64_t end = from.value + into.size();
        if (from.value < refused_.to && end > refused_.from) return Error{refused_.code, 0, "refused"};
        if (from.value < kCode || end > kCode + bytes_.size()) return Error{Errc::unreadable, 0, "unmapped"};
        std::copy_n(bytes_.data() + (from.value - kCode), into.size(), into.begin());
        return {};
    }

    [[nodiscard]] static MemoryMap map() {
        auto map = MemoryMap::parse(
            "7f0000000000-7f0000001000 r-xp 00000000 08:01 7 /lib/made-up.so\n"
            "7f0000001000-7f0000002000 rw-p 00001000 08:01 7 /lib/made-up.so\n");
        REQUIRE(map);
        return std::move(*map);
    }

private:
    struct Refused {
        std::uint64_t from = 0;
        std::uint64_t to = 0;
        Errc code = Errc::unreadable;
    };
    std::vector<std::byte> bytes_;
    Refused refused_;
};

StubDataHeader block() {
    StubDataHeader header;
    header.stub = kStub;
    header.stub_bytes = 64;
    header.data_bytes = sizeof(StubDataHeader);
    header.slot_count = 1;
    header.slots[0] = {.address = 0x1000, .original = 0x2000};
    return header;
}

void put_stub(TwoPages& memory) {
    memory.put(kStub, ~kStubMagic);
    memory.put(kStub + 8, kBlock);
}

Result<std::vector<Leftover>> look(const TwoPages& memory) {
    const MemoryImage image(memory, TwoPages::map());
    auto symbols = SymbolIndex::open(image);
    REQUIRE(symbols);
    REQUIRE(symbols->modules().size() == 1);
    return find_leftovers(memory, *symbols);
}

}  // namespace

TEST_CASE("leftovers: clean memory has none") {
    const TwoPages memory;
    const auto found = look(memory);
    REQUIRE(found);
    CHECK(found->empty());
}

TEST_CASE("leftovers: a block with its stub, a block alone, and a stub that leads to no block") {
    TwoPages memory;
    put_stub(memory);
    auto found = look(memory);
    REQUIRE(found);
    CHECK(found->empty());
    memory.put(kBlock, block());
    found = look(memory);
    REQUIRE(found);
    REQUIRE(found->size() == 1);
    CHECK(found->front().has_stub);
    CHECK(found->front().data.start == RemoteAddr{kBlock});
    CHECK(found->front().stub.start == RemoteAddr{kStub});
    REQUIRE(found->front().slots.size() == 1);
    CHECK(found->front().slots[0].original == 0x2000);
    // The first word of a stub is written first, and cleared last.
    memory.put(kStub + 8, std::uint64_t{0});
    found = look(memory);
    REQUIRE(found);
    REQUIRE(found->size() == 1);
    CHECK(found->front().has_stub);
    memory.put(kStub, std::uint64_t{0});
    found = look(memory);
    REQUIRE(found);
    REQUIRE(found->size() == 1);
    CHECK_FALSE(found->front().has_stub);
}

TEST_CASE("leftovers: impossible sizes are no block of ours") {
    for (const int wrong : {0, 1, 2}) {
        TwoPages memory;
        auto header = block();
        if (wrong == 0) header.slot_count = kMaxSlots + 1;
        if (wrong == 1) header.stub_bytes = 1U << 20U;
        if (wrong == 2) header.data_bytes = 1U << 20U;
        memory.put(kBlock, header);
        const auto found = look(memory);
        REQUIRE(found);
        CHECK(found->empty());
    }
}

TEST_CASE("leftovers: who could not see everything does not say that nothing was left") {
    TwoPages memory;
    memory.refuse(kBlock, kBlock + 8, Errc::unreadable);
    auto found = look(memory);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == Errc::unreadable);
    // What is there in the part that was seen is said all the same.
    TwoPages other;
    other.put(kBlock, block());
    other.refuse(kStub, kStub + 8, Errc::denied);
    found = look(other);
    REQUIRE(found);
    CHECK(found->size() == 1);
}

TEST_CASE("leftovers: a process that ended meanwhile is gone, not clean") {
    TwoPages memory;
    put_stub(memory);
    memory.refuse(kStub, kStub + 8, Errc::gone);
    const auto found = look(memory);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == Errc::gone);
}

}  // namespace corotrace::probes_leftovers_test
