// SPDX-License-Identifier: MIT
// Reader of Python ints of any size, and their decimal text. Bools are ints here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cpython_layouts/layout.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

// Sign and 30-bit digits, least significant first (CPython Include/cpython/longintrepr.h, PyLong_SHIFT).
struct IntDigits {
    bool negative = false;
    std::uint64_t digit_count = 0;
    std::vector<std::uint32_t> digits;  // all of them, or none if there are more than asked for
};

// Errors: unreadable, malformed (not an int, or digits of more than 30 bits). Cost: 3-4 reads.
[[nodiscard]] Result<IntDigits> read_int_digits(const RemoteMemory& memory, const Layout& layout,
                                                RemoteAddr object, std::size_t max_digits);

// An int that fits into 60 bits; malformed if it does not.
[[nodiscard]] Result<std::int64_t> read_int(const RemoteMemory& memory, const Layout& layout,
                                            RemoteAddr object);

// str() of the int. Cost grows with the square of the digits: 4096 of them take about 10 ms.
[[nodiscard]] std::string to_decimal(const IntDigits& number);

}  // namespace corotrace
