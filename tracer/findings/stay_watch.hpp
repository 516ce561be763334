// SPDX-License-Identifier: MIT
// StayWatch: what stays from one look to the next: of each group how many members were there before too, for
// how long, and how the group grows. What is not there any more is forgotten.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>

namespace corotrace {

struct Stay {
    std::uint64_t stayed = 0;            // members that were there at the look before
    std::chrono::milliseconds oldest{};  // since the first of these was seen first
    std::int64_t growth = 0;             // members more than at the look before
    std::int64_t growth_in_all = 0;      // and than at the first look

    bool operator==(const Stay&) const = default;
};

class StayWatch {
public:
    using Time = std::chrono::steady_clock::time_point;

    // Begins a look. What the one before told of and is not told of again in between is gone.
    void begin_look(Time now);
    // Of a group: its name, and a number for each member that no other has.
    [[nodiscard]] Stay add(const std::string& name, std::span<const std::uint64_t> members);

    [[nodiscard]] std::uint64_t looks() const { return looks_; }
    [[nodiscard]] std::chrono::milliseconds since_first() const;
    [[nodiscard]] std::chrono::milliseconds since_last() const;

private:
    struct Group {
        std::int64_t before = 0;  // members at the look before
        std::int64_t now = 0;
        std::int64_t at_first = 0;
    };

    std::unordered_map<std::uint64_t, Time> seen_;  // since when, at the look before
    std::unordered_map<std::uint64_t, Time> now_;
    std::map<std::string, Group> groups_;
    std::uint64_t looks_ = 0;
    Time first_;
    Time last_;
    Time current_;
};

}  // namespace corotrace
