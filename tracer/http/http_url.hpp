// SPDX-License-Identifier: MIT
// HttpUrl: where something is sent by HTTP. Parsed, not looked up.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "symbols/result.hpp"

namespace corotrace {

struct HttpUrl {
    bool tls = false;
    std::string host;  // a name or an address, of IPv6 without brackets
    std::uint16_t port = 0;
    std::string path;  // without a slash at its end; "" for the root

    // "http://collector:4318", "https://[::1]/otlp/". Errors: usage (another scheme, a user or a password, a
    // query, a character that must not stand there).
    [[nodiscard]] static Result<HttpUrl> parse(std::string_view text);
    // With its port where that is not the scheme's.
    [[nodiscard]] std::string host_field() const;
    [[nodiscard]] std::string describe() const;
    friend bool operator==(const HttpUrl&, const HttpUrl&) = default;
};

}  // namespace corotrace
