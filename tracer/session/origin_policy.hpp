// SPDX-License-Identifier: MIT
// OriginPolicy: how much the interpreter is told to note of where coroutines are created. Pure: it is told
// of findings and of the time, and says the depth until the next tick.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <unordered_map>

#include "tracer/findings/finding.hpp"
#include "tracer/session/attach_options.hpp"

namespace corotrace {

class OriginPolicy {
public:
    using Clock = std::chrono::steady_clock;

    // `depth`: with OriginMode::kDepth.
    OriginPolicy(OriginMode mode, int depth) : mode_(mode), depth_(depth) {}

    // What is known of a site's creation by this drop, and whether more is wanted. A site that is not dropped
    // at again is given up after a while, and wanted again with its next drop, for twice as long.
    void learn(const Finding& finding, bool is_noted, Clock::time_point now);

    // Whether more is wanted to be known of this site's creation.
    [[nodiscard]] bool wants(const std::string& fingerprint) const {
        const auto known = wants_.find(fingerprint);
        return known != wants_.end() && known->second.open;
    }

    struct Choice {
        int depth = 0;                                   // 0: none
        std::optional<std::chrono::milliseconds> until;  // from now, if that is sooner than the next tick
    };
    // Until the next tick. Nothing, as long as the program creates so many coroutines that noting them would
    // cost more than was saved up; a deep slice that is due is saved up for first.
    [[nodiscard]] Choice choose(double drops_per_second, Clock::time_point now);

    // The depths that choose() may return.
    [[nodiscard]] int steady_depth() const;
    [[nodiscard]] int deep_depth() const;

private:
    struct Want {
        bool open = true;
        bool settled = false;
        std::chrono::seconds patience{0};
        Clock::time_point since;
        Clock::time_point last;  // drop
    };
    void want(const std::string& site, Clock::time_point now);
    void close(Want& one);
    void give_up_old(Clock::time_point now);
    [[nodiscard]] bool pay(double drops_per_second, std::chrono::duration<double> each,
                           std::chrono::duration<double> time);

    OriginMode mode_;
    int depth_;
    std::unordered_map<std::string, Want> wants_;  // by fingerprint
    std::size_t open_ = 0;                         // of these
    unsigned ticks_ = 0;
    unsigned next_deep_slice_ = 5;              // by this count
    std::optional<Clock::time_point> paid_;     // until when
    std::chrono::duration<double> saved_{0.0};  // of the program's time, to be spent on noting
};

}  // namespace corotrace
