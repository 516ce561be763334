// SPDX-License-Identifier: MIT
#include "tracer/http/http_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

#include "symbols/unique_fd.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch_dir.hpp"

namespace corotrace::http_server_test {

namespace {

HttpPage make_page(std::string_view path, std::string_view accept) {
    if (path == "/large") return {200, "text/plain", std::string(1 << 20, 'x')};
    return {path == "/there" ? 200U : 404U, "text/plain", std::string(path) + "|" + std::string(accept)};
}

HttpServer start(std::string_view where) {
    auto server = HttpServer::start(*ListenAddress::parse(where), make_page);
    REQUIRE(server.ok());
    return std::move(server).value();
}

UniqueFd connect_to(const HttpServer& server) {
    const std::string where = server.describe();
    const auto colon = where.rfind(':');
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(where.substr(colon + 1))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
    return client;
}

void send_text(const UniqueFd& client, const std::string& text) {
    // The server may have closed it already.
    static_cast<void>(::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL));
}

// All that comes until the other side ends the connection.
std::string receive(const UniqueFd& client) {
    std::string all;
    char bytes[4096];
    for (;;) {
        const ssize_t length = ::recv(client.get(), bytes, sizeof(bytes), 0);
        if (length <= 0) return all;
        all.append(bytes, static_cast<std::size_t>(length));
    }
}

std::string ask(const HttpServer& server, const std::string& request) {
    const UniqueFd client = connect_to(server);
    send_text(client, request);
    return receive(client);
}

TEST_CASE("where a server listens") {
    CHECK((ListenAddress::parse("9736")->host == "127.0.0.1"));
    CHECK(ListenAddress::parse("9736")->port == 9736);
    CHECK((ListenAddress::parse("localhost:1")->host == "127.0.0.1"));
    CHECK((ListenAddress::parse("[::1]:9736")->host == "::1"));
    CHECK(ListenAddress::parse("[::1]:9736")->is_local());
    CHECK_FALSE(ListenAddress::parse("0.0.0.0:9736")->is_local());
    CHECK((ListenAddress::parse("unix:/run/x")->path == "/run/x"));
    for (const char* wrong : {"", ":", "host:80", "1.2.3.4", "127.0.0.1:65536", "127.0.0.1:-1",
                              "unix:", "unix:here", "9736x", "[::1]"}) {
        INFO(wrong);
        REQUIRE_FALSE(ListenAddress::parse(wrong).ok());
        CHECK(ListenAddress::parse(wrong).error().code == Errc::usage);
    }
    CHECK_FALSE(ListenAddress::parse("unix:/" + std::string(200, 'x')).ok());
}

TEST_CASE("pages are answered, and nothing else") {
    const auto server = start("0");
    const auto page = ask(server, "GET /there?a=b HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n");
    CHECK_THAT(page, Catch::Matchers::StartsWith("HTTP/1.1 200 OK\r\n"));
    CHECK_THAT(page, Catch::Matchers::EndsWith("\r\n\r\n/there|text/html"));
    CHECK(page.find("Connection: close") != std::string::npos);
    const auto head = ask(server, "HEAD /there HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(head.find("Content-Length: 7\r\n") != std::string::npos);
    CHECK(head.ends_with("\r\n\r\n"));
    CHECK_THAT(ask(server, "GET / HTTP/1.0\r\n\r\n"), Catch::Matchers::StartsWith("HTTP/1.1 404"));
    CHECK_THAT(ask(server, "DELETE /there HTTP/1.1\r\nHost: x\r\n\r\n"),
               Catch::Matchers::StartsWith("HTTP/1.1 405"));
    CHECK(ask(server, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n").size() > 1 << 20);
}

TEST_CASE("who may not have a page gets a 401, whatever he asks for and was answered before") {
    auto started = HttpServer::start(*ListenAddress::parse("0"), make_page,
                                     {.admits =
                                          [](std::string_view path, std::string_view authorization) {
                                              return path == "/open" || authorization == "Bearer right";
                                          },
                                      .identity = {}});
    REQUIRE(started.ok());
    const auto& server = started.value();
    const std::string right = " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer right\r\n\r\n";
    const std::string none = " HTTP/1.1\r\nHost: x\r\n\r\n";
    CHECK_THAT(ask(server, "GET /there" + right), Catch::Matchers::StartsWith("HTTP/1.1 200"));
    for (const char* wrong :
         {"GET /there", "HEAD /there", "POST /there", "GET /there?/open", "GET /open/../there"}) {
        INFO(wrong);
        const auto answer = ask(server, wrong + none);
        CHECK_THAT(answer, Catch::Matchers::StartsWith("HTTP/1.1 401"));
        CHECK(answer.find("\r\nWWW-Authenticate: Bearer realm=\"corotrace\"\r\n") != std::string::npos);
    }
    CHECK_THAT(ask(server, "GET /open?x" + none), Catch::Matchers::StartsWith("HTTP/1.1 404"));
}

TEST_CASE("malformed requests are refused, and the next one is answered") {
    using namespace std::string_literals;
    const auto server = start("127.0.0.1:0");
    for (const std::string& wrong :
         {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n"s, std::string("GET\r\n\r\n"),
          std::string("GET /there HTTP/9.9\r\n\r\n"),
          "GET /there HTTP/1.1\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n",
          std::string("POST /there HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n"),
          std::string("GET /there HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")}) {
        INFO(wrong.substr(0, 40));
        const auto answer = ask(server, wrong);
        // Or the connection was reset, for more came than was read.
        CHECK((answer.empty() || answer.starts_with("HTTP/1.1 400")));
    }
    CHECK_THAT(ask(server, "GET /there HTTP/1.1\r\nHost: x\r\n\r\n"),
               Catch::Matchers::StartsWith("HTTP/1.1 200"));
}

TEST_CASE("who asks nothing makes room for who does") {
    const auto server = start("0");
    std::vector<UniqueFd> idle;
    for (std::size_t i = 0; i < 3 * HttpServer::kMostConnections; ++i) {
        idle.push_back(connect_to(server));
        send_text(idle.back(), "GET /there HTTP/1.1\r\nX-Slow: ");
    }
    CHECK_THAT(ask(server, "GET /there HTTP/1.1\r\nHost: x\r\n\r\n"),
               Catch::Matchers::StartsWith("HTTP/1.1 200"));
    // It was ended before the one that is answered was taken.
    pollfd first{.fd = idle.front().get(), .events = POLLIN, .revents = 0};
    REQUIRE(::poll(&first, 1, 0) == 1);
    CHECK(receive(idle.front()).empty());
}

TEST_CASE("a Unix socket is its owner's, and goes with the server") {
    const ScratchDir folder;
    const std::string path = folder.path() + "/socket";
    {
        const auto server = start("unix:" + path);
        struct stat file {};
        REQUIRE(::stat(path.c_str(), &file) == 0);
        CHECK((file.st_mode & 0777) == 0600);
        const auto other = HttpServer::start(*ListenAddress::parse("unix:" + path), make_page);
        REQUIRE_FALSE(other.ok());
        CHECK(other.error().code == Errc::usage);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
        const UniqueFd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        REQUIRE(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
        send_text(client, "GET /there HTTP/1.0\r\n\r\n");
        CHECK_THAT(receive(client), Catch::Matchers::EndsWith("/there|"));
    }
    struct stat file {};
    CHECK(::stat(path.c_str(), &file) != 0);
}

}  // namespace

}  // namespace corotrace::http_server_test
