// SPDX-License-Identifier: MIT
#include "tracer/session/test_name.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "symbols/page_cache.hpp"
#include "symbols/utf8.hpp"

namespace corotrace {

namespace {

constexpr std::string_view kPytestVariable = "PYTEST_CURRENT_TEST=";
constexpr std::size_t kMaxVariables = 4096;
constexpr std::size_t kVariablesAtOnce = 64;
constexpr std::size_t kMaxBytes = 512;

// Up to the end of the string, of the page's readable neighbour, or of kMaxBytes.
std::string read_string(const RemoteMemory& memory, RemoteAddr from) {
    std::string text;
    while (text.size() < kMaxBytes) {
        const RemoteAddr at = from + text.size();
        std::array<char, kMaxBytes> piece{};
        const std::size_t wanted =
            std::min(kMaxBytes - text.size(),
                     PageCache::kPageSize - static_cast<std::size_t>(at.value % PageCache::kPageSize));
        if (!memory.read(at, std::as_writable_bytes(std::span(piece).first(wanted)))) break;
        const std::string_view got(piece.data(), wanted);
        const auto end = got.find('\0');
        text += got.substr(0, end);
        if (end != std::string_view::npos) break;
    }
    return text;
}

}  // namespace

// A program that has a copy of its own of the C library's variable is asked first, and that is the one in
// use.
void TestName::find_environment() {
    for (const SymbolIndex::Hit& hit : symbols_.find_all("environ")) {
        const auto array = memory_.read_pointer(hit.symbol.address);
        if (!array || array->is_null() || !memory_.read_pointer(*array)) continue;
        environ_ = hit.symbol.address;
        return;
    }
}

// The addresses of all variables. What lies behind their end need not be readable.
std::vector<RemoteAddr> TestName::variables() const {
    std::vector<RemoteAddr> found;
    const auto array = memory_.read_pointer(*environ_);
    if (!array || array->is_null()) return found;
    while (found.size() < kMaxVariables) {
        std::array<std::uint64_t, kVariablesAtOnce> several{};
        const RemoteAddr next = *array + found.size() * sizeof(std::uint64_t);
        std::size_t count = several.size();
        if (!memory_.read(next, std::as_writable_bytes(std::span(several)))) {
            count = 1;
            if (!memory_.read(next, std::as_writable_bytes(std::span(several).first(1)))) return found;
        }
        for (std::size_t i = 0; i < count; ++i) {
            if (several[i] == 0) return found;
            found.push_back({several[i]});
        }
    }
    return found;
}

std::optional<RemoteAddr> TestName::variable(std::size_t index) const {
    const auto array = memory_.read_pointer(*environ_);
    if (!array || array->is_null()) return std::nullopt;
    const auto variable = memory_.read_pointer(*array + index * sizeof(std::uint64_t));
    if (!variable || variable->is_null() || !is_it(*variable)) return std::nullopt;
    return *variable;
}

bool TestName::is_it(RemoteAddr variable) const {
    std::array<char, kPytestVariable.size()> start{};
    return memory_.read(variable, std::as_writable_bytes(std::span(start))) &&
           std::string_view(start.data(), start.size()) == kPytestVariable;
}

bool TestName::find() {
    auto now = variables();
    if (now == seen_) return false;
    seen_ = std::move(now);
    const auto found = std::ranges::find_if(seen_, [&](RemoteAddr variable) { return is_it(variable); });
    if (found == seen_.end()) return false;
    index_ = static_cast<std::size_t>(found - seen_.begin());
    return true;
}

void TestName::look() {
    if (!std::exchange(searched_, true)) find_environment();
    if (environ_ && !index_) (void)find();
}

std::optional<std::string> TestName::read() {
    if (!environ_ || (!index_ && !find())) return std::nullopt;
    auto from = variable(*index_);
    if (!from && find()) from = variable(*index_);
    if (!from) return std::nullopt;
    const std::string text = read_string(memory_, *from);
    if (!text.starts_with(kPytestVariable)) return std::nullopt;
    return to_valid_utf8(std::string_view(text).substr(kPytestVariable.size()));
}

}  // namespace corotrace
