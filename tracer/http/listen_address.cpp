// SPDX-License-Identifier: MIT
#include "tracer/http/listen_address.hpp"

#include <sys/un.h>

#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <optional>

namespace corotrace {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (text.empty() || problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return port;
}

}  // namespace

Error refuse_text(std::string_view text, const std::string& what) {
    return {Errc::usage, 0, "'" + std::string(text) + "' " + what};
}

Result<ListenAddress> ListenAddress::parse(std::string_view text) {
    ListenAddress address;
    if (text.starts_with("unix:")) {
        address.path = text.substr(5);
        if (address.path.empty() || address.path.front() != '/')
            return refuse_text(text, "names no absolute path");
        if (address.path.size() >= sizeof(sockaddr_un::sun_path))
            return refuse_text(text, "is too long for a Unix socket");
        return address;
    }
    const auto colon = text.rfind(':');
    std::string_view host = colon == std::string_view::npos ? "127.0.0.1" : text.substr(0, colon);
    const auto port = parse_port(colon == std::string_view::npos ? text : text.substr(colon + 1));
    if (!port) return refuse_text(text, "is none of PORT, HOST:PORT, unix:/PATH");
    if (host == "localhost") host = "127.0.0.1";
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    error_code problem;
    static_cast<void>(asio::ip::make_address(std::string(host), problem));
    if (problem) return refuse_text(text, "has no numeric address before its port (nor localhost)");
    address.host = host;
    address.port = *port;
    return address;
}

bool ListenAddress::is_local() const {
    error_code problem;
    return !path.empty() || asio::ip::make_address(host, problem).is_loopback();
}

}  // namespace corotrace
