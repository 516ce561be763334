// SPDX-License-Identifier: MIT
// How often a session looks at its target, and how closely.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

namespace corotrace {

constexpr std::chrono::milliseconds kSteadyTick{100};
// While stops that were asked for are missing: how soon a young thread's next drop can be seen.
constexpr std::chrono::milliseconds kAlertTick{10};

// What a young program imports is to be watched before it is used. `is_held`: it was watched from its
// beginning.
[[nodiscard]] constexpr std::chrono::nanoseconds tick_at_age(std::chrono::nanoseconds age, bool is_held) {
    constexpr std::chrono::seconds kYouth{3};
    constexpr std::chrono::milliseconds kYoungTick{5};
    return is_held && age < kYouth ? kYoungTick : kSteadyTick;
}

// TickPace: what is done at a tick. While nobody of the target is traced and no new place is seen its counts
// are read at each tick, as before, but all else only now and then: a service watches many that do nothing.
// Pure.
class TickPace {
public:
    using Clock = std::chrono::steady_clock;
    enum class Work : std::uint8_t {
        kCounts,  // no more than the counts
        kSigns,   // and the signs of life, and what the program has imported
        kAll,
    };
    static constexpr std::chrono::seconds kYouth{10};
    static constexpr std::chrono::seconds kLinger{3};  // after something was to be done
    // Another corotrace waits 2 s for one.
    static constexpr std::chrono::milliseconds kSignsEvery{750};
    static constexpr std::chrono::milliseconds kSilentTick{250};  // if nothing was counted for kAllEvery
    static constexpr std::chrono::milliseconds kStillTick{500};   // nor for kStillAfter
    static constexpr std::chrono::seconds kStillAfter{12};
    static constexpr std::chrono::seconds kChangedEvery{1};  // if something was counted
    static constexpr std::chrono::seconds kAllEvery{4};

    struct Seen {
        std::chrono::nanoseconds age{};  // of the session
        bool is_busy = false;            // somebody is traced, or there is something that is to be done now
        bool has_counted = false;        // since the last tick
    };

    [[nodiscard]] Work choose(Clock::time_point now, const Seen& seen) {
        if (seen.is_busy || seen.age < kYouth) busy_until_ = now + kLinger;
        has_counted_ = has_counted_ || seen.has_counted;
        if (seen.has_counted) {
            ++ticks_;
            counted_at_ = now;
        }
        const auto every = has_counted_ ? Clock::duration(kChangedEvery) : Clock::duration(kAllEvery);
        if (now < busy_until_ || now >= all_at_ + every) {
            all_at_ = signs_at_ = now;
            has_counted_ = false;
            left_out_ = std::exchange(ticks_, 0);
            return Work::kAll;
        }
        if (now < signs_at_ + kSignsEvery) return Work::kCounts;
        signs_at_ = now;
        return Work::kSigns;
    }
    // Since the last one.
    Clock::duration elapse(Clock::time_point now) { return now - std::exchange(last_, now); }
    [[nodiscard]] Clock::time_point last() const { return last_; }
    // At kAll: ticks since the last one at which something was counted, this one included; at least 1.
    [[nodiscard]] int ticks() const { return std::max(left_out_, 1); }

    // The next tick of one that rests: targets are examined together, so that we wake once for all.
    [[nodiscard]] Clock::time_point next(Clock::time_point now) const {
        const auto silent = now - counted_at_;
        const Clock::duration every = silent < kAllEvery     ? kSteadyTick
                                      : silent < kStillAfter ? kSilentTick
                                                             : kStillTick;
        const auto since = now.time_since_epoch();
        return Clock::time_point(since - since % every + every);
    }

private:
    Clock::time_point last_;
    Clock::time_point busy_until_;
    Clock::time_point all_at_;
    Clock::time_point signs_at_;
    Clock::time_point counted_at_;
    bool has_counted_ = false;
    int ticks_ = 0;
    int left_out_ = 0;
};

}  // namespace corotrace
