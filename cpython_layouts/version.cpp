// SPDX-License-Identifier: MIT
#include "cpython_layouts/version.hpp"

#include <charconv>

namespace corotrace {

namespace {

constexpr std::uint32_t kReleaseFinal = 0xf;  // PY_RELEASE_LEVEL_FINAL

// Takes a number off the front of `text`; nothing if there is none or it is absurd.
std::optional<int> take_number(std::string_view& text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || number < 0 || number > 999) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

bool take(std::string_view& text, char expected) {
    if (text.empty() || text.front() != expected) return false;
    text.remove_prefix(1);
    return true;
}

}  // namespace

std::optional<PythonVersion> parse_version(std::string_view text) {
    PythonVersion version;
    const auto major = take_number(text);
    if (!major || !take(text, '.')) return std::nullopt;
    const auto minor = take_number(text);
    if (!minor) return std::nullopt;
    version.major = *major;
    version.minor = *minor;
    if (take(text, '.')) {
        const auto micro = take_number(text);
        if (!micro) return std::nullopt;
        version.micro = *micro;
    }
    const std::string_view tail = text.substr(0, text.find(' '));
    version.prerelease = tail.find_first_of("abc") != std::string_view::npos;  // a1, b2, rc1
    version.free_threaded = tail.find('t') != std::string_view::npos ||
                            text.find("free-threading build") != std::string_view::npos;
    return version;
}

std::optional<PythonVersion> parse_version_hex(std::uint32_t hex) {
    PythonVersion version;
    version.major = static_cast<int>(hex >> 24U);
    version.minor = static_cast<int>((hex >> 16U) & 0xffU);
    version.micro = static_cast<int>((hex >> 8U) & 0xffU);
    const std::uint32_t level = (hex >> 4U) & 0xfU;
    if (version.major != 3 || level < 0xa || (level > 0xc && level != kReleaseFinal)) return std::nullopt;
    version.prerelease = level != kReleaseFinal;
    return version;
}

std::string format_version(const PythonVersion& version) {
    std::string text = std::to_string(version.major) + '.' + std::to_string(version.minor) + '.' +
                       std::to_string(version.micro);
    if (version.free_threaded) text += 't';
    if (version.prerelease) text += " (pre-release)";
    return text;
}

}  // namespace corotrace
