// SPDX-License-Identifier: MIT
#include "tracer/http/bearer_token.hpp"

#include "tests/support/catch.hpp"

namespace corotrace::http_bearer_token_test {

namespace {

const std::string kToken = "0123456789abcdef";

TEST_CASE("a token is one word that cannot be guessed") {
    CHECK(BearerToken::parse(" " + kToken + "\r\n").ok());
    CHECK(BearerToken::parse(kToken + "-._~+/=").ok());
    CHECK(BearerToken::parse(std::string(BearerToken::kMostBytes, 'x')).ok());
    const std::string wrong[] = {"",
                                 " \n",
                                 kToken.substr(1),
                                 kToken + " " + kToken,
                                 kToken + "\n" + kToken,
                                 kToken + "\"",
                                 kToken + "\x1b[2J",
                                 kToken + std::string(1, '\0'),
                                 std::string(BearerToken::kMostBytes + 1, 'x')};
    for (const std::string& text : wrong) {
        INFO(text.size());
        const auto token = BearerToken::parse(text);
        REQUIRE_FALSE(token.ok());
        CHECK(token.error().code == Errc::malformed);
        CHECK(token.error().what.find(kToken.substr(1)) == std::string::npos);
    }
}

TEST_CASE("who shows the token, and nobody else, has it") {
    const auto token = BearerToken::parse(kToken + "\n");
    REQUIRE(token.ok());
    for (const std::string& right : {"Bearer " + kToken, "BEARER " + kToken, "bearer   " + kToken + " "})
        CHECK(token->matches(right));
    std::string other = kToken;
    other.back() = 'x';
    for (const std::string& wrong :
         {std::string(), std::string("Bearer"), std::string("Bearer "), kToken, "Basic " + kToken,
          "Bearer" + kToken, "Bearer " + other, "Bearer " + kToken.substr(1), "Bearer " + kToken + "0",
          "Bearer \"" + kToken + "\"",
          "\x02"
          "earer " +
              kToken}) {
        INFO(wrong);
        CHECK_FALSE(token->matches(wrong));
    }
}

}  // namespace

}  // namespace corotrace::http_bearer_token_test
