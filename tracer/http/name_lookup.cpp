// SPDX-License-Identifier: MIT
#include "tracer/http/name_lookup.hpp"

#include <netdb.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

namespace corotrace {

struct NameLookup::Answer {
    std::string host;
    std::mutex mutex;  // guards what follows
    std::condition_variable came;
    std::optional<Result<std::vector<std::string>>> addresses;
};

namespace {

constexpr std::chrono::milliseconds kLook{100};  // whether it is still wanted

struct FreeAddresses {
    void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

Result<std::vector<std::string>> look_up(const std::string& host) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* found = nullptr;
    const int problem = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
    const std::unique_ptr<addrinfo, FreeAddresses> list(found);
    if (problem != 0)
        return Error{Errc::not_found, 0, "no address of " + host + ": " + ::gai_strerror(problem)};
    std::vector<std::string> addresses;
    for (const addrinfo* one = list.get(); one != nullptr && addresses.size() < NameLookup::kMostAddresses;
         one = one->ai_next) {
        char text[NI_MAXHOST];
        if (::getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof(text), nullptr, 0, NI_NUMERICHOST) == 0)
            addresses.emplace_back(text);
    }
    return addresses;
}

}  // namespace

Result<std::vector<std::string>> NameLookup::find(const std::string& host, std::chrono::milliseconds within,
                                                  const std::atomic<bool>& interrupted) {
    boost::system::error_code no_number;
    static_cast<void>(boost::asio::ip::make_address(host, no_number));
    if (!no_number) return std::vector<std::string>{host};
    if (!asked_ || asked_->host != host) {
        auto answer = std::make_shared<Answer>();
        answer->host = host;
        try {
            std::thread([answer] {
                auto addresses = look_up(answer->host);
                const std::lock_guard lock(answer->mutex);
                answer->addresses.emplace(std::move(addresses));
                answer->came.notify_all();
            }).detach();
        } catch (const std::system_error& problem) {
            return Error{Errc::io, problem.code().value(), "no thread to look up " + host};
        }
        asked_ = std::move(answer);
    }
    const auto until = std::chrono::steady_clock::now() + within;
    std::unique_lock lock(asked_->mutex);
    while (!asked_->addresses) {
        const auto now = std::chrono::steady_clock::now();
        if (now >= until || interrupted)
            return Error{Errc::timeout, 0, "looking up " + host + " takes too long"};
        asked_->came.wait_until(lock, std::min(until, now + kLook));
    }
    auto addresses = std::move(*asked_->addresses);
    lock.unlock();
    asked_.reset();
    return addresses;
}

}  // namespace corotrace
