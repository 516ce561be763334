// SPDX-License-Identifier: MIT
#include "tracer/http/http_url.hpp"

#include <algorithm>
#include <boost/asio/ip/address_v6.hpp>
#include <charconv>
#include <utility>

#include "tracer/http/listen_address.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMostUrlBytes = 2000;
constexpr std::size_t kMostHostBytes = 253;  // RFC 1035

bool is_one_of(char c, std::string_view others) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
}

bool is_host(std::string_view host) {
    return !host.empty() && host.size() <= kMostHostBytes &&
           std::ranges::all_of(host, [](char c) { return is_one_of(c, "-._"); });
}

bool is_ipv6(const std::string& host) {
    boost::system::error_code problem;
    static_cast<void>(boost::asio::ip::make_address_v6(host, problem));
    return !problem && host.find('%') == std::string::npos;
}

}  // namespace

Result<HttpUrl> HttpUrl::parse(std::string_view text) {
    HttpUrl url;
    url.tls = text.starts_with("https://");
    if (!url.tls && !text.starts_with("http://"))
        return refuse_text(text, "begins with neither http:// nor https://");
    if (text.size() > kMostUrlBytes) return refuse_text(text.substr(0, 40), "and so on is too long");
    const std::string_view rest = text.substr(url.tls ? 8 : 7);
    const auto slash = std::min(rest.find('/'), rest.size());
    std::string_view host = rest.substr(0, slash);
    std::string_view path = rest.substr(slash);
    // Not shown: it may be a password.
    if (host.find('@') != std::string_view::npos)
        return Error{Errc::usage, 0,
                     "a user or a password does not stand in the address, where others may see it"};
    url.port = url.tls ? 443 : 80;
    const auto colon = host.ends_with(']') ? std::string_view::npos : host.rfind(':');
    if (colon != std::string_view::npos) {
        const std::string_view port = host.substr(colon + 1);
        const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), url.port);
        if (problem != std::errc() || end != port.data() + port.size() || url.port == 0)
            return refuse_text(text, "has no port after its colon");
        host = host.substr(0, colon);
    }
    if (host.starts_with('[') && host.ends_with(']')) {
        url.host = host.substr(1, host.size() - 2);
        if (!is_ipv6(url.host)) return refuse_text(text, "has no address in its brackets");
    } else {
        url.host = host;
        if (!is_host(host)) return refuse_text(text, "names no host");
    }
    if (!std::ranges::all_of(path, [](char c) { return is_one_of(c, "/-._~%!$&'()*+,;=:@"); }))
        return refuse_text(text, "has a path with a character that does not stand there, or a query");
    while (path.ends_with('/')) path.remove_suffix(1);
    url.path = path;
    return url;
}

std::string HttpUrl::host_field() const {
    const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
    return port == (tls ? 443 : 80) ? name : name + ":" + std::to_string(port);
}

std::string HttpUrl::describe() const {
    return (tls ? "https://" : "http://") + host_field() + path;
}

}  // namespace corotrace
