// SPDX-License-Identifier: MIT
// HttpClient: posts to one server and says what became of it. Written for a server that is slow, dead or
// lying: all of it has a bounded time, and of the answer a bounded part is kept.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "symbols/result.hpp"
#include "tracer/http/http_url.hpp"

namespace corotrace {

struct HttpServerToAsk {
    HttpUrl url;
    std::vector<std::pair<std::string, std::string>> headers;  // may be secrets
    std::string authorities;  // PEM file of who may sign its certificate; empty: the system's

    friend bool operator==(const HttpServerToAsk&, const HttpServerToAsk&) = default;
};

struct HttpReply {
    unsigned status = 0;
    std::optional<std::chrono::seconds> retry_after;  // not negative
    std::string body;                                 // empty: none, or it was too long, late or cut off
};

class HttpClient {
public:
    // Errors: usage (the file of authorities cannot be used).
    [[nodiscard]] static Result<HttpClient> make(HttpServerToAsk server);
    HttpClient(HttpClient&&) noexcept;
    HttpClient& operator=(HttpClient&&) = delete;
    ~HttpClient();

    // A connection of its own. `path` is added to the URL's. Waits for `within` at the most. Errors: timeout,
    // not_found (no such host), io (no connection, no TLS, no HTTP), internal.
    [[nodiscard]] Result<HttpReply> post(std::string_view path, std::string_view type, std::string body,
                                         std::chrono::milliseconds within);
    // Ends the post that is under way, and each that comes after. On any thread.
    void interrupt();

private:
    class Parts;
    explicit HttpClient(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

// Retry-After: seconds, or a date. Null: neither. Source: RFC 9110, 10.2.3.
[[nodiscard]] std::optional<std::chrono::seconds> parse_retry_after(
    std::string_view text, std::chrono::system_clock::time_point now);

}  // namespace corotrace
