// SPDX-License-Identifier: MIT
#include "tracer/http/bearer_token.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace corotrace {

namespace {

constexpr std::string_view kSpaces = " \t\r\n";
constexpr std::string_view kScheme = "bearer ";

std::string_view trim(std::string_view text) {
    const auto begin = text.find_first_not_of(kSpaces);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool may_stand_in_token(char c) {
    return is_letter(c) || (c >= '0' && c <= '9') ||
           std::string_view("-._~+/=").find(c) != std::string_view::npos;
}

Error make_malformed(std::string what) {
    return {Errc::malformed, 0, std::move(what)};
}

}  // namespace

Result<BearerToken> BearerToken::parse(std::string_view text) {
    const std::string_view token = trim(text);
    if (token.empty()) return make_malformed("there is no token in it");
    if (token.find_first_of(kSpaces) != std::string_view::npos)
        return make_malformed("there is more than one word in it");
    if (token.size() < kLeastBytes)
        return make_malformed("the token has fewer than " + std::to_string(kLeastBytes) +
                              " characters, which can be guessed; make one: openssl rand -hex 32");
    if (token.size() > kMostBytes)
        return make_malformed("the token has more than " + std::to_string(kMostBytes) + " characters");
    if (!std::ranges::all_of(token, may_stand_in_token))
        return make_malformed("a token has letters, digits and -._~+/= only");
    return BearerToken(std::string(token));
}

bool BearerToken::matches(std::string_view authorization) const {
    const auto is_same = [](char c, char small) { return (is_letter(c) ? c | 0x20 : c) == small; };
    if (authorization.size() < kScheme.size() ||
        !std::ranges::equal(authorization.substr(0, kScheme.size()), kScheme, is_same))
        return false;
    const std::string_view shown = trim(authorization.substr(kScheme.size()));
    return shown.size() == token_.size() && CRYPTO_memcmp(shown.data(), token_.data(), shown.size()) == 0;
}

}  // namespace corotrace
