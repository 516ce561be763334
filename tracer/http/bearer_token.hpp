// SPDX-License-Identifier: MIT
// BearerToken: the secret that a request must show in its Authorization header. Compared in a time that tells
// nothing of it but its length.
// Source: RFC 6750, section 2.1.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "symbols/result.hpp"

namespace corotrace {

class BearerToken {
public:
    static constexpr std::size_t kLeastBytes = 16;
    static constexpr std::size_t kMostBytes = 4096;

    // Of a file's text: one line, spaces around it do not count. Errors: malformed (empty, several words, too
    // short to be a secret, too long, a character that no token has); the message has none of it.
    [[nodiscard]] static Result<BearerToken> parse(std::string_view text);

    // Whether "Bearer TOKEN" is this one. The scheme may be written in any case (RFC 9110, 11.1).
    [[nodiscard]] bool matches(std::string_view authorization) const;

private:
    explicit BearerToken(std::string token) : token_(std::move(token)) {}
    std::string token_;
};

}  // namespace corotrace
