// SPDX-License-Identifier: MIT
#include "tracer/http/http_server.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <chrono>
#include <list>
#include <map>
#include <thread>
#include <utility>
#include <variant>

namespace corotrace {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using Socket = asio::generic::stream_protocol::socket;

constexpr std::chrono::seconds kRequestWithin{5};
constexpr std::chrono::seconds kAnswerWithin{10};
constexpr std::chrono::seconds kGoodbyeWithin{1};       // of TLS, which waits for the other side's
constexpr std::chrono::milliseconds kRetryAccept{100};  // when there are no descriptors left
constexpr std::chrono::milliseconds kKeepPage{500};
constexpr std::size_t kMostHeadBytes = 8192;
constexpr std::size_t kMostPages = 32;
constexpr std::size_t kMostAcceptBytes = 512;
constexpr int kNice = 10;  // the targets first

using PlainStream = beast::basic_stream<asio::generic::stream_protocol>;
using TlsStream = beast::ssl_stream<PlainStream>;

struct Connection {
    explicit Connection(Socket socket) : stream(std::in_place_type<PlainStream>, std::move(socket)) {}
    Connection(Socket socket, const TlsIdentity& identity)
        : stream(std::in_place_type<TlsStream>, PlainStream(std::move(socket)), identity.context()) {}

    [[nodiscard]] PlainStream& lowest() {
        return std::visit([](auto& one) -> PlainStream& { return beast::get_lowest_layer(one); }, stream);
    }

    std::variant<PlainStream, TlsStream> stream;
    beast::flat_buffer buffer{kMostHeadBytes};
    http::request_parser<http::empty_body> parser;
    http::response<http::string_body> response;
    bool is_answering = false;
};

}  // namespace

// All of it but the constructor and stop() runs on the thread.
class HttpServer::Loop {
public:
    Loop(MakePage make_page, HttpAccess access)
        : make_page_(std::move(make_page)), access_(std::move(access)), retry_(context_) {}
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop() {
        context_.stop();
        if (thread_.joinable()) thread_.join();
        if (!bound_path_.empty()) ::unlink(bound_path_.c_str());
    }

    Status listen(const ListenAddress& address) {
        return address.path.empty() ? listen_on(tcp_, make_endpoint(address), address)
                                    : listen_on_path(address);
    }
    void begin() {
        if (tcp_.is_open()) accept(tcp_);
        if (local_.is_open()) accept(local_);
        thread_ = std::thread([this] { run(); });
    }
    [[nodiscard]] std::string describe(bool tls) const {
        if (!bound_path_.empty()) return "unix:" + bound_path_;
        error_code problem;
        const auto endpoint = tcp_.local_endpoint(problem);
        const std::string host = endpoint.address().to_string(problem);
        return (tls ? "https://" : "http://") + (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" +
               std::to_string(endpoint.port()) + "/";
    }

private:
    using Connections = std::list<std::shared_ptr<Connection>>;  // shared with the calls that are under way

    struct KeptPage {
        HttpPage page;
        std::chrono::steady_clock::time_point made;
    };

    static asio::ip::tcp::endpoint make_endpoint(const ListenAddress& address) {
        error_code problem;
        return {asio::ip::make_address(address.host, problem), address.port};
    }

    template <typename Acceptor, typename Endpoint>
    static Status listen_on(Acceptor& acceptor, const Endpoint& endpoint, const ListenAddress& address) {
        error_code problem;
        acceptor.open(endpoint.protocol(), problem);
        if (!problem && address.path.empty())
            acceptor.set_option(asio::socket_base::reuse_address(true), problem);
        if (!problem) acceptor.bind(endpoint, problem);
        if (!problem) acceptor.listen(asio::socket_base::max_listen_connections, problem);
        if (!problem) return {};
        const std::string place =
            address.path.empty() ? address.host + ":" + std::to_string(address.port) : address.path;
        const auto code = problem.value() == EACCES || problem.value() == EPERM ? Errc::denied
                          : problem.value() == EADDRINUSE                       ? Errc::usage
                                                                                : Errc::io;
        return Error{code, problem.value(), "cannot listen at " + place + ": " + problem.message()};
    }

    Status listen_on_path(const ListenAddress& address) {
        const asio::local::stream_protocol::endpoint endpoint(address.path);
        remove_abandoned(endpoint, address.path);
        const mode_t before = ::umask(0177);
        auto done = listen_on(local_, endpoint, address);
        ::umask(before);
        if (done) bound_path_ = address.path;
        return done;
    }

    // What is left of one that was killed. Whatever is no socket stays.
    void remove_abandoned(const asio::local::stream_protocol::endpoint& endpoint, const std::string& path) {
        struct stat file {};
        if (::lstat(path.c_str(), &file) != 0 || !S_ISSOCK(file.st_mode)) return;
        error_code problem;
        asio::local::stream_protocol::socket probe(context_);
        probe.connect(endpoint, problem);
        if (problem == asio::error::connection_refused) ::unlink(path.c_str());
    }

    void run() {
        // Of this thread alone (setpriority(2), notes on Linux).
        static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), kNice));
        // A page that could not be made, for want of memory, ends no more than its connection.
        while (!context_.stopped()) {
            try {
                context_.run();
            } catch (const std::exception&) {
                connections_.clear();
            }
        }
    }

    template <typename Acceptor>
    void accept(Acceptor& acceptor) {
        acceptor.async_accept([this, &acceptor](const error_code& problem, auto socket) {
            if (problem == asio::error::operation_aborted) return;
            if (problem) {
                retry_.expires_after(kRetryAccept);
                retry_.async_wait([this, &acceptor](const error_code&) { accept(acceptor); });
                return;
            }
            accept(acceptor);
            make_room();
            begin_with(Socket(std::move(socket)));
        });
    }

    void begin_with(Socket socket) {
        const auto identity = access_.identity ? access_.identity() : std::nullopt;
        if (!identity) {
            connections_.push_back(std::make_shared<Connection>(std::move(socket)));
            connections_.back()->lowest().expires_after(kRequestWithin);
            return read(connections_.back());
        }
        const auto connection = std::make_shared<Connection>(std::move(socket), *identity);
        connections_.push_back(connection);
        connection->lowest().expires_after(kRequestWithin);  // for the request too
        std::get<TlsStream>(connection->stream)
            .async_handshake(asio::ssl::stream_base::server, [this, connection](const error_code& problem) {
                if (problem)
                    end(connection);
                else
                    read(connection);
            });
    }

    // Who waits longest without having asked goes, then who takes longest to take his answer.
    void make_room() {
        if (connections_.size() < kMostConnections) return;
        auto oldest = std::ranges::find_if(connections_, [](const auto& one) { return !one->is_answering; });
        if (oldest == connections_.end()) oldest = connections_.begin();
        const auto gone = *oldest;
        end(gone);
    }

    void end(const std::shared_ptr<Connection>& connection) {
        connection->lowest().close();
        connections_.remove(connection);
    }

    void read(const std::shared_ptr<Connection>& connection) {
        connection->parser.header_limit(kMostHeadBytes);
        connection->parser.body_limit(0);
        const auto take = [this, connection](const error_code& problem, std::size_t) {
            if (!problem)
                answer(connection, make_page(connection->parser.get()));
            else if (is_malformed(problem))
                answer(connection, {400, "text/plain", "malformed request\n"});
            else
                end(connection);
        };
        std::visit(
            [&](auto& stream) {
                http::async_read_header(stream, connection->buffer, connection->parser, take);
            },
            connection->stream);
    }

    static bool is_malformed(const error_code& problem) {
        return problem.category() == http::make_error_code(http::error::bad_method).category() &&
               problem != http::error::end_of_stream && problem != http::error::partial_message;
    }

    HttpPage make_page(const http::request<http::empty_body>& request) {
        const auto view = [](auto text) { return std::string_view(text.data(), text.size()); };
        const std::string_view target = view(request.target());
        const std::string path(target.substr(0, target.find('?')));
        if (access_.admits && !access_.admits(path, view(request[http::field::authorization])))
            return {401, "text/plain", "this needs a token: Authorization: Bearer TOKEN\n"};
        if (request.method() != http::verb::get && request.method() != http::verb::head)
            return {405, "text/plain", "only GET and HEAD are answered\n"};
        const std::string accept(view(request[http::field::accept]).substr(0, kMostAcceptBytes));
        const auto now = std::chrono::steady_clock::now();
        const auto key = std::make_pair(path, accept);
        const auto kept = pages_.find(key);
        if (kept != pages_.end() && now - kept->second.made < kKeepPage) return kept->second.page;
        if (pages_.size() >= kMostPages) pages_.clear();
        return pages_.insert_or_assign(key, KeptPage{make_page_(path, accept), now}).first->second.page;
    }

    void answer(const std::shared_ptr<Connection>& connection, HttpPage page) {
        auto& response = connection->response;
        connection->is_answering = true;
        response.version(11);
        response.result(page.status);
        response.set(http::field::content_type, page.type);
        if (page.status == 401) response.set(http::field::www_authenticate, "Bearer realm=\"corotrace\"");
        response.set(http::field::cache_control, "no-store");
        response.set("X-Content-Type-Options", "nosniff");
        response.keep_alive(false);
        const auto size = page.body.size();
        if (connection->parser.get().method() != http::verb::head) response.body() = std::move(page.body);
        response.content_length(size);
        connection->lowest().expires_after(kAnswerWithin);
        const auto part = [this, connection](const error_code& problem, std::size_t) {
            say_goodbye(connection, problem);
        };
        std::visit([&](auto& stream) { http::async_write(stream, response, part); }, connection->stream);
    }

    void say_goodbye(const std::shared_ptr<Connection>& connection, const error_code& problem) {
        const auto close = [this, connection](const error_code&) {
            error_code ignored;
            connection->lowest().socket().shutdown(asio::socket_base::shutdown_send, ignored);
            end(connection);
        };
        auto* tls = std::get_if<TlsStream>(&connection->stream);
        if (tls == nullptr || problem) return close(problem);
        connection->lowest().expires_after(kGoodbyeWithin);
        tls->async_shutdown(close);
    }

    MakePage make_page_;
    HttpAccess access_;
    asio::io_context context_{1};
    asio::ip::tcp::acceptor tcp_{context_};
    asio::local::stream_protocol::acceptor local_{context_};
    asio::steady_timer retry_;
    std::string bound_path_;
    Connections connections_;
    std::map<std::pair<std::string, std::string>, KeptPage> pages_;
    std::thread thread_;
};

HttpServer::HttpServer(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
HttpServer::HttpServer(HttpServer&&) noexcept = default;
HttpServer::~HttpServer() = default;

Result<HttpServer> HttpServer::start(const ListenAddress& address, MakePage make_page, HttpAccess access) {
    auto loop = std::make_unique<Loop>(std::move(make_page), std::move(access));
    if (auto listening = loop->listen(address); !listening) return listening.error();
    loop->begin();
    return HttpServer(std::move(loop));
}

std::string HttpServer::describe(bool tls) const {
    return loop_->describe(tls);
}

}  // namespace corotrace
