// SPDX-License-Identifier: MIT
// HttpServer: answers GET and HEAD on a thread of its own, by a function that makes a page of a path. Written
// for clients that mean harm: a bounded number of connections, one request each, a bounded head, no body, a
// bounded time for all of it; who sends nothing makes room for who does; and pages are kept for some time, so
// that asking more often costs no more.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "symbols/result.hpp"

namespace corotrace {

// Where a server listens.
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

struct HttpPage {
    unsigned status = 200;
    std::string type;  // Content-Type
    std::string body;
};

class HttpServer {
public:
    static constexpr std::size_t kMostConnections = 64;

    // `accept`: of the request, "" if it has none. Called on the server's thread; may take milliseconds.
    using MakePage = std::function<HttpPage(std::string_view path, std::string_view accept)>;

    // Listens and answers from now on. A Unix socket that nobody listens on any more is replaced; the new one
    // is for its owner only. Precondition: signals that others wait for are blocked. Errors: denied, usage
    // (somebody listens there), io.
    [[nodiscard]] static Result<HttpServer> start(const ListenAddress& address, MakePage make_page);
    HttpServer(HttpServer&&) noexcept;
    HttpServer& operator=(HttpServer&&) = delete;
    // Ends the connections and the thread.
    ~HttpServer();

    // With the port that was found, where 0 was asked for.
    [[nodiscard]] std::string describe() const;

private:
    class Loop;
    explicit HttpServer(std::unique_ptr<Loop> loop);
    std::unique_ptr<Loop> loop_;
};

}  // namespace corotrace
