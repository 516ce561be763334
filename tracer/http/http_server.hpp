// SPDX-License-Identifier: MIT
// HttpServer: answers GET and HEAD on a thread of its own, by a function that makes a page of a path. Written
// for clients that mean harm: a bounded number of connections, one request each, a bounded head, no body, a
// bounded time for all of it, the handshake of TLS too; who sends nothing makes room for who does; and pages
// are kept for some time, so that asking more often costs no more.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "symbols/result.hpp"
#include "tracer/http/listen_address.hpp"
#include "tracer/http/tls_identity.hpp"

namespace corotrace {

struct HttpPage {
    unsigned status = 200;
    std::string type;  // Content-Type
    std::string body;
};

// Who is answered, and how. Both are asked on the server's thread, at each request or connection, so that
// what they go by may change meanwhile.
struct HttpAccess {
    // Whether a request with this Authorization header ("": none) may have the page; else it gets a 401.
    // Empty: each may.
    std::function<bool(std::string_view path, std::string_view authorization)> admits;
    // Of a new connection; null: without TLS. Empty: each is without.
    std::function<std::optional<TlsIdentity>()> identity;
};

class HttpServer {
public:
    static constexpr std::size_t kMostConnections = 64;

    // `accept`: of the request, "" if it has none. Called on the server's thread; may take milliseconds.
    using MakePage = std::function<HttpPage(std::string_view path, std::string_view accept)>;

    // Listens and answers from now on. A Unix socket that nobody listens on any more is replaced; the new one
    // is for its owner only. Precondition: signals that others wait for are blocked. Errors: denied, usage
    // (somebody listens there), io.
    [[nodiscard]] static Result<HttpServer> start(const ListenAddress& address, MakePage make_page,
                                                  HttpAccess access = {});
    HttpServer(HttpServer&&) noexcept;
    HttpServer& operator=(HttpServer&&) = delete;
    // Ends the connections and the thread.
    ~HttpServer();

    // With the port that was found, where 0 was asked for.
    [[nodiscard]] std::string describe(bool tls = false) const;

private:
    class Loop;
    explicit HttpServer(std::unique_ptr<Loop> loop);
    std::unique_ptr<Loop> loop_;
};

}  // namespace corotrace
