// SPDX-License-Identifier: MIT
#include "tracer/http/http_client.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <charconv>
#include <ctime>
#include <variant>

#include "tracer/http/name_lookup.hpp"

namespace corotrace {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using TlsOverTcp = beast::ssl_stream<beast::tcp_stream>;

constexpr std::size_t kMostAnswerHeadBytes = 8192;
constexpr std::size_t kMostAnswerBytes = 16384;  // of its body
constexpr std::chrono::seconds kLongestRetry = std::chrono::hours(24);

// One request and its answer. Its own handlers share it, for the context may outlive the wait for it.
class Exchange : public std::enable_shared_from_this<Exchange> {
public:
    Exchange(asio::io_context& context, ssl::context* tls, const HttpUrl& url,
             http::request<http::string_body> request)
        : request_(std::move(request)) {
        if (tls == nullptr) {
            stream_.emplace<beast::tcp_stream>(context);
            return;
        }
        auto& stream = stream_.emplace<TlsOverTcp>(context, *tls);
        stream.set_verify_callback(ssl::host_name_verification(url.host));
        // To be told before the handshake; of names only (RFC 6066, 3). Fails for want of memory alone.
        error_code is_name;
        static_cast<void>(asio::ip::make_address(url.host, is_name));
        if (is_name) SSL_set_tlsext_host_name(stream.native_handle(), url.host.c_str());
    }

    void start(const std::vector<asio::ip::tcp::endpoint>& endpoints, Clock::time_point until) {
        lowest().expires_at(until);
        lowest().async_connect(
            endpoints, [self = shared_from_this()](const error_code& problem, const auto&) {
                if (problem) return self->end("connecting", problem);
                auto* tls = std::get_if<TlsOverTcp>(&self->stream_);
                if (tls == nullptr) return self->ask();
                tls->async_handshake(ssl::stream_base::client, [self](const error_code& failed) {
                    if (failed) return self->end("making TLS", failed);
                    self->ask();
                });
            });
    }
    void close() { lowest().close(); }
    [[nodiscard]] bool is_done() const { return done_; }
    // Precondition: done.
    [[nodiscard]] Result<HttpReply> reply() const {
        if (problem_) return *problem_;
        const auto& head = parser_.get();
        const auto text = head[http::field::retry_after];
        return HttpReply{head.result_int(),
                         parse_retry_after({text.data(), text.size()}, std::chrono::system_clock::now()),
                         parser_.is_done() ? head.body() : std::string()};
    }

private:
    beast::tcp_stream& lowest() {
        if (auto* plain = std::get_if<beast::tcp_stream>(&stream_)) return *plain;
        return beast::get_lowest_layer(std::get<TlsOverTcp>(stream_));
    }

    template <typename Act>
    void on_stream(const Act& act) {
        if (auto* plain = std::get_if<beast::tcp_stream>(&stream_)) return act(*plain);
        act(std::get<TlsOverTcp>(stream_));
    }

    void ask() {
        on_stream([this](auto& stream) {
            http::async_write(stream, request_,
                              [self = shared_from_this()](const error_code& problem, std::size_t) {
                                  // It may have answered, and ended the connection, before all was sent.
                                  if (problem == beast::error::timeout) return self->end("sending", problem);
                                  self->listen();
                              });
        });
    }

    void listen() {
        parser_.header_limit(kMostAnswerHeadBytes);
        parser_.body_limit(kMostAnswerBytes);
        on_stream([this](auto& stream) {
            http::async_read_header(stream, buffer_, parser_,
                                    [self = shared_from_this()](const error_code& problem, std::size_t) {
                                        // A body that is too long by its own head.
                                        if (problem == http::error::body_limit) return self->end();
                                        if (problem) return self->end("waiting for an answer", problem);
                                        self->read_body();
                                    });
        });
    }

    // The head says what became of the request, whether a body follows or not.
    void read_body() {
        on_stream([this](auto& stream) {
            http::async_read(stream, buffer_, parser_,
                             [self = shared_from_this()](const error_code&, std::size_t) { self->end(); });
        });
    }

    void end() {
        done_ = true;
        close();
    }

    void end(std::string_view act, const error_code& problem) {
        const bool is_late = problem == beast::error::timeout;
        problem_ = Error{is_late ? Errc::timeout : Errc::io, 0,
                         std::string(act) + ": " + (is_late ? "it takes too long" : problem.message())};
        end();
    }

    std::variant<std::monostate, beast::tcp_stream, TlsOverTcp> stream_;
    http::request<http::string_body> request_;
    beast::flat_buffer buffer_{kMostAnswerHeadBytes};
    http::response_parser<http::string_body> parser_;
    std::optional<Error> problem_;
    bool done_ = false;
};

Result<std::unique_ptr<ssl::context>> make_tls(const std::string& authorities) {
    try {
        auto tls = std::make_unique<ssl::context>(ssl::context::tls_client);
        SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
        tls->set_verify_mode(ssl::verify_peer);
        error_code problem;
        if (authorities.empty())
            tls->set_default_verify_paths(problem);
        else
            tls->load_verify_file(authorities, problem);
        if (problem)
            return Error{
                Errc::usage, 0,
                authorities + ": no certificates in PEM can be read there (" + problem.message() + ")"};
        return tls;
    } catch (const std::exception& problem) {
        return Error{Errc::io, 0, "TLS cannot be used: " + std::string(problem.what())};
    }
}

}  // namespace

class HttpClient::Parts {
public:
    Parts(HttpServerToAsk server, std::unique_ptr<ssl::context> tls)
        : server_(std::move(server)), tls_(std::move(tls)) {}

    Result<HttpReply> post(std::string_view path, std::string_view type, std::string body,
                           std::chrono::milliseconds within) {
        const auto until = Clock::now() + within;
        CT_TRY(const auto addresses, names_.find(server_.url.host, within, interrupted_));
        std::vector<asio::ip::tcp::endpoint> endpoints;
        for (const std::string& address : addresses) {
            error_code problem;
            const auto parsed = asio::ip::make_address(address, problem);
            if (!problem) endpoints.emplace_back(parsed, server_.url.port);
        }
        if (endpoints.empty()) return Error{Errc::not_found, 0, server_.url.host + " has no address"};
        try {
            const auto exchange = std::make_shared<Exchange>(context_, tls_.get(), server_.url,
                                                             make_request(path, type, std::move(body)));
            exchange->start(endpoints, until);
            context_.restart();
            if (!interrupted_) context_.run();
            if (exchange->is_done()) return exchange->reply();
            exchange->close();
            return Error{Errc::timeout, 0, "it was interrupted"};
        } catch (const std::exception& problem) {
            return Error{Errc::internal, 0, problem.what()};
        }
    }

    void interrupt() {
        interrupted_ = true;
        context_.stop();
    }

private:
    [[nodiscard]] http::request<http::string_body> make_request(std::string_view path, std::string_view type,
                                                                std::string body) const {
        const auto view = [](std::string_view text) { return beast::string_view(text.data(), text.size()); };
        std::string target = server_.url.path + std::string(path);
        if (target.empty()) target = "/";
        http::request<http::string_body> request(http::verb::post, target, 11);
        for (const auto& [name, value] : server_.headers) request.set(view(name), view(value));
        request.set(http::field::host, server_.url.host_field());
        request.set(http::field::user_agent, "corotrace");
        request.set(http::field::content_type, view(type));
        request.keep_alive(false);
        request.body() = std::move(body);
        request.prepare_payload();
        return request;
    }

    const HttpServerToAsk server_;
    const std::unique_ptr<ssl::context> tls_;  // null: none
    NameLookup names_;
    std::atomic<bool> interrupted_{false};
    asio::io_context context_{1};
};

HttpClient::HttpClient(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;

Result<HttpClient> HttpClient::make(HttpServerToAsk server) {
    std::unique_ptr<ssl::context> tls;
    if (server.url.tls) {
        CT_TRY(tls, make_tls(server.authorities));
    }
    return HttpClient(std::make_unique<Parts>(std::move(server), std::move(tls)));
}

Result<HttpReply> HttpClient::post(std::string_view path, std::string_view type, std::string body,
                                   std::chrono::milliseconds within) {
    return parts_->post(path, type, std::move(body), within);
}

void HttpClient::interrupt() {
    parts_->interrupt();
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view text,
                                                      std::chrono::system_clock::time_point now) {
    std::int64_t seconds = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (text.empty() || problem != std::errc() || end != text.data() + text.size()) {
        // In the C locale, which this program never leaves; the other two forms are obsolete.
        std::tm date{};
        const std::string copy(text);
        const char* rest = ::strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
        if (rest == nullptr || *rest != '\0') return std::nullopt;
        seconds = static_cast<std::int64_t>(::timegm(&date)) - std::chrono::system_clock::to_time_t(now);
    }
    return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kLongestRetry.count()));
}

}  // namespace corotrace
