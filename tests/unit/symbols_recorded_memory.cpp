// SPDX-License-Identifier: MIT
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "symbols/recorded_memory.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_memory.hpp"
#include "tests/support/scratch_dir.hpp"

namespace corotrace::symbols_recorded_memory_test {

namespace {

constexpr RemoteAddr kStart{0x7f0000000000};

FakeMemory some_memory(std::size_t pages) {
    std::vector<std::byte> bytes(pages * kImagePageSize);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i % 251);
    return {kStart, std::move(bytes)};
}

Result<RecordedMemory> parsed(const std::string& text) {
    return RecordedMemory::parse(std::as_bytes(std::span(text)));
}

}  // namespace

TEST_CASE("recorded memory: what was read comes back, what was not does not") {
    const ScratchDir dir;
    FakeMemory memory = some_memory(6);
    const RecordingMemory recorder(memory);
    REQUIRE(recorder.read_as<std::uint64_t>(kStart + 100));
    REQUIRE(recorder.read_as<std::uint64_t>(kStart + (4 * kImagePageSize - 4)));  // pages 3 and 4
    CHECK_FALSE(recorder.read_as<std::uint64_t>(kStart + 6 * kImagePageSize));
    REQUIRE(recorder.save(dir / "image.gz",
                          {{"version", "3.12.1"}, {"runtime", "0x7f0000000064"}, {"empty", ""}}));

    const auto image = RecordedMemory::load(dir / "image.gz");
    REQUIRE(image);
    for (const std::size_t page : {0U, 3U, 4U}) {
        std::vector<std::byte> bytes(kImagePageSize);
        REQUIRE(image->read(kStart + page * kImagePageSize, bytes));
        const auto first = memory.bytes().begin() + static_cast<std::ptrdiff_t>(page * kImagePageSize);
        CHECK(std::equal(bytes.begin(), bytes.end(), first));
    }
    for (const std::size_t page : {1U, 2U, 5U, 6U}) {
        const auto missing = image->read_as<std::byte>(kStart + page * kImagePageSize);
        REQUIRE_FALSE(missing);
        CHECK(missing.error().code == Errc::unreadable);
    }
    CHECK_FALSE(image->read_as<std::uint64_t>(kStart + (kImagePageSize - 4)));
    CHECK(image->fact("version") == "3.12.1");
    CHECK(image->fact("empty") == "");
    CHECK_FALSE(image->fact("other"));
    CHECK(image->address_fact("runtime") == RemoteAddr{0x7f0000000064});
    CHECK_FALSE(image->address_fact("version"));
    CHECK_FALSE(image->address_fact("empty"));
}

TEST_CASE("recorded memory: the image holds what the reader saw, not what came later") {
    const ScratchDir dir;
    FakeMemory memory = some_memory(1);
    const RecordingMemory recorder(memory);
    REQUIRE(recorder.read_as<std::byte>(kStart));
    memory.bytes()[1] = std::byte{99};
    CHECK(recorder.read_as<std::byte>(kStart + 1).value() == std::byte{1});
    REQUIRE(recorder.save(dir / "image", {}));
    const auto image = RecordedMemory::load(dir / "image");
    REQUIRE(image);
    CHECK(image->read_as<std::byte>(kStart + 1).value() == std::byte{1});
}

TEST_CASE("recorded memory: facts that the format cannot hold are refused") {
    const ScratchDir dir;
    FakeMemory memory = some_memory(1);
    const RecordingMemory recorder(memory);
    for (const ImageFacts& facts :
         {ImageFacts{{"a=b", "1"}}, ImageFacts{{"a", "1\n2"}}, ImageFacts{{"", "1"}}}) {
        const auto saved = recorder.save(dir / "image", facts);
        REQUIRE_FALSE(saved);
        CHECK(saved.error().code == Errc::usage);
    }
}

TEST_CASE("recorded memory: a damaged image is refused") {
    const std::string head = "corotrace-image 1\nname=value\n\n";
    const std::string address("\x00\x10\x00\x00\x00\x00\x00\x00", 8);
    REQUIRE(parsed(head));
    REQUIRE(parsed(head + address + std::string(kImagePageSize, 'x')));
    for (const std::string& bad : {
             std::string(),
             std::string("corotrace-image 2\n\n"),
             std::string("corotrace-image 1\n"),
             std::string("corotrace-image 1\nno equals sign\n\n"),
             std::string("corotrace-image 1\nname=value"),
             head + address,
             head + address + std::string(kImagePageSize - 1, 'x'),
             head + "\x01" + address.substr(1) + std::string(kImagePageSize, 'x'),
         }) {
        const auto image = parsed(bad);
        REQUIRE_FALSE(image);
        CHECK(image.error().code == Errc::malformed);
    }
}

TEST_CASE("recorded memory: a file that was cut off is refused, even at the end of a page") {
    const ScratchDir dir;
    FakeMemory memory = some_memory(3);
    const RecordingMemory recorder(memory);
    std::vector<std::byte> all(memory.bytes().size());
    REQUIRE(recorder.read(kStart, all));
    REQUIRE(recorder.save(dir / "image", {{"a", "b"}}));
    const auto size = std::filesystem::file_size(dir / "image");
    for (std::uintmax_t left = 0; left < size; left += 1 + size / 40) {
        std::filesystem::copy_file(dir / "image", dir / "cut",
                                   std::filesystem::copy_options::overwrite_existing);
        std::filesystem::resize_file(dir / "cut", left);
        CAPTURE(left);
        CHECK_FALSE(RecordedMemory::load(dir / "cut"));
    }
    CHECK_FALSE(RecordedMemory::load(dir / "missing"));
}

}  // namespace corotrace::symbols_recorded_memory_test
