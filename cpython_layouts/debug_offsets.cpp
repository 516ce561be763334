// SPDX-License-Identifier: MIT
#include "cpython_layouts/debug_offsets.hpp"

#include <array>
#include <string_view>

namespace corotrace {

namespace {

constexpr std::string_view kCookie = "xdebugpy";

struct Head {
    std::array<char, 8> cookie;
    std::uint64_t version_hex;
    std::uint64_t free_threaded;
};

}  // namespace

Result<PythonVersion> read_debug_version(const RemoteMemory& memory, RemoteAddr runtime) {
    CT_TRY(const auto head, memory.read_as<Head>(runtime));
    if (std::string_view(head.cookie.data(), head.cookie.size()) != kCookie) {
        return Error{Errc::not_found, 0, "_PyRuntime has no debug offsets (they came with 3.13)"};
    }
    auto version = head.version_hex <= 0xffffffff
                       ? parse_version_hex(static_cast<std::uint32_t>(head.version_hex))
                       : std::nullopt;
    if (!version || head.free_threaded > 1) return Error{Errc::malformed, 0, "version in the debug offsets"};
    version->free_threaded = head.free_threaded == 1;
    return *version;
}

}  // namespace corotrace
