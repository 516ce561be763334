// SPDX-License-Identifier: MIT
// Facts kept between stops: told without a read, confirmed afterwards, never kept where that failed.
#include "cpython_layouts/recall.hpp"

#include <cstring>

#include "cpython_layouts/registry.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_memory.hpp"

namespace corotrace::cpython_layouts_recall_test {
namespace {

constexpr RemoteAddr kAt{0x1000};

// An "object" that is one number.
struct Number {
    [[nodiscard]] static Result<Number> read(const RemoteMemory& memory, const Layout&, RemoteAddr address) {
        CT_TRY(const auto value, memory.read_as<std::uint32_t>(address));
        return Number{address, value};
    }
    RemoteAddr address;
    std::uint32_t value = 0;
};

Result<bool> is_still(const RemoteMemory& memory, const Layout& layout, const Number& number) {
    CT_TRY(const auto now, Number::read(memory, layout, number.address));
    return now.value == number.value;
}

struct Numbers {
    Numbers() : memory(kAt, std::vector<std::byte>(64)) {}

    void put(std::size_t index, std::uint32_t value) {
        std::memcpy(memory.bytes().data() + index * sizeof(value), &value, sizeof(value));
    }
    std::uint32_t tell(std::size_t index) {
        return (*recall.find_or_read(memory, layout, kAt + index * sizeof(std::uint32_t)))->value;
    }
    void make_steady(std::size_t index) {
        for (unsigned i = 0; i <= Recall<Number>::kSteady; ++i) {
            tell(index);
            CHECK(doubtful() == 0);
        }
    }
    std::size_t doubtful() { return recall.confirm(memory, layout)->size(); }

    FakeMemory memory;
    const Layout& layout = **find_layout({3, 11});
    Recall<Number> recall{4};
};

TEST_CASE("recall: a steady fact is told without a read and confirmed with one") {
    Numbers numbers;
    numbers.put(0, 7);
    numbers.make_steady(0);
    CHECK(numbers.doubtful() == 0);  // read each time: nothing to confirm
    const int before = numbers.memory.reads();
    CHECK(numbers.tell(0) == 7);
    CHECK(numbers.memory.reads() == before);
    CHECK(numbers.doubtful() == 0);
    CHECK(numbers.memory.reads() == before + 1);
    CHECK(numbers.doubtful() == 0);  // once a stop
    CHECK(numbers.memory.reads() == before + 1);
}

TEST_CASE("recall: a fact that is not steady yet is never a stale one") {
    Numbers numbers;
    for (std::uint32_t value = 0; value < 3 * Recall<Number>::kSteady; ++value) {
        numbers.put(0, value / 2);
        CHECK(numbers.tell(0) == value / 2);
        CHECK(numbers.doubtful() == 0);
    }
}

TEST_CASE("recall: what is replaced is named once and never steady again") {
    Numbers numbers;
    numbers.put(0, 7);
    numbers.make_steady(0);
    numbers.put(0, 8);
    CHECK(numbers.tell(0) == 7);  // stale, and
    const auto doubtful = numbers.recall.confirm(numbers.memory, numbers.layout);
    REQUIRE(doubtful.ok());
    REQUIRE(doubtful->size() == 1);
    CHECK(doubtful->front()->value == 7);  // told so
    numbers.make_steady(0);
    for (std::uint32_t value = 9; value < 12; ++value) {
        numbers.put(0, value);
        CHECK(numbers.tell(0) == value);
        CHECK(numbers.doubtful() == 0);
    }
}

TEST_CASE("recall: what is freed when the thread runs on never becomes steady, and was true") {
    Numbers numbers;
    for (unsigned i = 0; i < 3 * Recall<Number>::kSteady; ++i) {
        numbers.put(0, 7);
        CHECK(numbers.tell(0) == 7);
        numbers.put(0, 0);
        CHECK(numbers.doubtful() == 0);
    }
}

TEST_CASE("recall: facts that had to make room are confirmed all the same") {
    Numbers numbers;
    numbers.make_steady(0);
    CHECK(numbers.tell(0) == 0);
    for (std::size_t i = 1; i < 10; ++i) {
        CHECK(numbers.tell(i) == 0);
        CHECK(numbers.recall.size() <= 4);
    }
    numbers.put(0, 1);
    CHECK(numbers.doubtful() == 1);
}

TEST_CASE("recall: what cannot be read any more counts as replaced") {
    Numbers numbers;
    numbers.make_steady(0);
    CHECK(numbers.tell(0) == 0);
    numbers.memory.bytes().clear();
    CHECK(numbers.doubtful() == 1);
}

}  // namespace
}  // namespace corotrace::cpython_layouts_recall_test
