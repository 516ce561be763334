// SPDX-License-Identifier: MIT
#include <vector>

#include "symbols/page_cache.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_memory.hpp"

namespace corotrace::symbols_page_cache_test {

namespace {

constexpr RemoteAddr kStart{0x7f0000000000};
constexpr std::size_t kPage = PageCache::kPageSize;

FakeMemory numbered_memory(std::size_t size) {
    std::vector<std::byte> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 31 + i / kPage);
    return {kStart, std::move(bytes)};
}

std::vector<std::byte> expected(FakeMemory& memory, std::size_t at, std::size_t size) {
    const auto first = memory.bytes().begin() + static_cast<std::ptrdiff_t>(at);
    return {first, first + static_cast<std::ptrdiff_t>(size)};
}

}  // namespace

TEST_CASE("page cache: 200 fields on 10 pages are 10 reads") {
    FakeMemory memory = numbered_memory(10 * kPage);
    const PageCache cache(memory);
    for (std::size_t field = 0; field < 200; ++field) {
        const std::size_t at = (field * 1021 * 8) % (10 * kPage - 8);
        std::vector<std::byte> bytes(8);
        REQUIRE(cache.read(kStart + at, bytes));
        REQUIRE(bytes == expected(memory, at, 8));
    }
    CHECK(memory.reads() == 10);
}

TEST_CASE("page cache: every size at every edge equals the memory") {
    FakeMemory memory = numbered_memory(12 * kPage);
    const PageCache cache(memory);
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{7}, kPage - 1, kPage,
                                   kPage + 1, 3 * kPage, PageCache::kMaxBytes, PageCache::kMaxBytes + 1}) {
        for (const std::size_t at : {std::size_t{0}, std::size_t{1}, kPage - 1, kPage, kPage + 1}) {
            std::vector<std::byte> bytes(size);
            REQUIRE(cache.read(kStart + at, bytes));
            REQUIRE(bytes == expected(memory, at, size));
        }
    }
}

TEST_CASE("page cache: holds what it read until it is cleared") {
    FakeMemory memory = numbered_memory(kPage);
    PageCache cache(memory);
    REQUIRE(cache.read_as<std::byte>(kStart).value() == std::byte{0});
    memory.bytes()[0] = std::byte{42};
    CHECK(cache.read_as<std::byte>(kStart).value() == std::byte{0});
    cache.clear();
    CHECK(cache.read_as<std::byte>(kStart).value() == std::byte{42});
}

TEST_CASE("page cache: more pages than it holds are still read right") {
    constexpr std::size_t kPages = 3 * PageCache::kMaxPages;
    FakeMemory memory = numbered_memory(kPages * kPage);
    const PageCache cache(memory);
    for (int round = 0; round < 2; ++round) {
        for (std::size_t page = 0; page < kPages; ++page) {
            const std::size_t at = page * kPage + page;
            REQUIRE(cache.read_as<std::byte>(kStart + at).value() == memory.bytes()[at]);
        }
    }
}

TEST_CASE("page cache: pages that cannot be read cost none of its places") {
    constexpr std::size_t kPages = 2 * PageCache::kMaxPages;
    FakeMemory memory = numbered_memory(kPages * kPage);
    PageCache cache(memory);
    for (int round = 0; round < 3; ++round) {
        cache.clear();
        for (std::size_t page = 0; page < kPages; ++page) {
            const std::size_t at = page * kPage + page;
            REQUIRE(cache.read_as<std::byte>(kStart + at).value() == memory.bytes()[at]);
            CHECK_FALSE(cache.read_as<std::byte>(kStart + (kPages + page) * kPage).ok());
        }
        const std::size_t last = (kPages - 1) * kPage;
        CHECK(cache.read_as<std::byte>(kStart + last).value() == memory.bytes()[last]);
    }
}

TEST_CASE("page cache: the edge of the readable memory") {
    // Ends in the middle of a page, as a recorded image or a core file may.
    FakeMemory memory = numbered_memory(kPage + 100);
    const PageCache cache(memory);
    std::vector<std::byte> bytes(108);
    CHECK(cache.read(kStart + (kPage - 8), bytes));
    CHECK(bytes == expected(memory, kPage - 8, 108));
    bytes.resize(109);
    const auto beyond = cache.read(kStart + (kPage - 8), bytes);
    REQUIRE_FALSE(beyond);
    CHECK(beyond.error().code == Errc::unreadable);
    CHECK_FALSE(cache.read_as<std::byte>(kStart - 1));
    CHECK_FALSE(cache.read_as<std::uint64_t>({UINT64_MAX - 3}));  // wraps round the address space
    CHECK_FALSE(cache.read_as<std::byte>({0}));
}

TEST_CASE("page cache: a page that failed does not leave another one's bytes behind") {
    FakeMemory memory = numbered_memory(PageCache::kMaxPages * kPage);
    const PageCache cache(memory);
    for (std::size_t page = 0; page < PageCache::kMaxPages; ++page) {
        REQUIRE(cache.read_as<std::byte>(kStart + page * kPage));
    }
    for (std::size_t page = PageCache::kMaxPages; page < 2 * PageCache::kMaxPages; ++page) {
        CHECK_FALSE(cache.read_as<std::byte>(kStart + page * kPage));
    }
    for (std::size_t page = 0; page < PageCache::kMaxPages; ++page) {
        CHECK(cache.read_as<std::byte>(kStart + page * kPage).value() == memory.bytes()[page * kPage]);
    }
}

TEST_CASE("page cache: several in one memory, each of which has what it read itself") {
    FakeMemory one = numbered_memory(PageCache::kMaxPages * kPage);
    FakeMemory other(kStart, std::vector<std::byte>(PageCache::kMaxPages * kPage, std::byte{42}));
    const auto pages = std::make_shared<PageMemory>();
    PageCache first(one, pages);
    for (int round = 0; round < 3; ++round) {
        PageCache second(other, pages);
        for (std::size_t page = 0; page < PageCache::kMaxPages; page += page % 7 + 1) {
            const std::size_t at = page * kPage + 3;
            REQUIRE(first.read_as<std::byte>(kStart + at).value() == one.bytes()[at]);
            pages->make_ready();  // forgets nothing
            const int reads = one.reads();
            REQUIRE(first.read_as<std::byte>(kStart + at).value() == one.bytes()[at]);
            REQUIRE(one.reads() == reads);
            if (page % 2 == 0) REQUIRE(second.read_as<std::byte>(kStart + at).value() == std::byte{42});
        }
    }
}

}  // namespace corotrace::symbols_page_cache_test
