// SPDX-License-Identifier: MIT
// Any bytes as what serve takes from others of HTTP: addresses, tokens, and the time that a server names. A
// token that is taken is matched by itself only; a URL that is taken is the same when it is written and read
// again.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tracer/http/bearer_token.hpp"
#include "tracer/http/http_client.hpp"
#include "tracer/http/http_url.hpp"
#include "tracer/http/listen_address.hpp"

using namespace corotrace;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    static_cast<void>(ListenAddress::parse(text));
    if (const auto url = HttpUrl::parse(text)) {
        const auto again = HttpUrl::parse(url->describe());
        if (!again || !(*again == *url)) std::abort();
    }
    const std::chrono::system_clock::time_point now(std::chrono::seconds(1769861035));
    if (const auto after = parse_retry_after(text, now); after && after->count() < 0) std::abort();
    if (const auto token = BearerToken::parse(text)) {
        const std::string word(text.substr(text.find_first_not_of(" \t\r\n")));
        if (!token->matches("Bearer " + word) || token->matches("Bearer x" + word) || token->matches(word))
            std::abort();
    }
    return 0;
}
