// SPDX-License-Identifier: MIT
#include "cpython_layouts/integer.hpp"

#include <algorithm>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/objects.hpp"

namespace corotrace {

namespace {

constexpr unsigned kDigitBits = 30;
constexpr std::uint32_t kDigitMask = (1U << kDigitBits) - 1;

struct IntSize {
    bool negative = false;
    std::uint64_t digits = 0;
};

Result<IntSize> read_int_size(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    switch (layout.int_rule) {
        case IntRule::kSizeSign: {
            CT_TRY(const auto size, memory.read_as<std::int64_t>(at(object, layout.object.size)));
            const auto magnitude = static_cast<std::uint64_t>(size);
            return IntSize{size < 0, size < 0 ? ~magnitude + 1 : magnitude};
        }
        case IntRule::kTag: {
            constexpr std::uint64_t kSignMask = 3;  // _PyLong_SIGN_MASK: 0 positive, 1 zero, 2 negative
            CT_TRY(const auto tag, memory.read_as<std::uint64_t>(at(object, layout.integer.tag)));
            if ((tag & kSignMask) == 1) return IntSize{};
            return IntSize{(tag & kSignMask) == 2, tag >> 3U};
        }
    }
    return Error{Errc::internal, 0, "unknown int rule"};
}

}  // namespace

Result<IntDigits> read_int_digits(const RemoteMemory& memory, const Layout& layout, RemoteAddr object,
                                  std::size_t max_digits) {
    CT_TRY(const auto flags, read_type_flags(memory, layout, object));
    if ((flags & kTypeFlagInt) == 0) return Error{Errc::malformed, 0, "not an int: " + to_hex(object)};
    CT_TRY(const auto size, read_int_size(memory, layout, object));
    IntDigits number{.negative = size.negative, .digit_count = size.digits, .digits = {}};
    if (size.digits > max_digits) return number;
    number.digits.resize(static_cast<std::size_t>(size.digits));
    const RemoteAddr from = at(object, layout.integer.digits);
    if (auto done = memory.read(from, std::as_writable_bytes(std::span(number.digits))); !done) {
        return std::move(done).error().in("digits of int " + to_hex(object));
    }
    if (std::any_of(number.digits.begin(), number.digits.end(),
                    [](auto digit) { return digit > kDigitMask; })) {
        return Error{Errc::malformed, 0, "digits of int " + to_hex(object)};
    }
    return number;
}

Result<std::int64_t> read_int(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    CT_TRY(const auto number, read_int_digits(memory, layout, object, 2));
    if (number.digit_count > 2) return Error{Errc::malformed, 0, "too large an int: " + to_hex(object)};
    std::int64_t value = 0;
    for (std::size_t i = number.digits.size(); i-- > 0;) value = (value << kDigitBits) | number.digits[i];
    return number.negative ? -value : value;
}

std::string to_decimal(const IntDigits& number) {
    constexpr std::uint32_t kBase = 1'000'000'000;
    constexpr int kBaseDigits = 9;
    std::vector<std::uint32_t> rest = number.digits;
    std::string reversed;
    while (!rest.empty()) {
        std::uint64_t remainder = 0;
        for (std::size_t i = rest.size(); i-- > 0;) {
            remainder = (remainder << kDigitBits) | rest[i];
            rest[i] = static_cast<std::uint32_t>(remainder / kBase);
            remainder %= kBase;
        }
        while (!rest.empty() && rest.back() == 0) rest.pop_back();
        for (int i = 0; i < kBaseDigits; ++i, remainder /= 10) {
            reversed += static_cast<char>('0' + static_cast<char>(remainder % 10));
        }
    }
    const std::size_t significant = reversed.find_last_not_of('0');
    if (significant == std::string::npos) return "0";
    reversed.resize(significant + 1);
    if (number.negative) reversed += '-';
    std::reverse(reversed.begin(), reversed.end());
    return reversed;
}

}  // namespace corotrace
