// SPDX-License-Identifier: MIT
// NameLookup: the addresses of a host, found within a given time. getaddrinfo(3) can be neither bounded nor
// ended, so it runs on a thread that nobody waits for longer; there is never more than one.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "symbols/result.hpp"

namespace corotrace {

class NameLookup {
public:
    static constexpr std::size_t kMostAddresses = 8;

    // Numeric addresses, in the order in which they should be tried. A numeric `host` is its own, at no cost.
    // Waits for `within` at the most, and not long once `interrupted`. Errors: not_found, timeout, io.
    [[nodiscard]] Result<std::vector<std::string>> find(const std::string& host,
                                                        std::chrono::milliseconds within,
                                                        const std::atomic<bool>& interrupted);

private:
    struct Answer;
    std::shared_ptr<Answer> asked_;  // shared with the thread; null: none is under way
};

}  // namespace corotrace
