// SPDX-License-Identifier: MIT
#include "tracer/session/evidence_copier.hpp"

#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/fake_memory.hpp"
#include "tests/support/made_code.hpp"

namespace corotrace::session_evidence_copier_test {

namespace {

constexpr RemoteAddr kStart{0x10000};
constexpr std::uint64_t kKey = 0x7f0011223340;
constexpr std::uint64_t kCode = 0x7f0055667788;
constexpr std::size_t kType = 0x1000, kName = 0x1800, kStack = 0x2000, kSize = 0x3000;

// Time is over at each look.
std::chrono::nanoseconds late_clock() {
    static std::chrono::seconds now{1};
    now += std::chrono::hours(1);
    return now;
}

class MadeImage final : public ProcessImage {
public:
    MadeImage() : memory_(kStart, std::vector<std::byte>(kSize)) {}

    void put(std::size_t at, std::uint64_t word) { std::memcpy(&memory_.bytes()[at], &word, sizeof(word)); }
    void put(std::size_t at, std::string_view text) {
        std::memcpy(&memory_.bytes()[at], text.data(), text.size());
    }

    [[nodiscard]] const RemoteMemory& memory() const override { return memory_; }
    [[nodiscard]] Result<MemoryMap> read_map() const override { return MemoryMap::of({}); }
    [[nodiscard]] bool is_program(const Module&) const override { return false; }
    [[nodiscard]] std::optional<ElfFile> open_mapped_file(const Module&,
                                                          const std::optional<std::string>&) const override {
        return std::nullopt;
    }
    [[nodiscard]] std::optional<ElfFile> open_debug_file(const Module&, const ElfFile&,
                                                         const std::optional<std::string>&) const override {
        return std::nullopt;
    }
    [[nodiscard]] std::optional<SourceFile> read_source(const std::string&) const override {
        return std::nullopt;
    }
    [[nodiscard]] std::optional<SourceStamp> read_source_stamp(const std::string&) const override {
        return std::nullopt;
    }

private:
    FakeMemory memory_;
};

// A stop whose row and object are at the same place, read by a tracer whose time is over at once.
DropEvidence copy_late(const MadeImage& image) {
    auto symbols = SymbolIndex::open(image);
    REQUIRE(symbols.ok());
    PythonProcess python;
    python.layout = std::make_unique<const Layout>(made_layout());
    EvidenceCopier copier(1, image, *symbols, python, {.values = {}, .native = false, .clock = late_clock});
    const arch::Registers registers{.pc = 0,
                                    .sp = kStart.value + kStack,
                                    .thread_id = 0,
                                    .general = std::vector<std::uint64_t>(64, kStart.value)};
    auto evidence = copier.copy(1, registers);
    REQUIRE(evidence.ok());
    return std::move(evidence).value();
}

}  // namespace

TEST_CASE("a drop is sampled in its own row, though the time to read it was over at once") {
    MadeImage image;
    image.put(0, kKey);
    const auto code_at =
        arch::stub_stop({.pc = 0, .sp = 0, .thread_id = 0, .general = std::vector<std::uint64_t>(64)}).code;
    image.put(kStack + code_at.value, kCode);
    const auto evidence = copy_late(image);
    CHECK(evidence.key == kKey);
    CHECK(evidence.code == kCode);
}

TEST_CASE("a call of a handler is known as one, though the time was over at once") {
    MadeImage image;
    image.put(0, kKey | arch::StubCallKey::kTag);
    image.put(static_cast<std::size_t>(made_layout().object.type), kStart.value + kType);
    image.put(kType + static_cast<std::size_t>(made_layout().type.name), kStart.value + kName);
    image.put(kName, "dict");
    const auto evidence = copy_late(image);
    CHECK(evidence.kind == DropKind::kHandlerCall);
    CHECK_FALSE(evidence.lost_task.has_value());
}

}  // namespace corotrace::session_evidence_copier_test
