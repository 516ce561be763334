// SPDX-License-Identifier: MIT
// Facts kept between stops: told without a read, confirmed afterwards, never kept where that failed.
#include "cpython_layouts/recall.hpp"

#include <cstring>

#include "cpython_layouts/registry.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_memory.hpp"

namespace corotrace {
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
    std::size_t replaced() { return recall.confirm(memory, layout)->size(); }

    FakeMemory memory;
    const Layout& layout = **find_layout({3, 11});
    Recall<Number> recall{4};
};

TEST_CASE("recall: a known fact is told without a read and confirmed with one") {
    Numbers numbers;
    numbers.put(0, 7);
    CHECK(numbers.tell(0) == 7);
    CHECK(numbers.replaced() == 0);  // read just now: nothing to confirm
    CHECK(numbers.memory.reads() == 1);
    CHECK(numbers.tell(0) == 7);
    CHECK(numbers.memory.reads() == 1);
    CHECK(numbers.replaced() == 0);
    CHECK(numbers.memory.reads() == 2);
    CHECK(numbers.replaced() == 0);  // once a stop
    CHECK(numbers.memory.reads() == 2);
}

TEST_CASE("recall: what was replaced is named once and never recalled again") {
    Numbers numbers;
    numbers.put(0, 7);
    CHECK(numbers.tell(0) == 7);
    numbers.put(0, 8);
    CHECK(numbers.tell(0) == 7);  // stale, and
    const auto replaced = numbers.recall.confirm(numbers.memory, numbers.layout);
    REQUIRE(replaced.ok());
    CHECK(*replaced == std::vector{kAt});  // told so
    for (std::uint32_t value = 9; value < 12; ++value) {
        numbers.put(0, value);
        CHECK(numbers.tell(0) == value);
        CHECK(numbers.replaced() == 0);
    }
}

TEST_CASE("recall: facts that had to make room are confirmed all the same") {
    Numbers numbers;
    CHECK(numbers.tell(0) == 0);
    CHECK(numbers.tell(0) == 0);
    for (std::size_t i = 1; i < 10; ++i) {
        CHECK(numbers.tell(i) == 0);
        CHECK(numbers.recall.size() <= 4);
    }
    numbers.put(0, 1);
    CHECK(numbers.replaced() == 1);
}

TEST_CASE("recall: what cannot be read any more counts as replaced") {
    Numbers numbers;
    CHECK(numbers.tell(0) == 0);
    CHECK(numbers.tell(0) == 0);
    numbers.memory.bytes().clear();
    CHECK(numbers.replaced() == 1);
}

}  // namespace
}  // namespace corotrace
