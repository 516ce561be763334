// SPDX-License-Identifier: MIT
// ListenAddress: where a server listens: an address of TCP, or a Unix socket. Parsed, not looked up.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "symbols/result.hpp"

namespace corotrace {

// "'TEXT' WHAT", of an address that somebody gave.
[[nodiscard]] Error refuse_text(std::string_view text, const std::string& what);

struct ListenAddress {
    std::string host;  // numeric; empty: `path`
    std::uint16_t port = 0;
    std::string path;  // of a Unix socket

    // "9736" (loopback), "HOST:PORT" with a numeric HOST ("[::1]:9736") or localhost, "unix:/PATH". Errors:
    // usage.
    [[nodiscard]] static Result<ListenAddress> parse(std::string_view text);
    [[nodiscard]] bool is_local() const;
    friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

}  // namespace corotrace
