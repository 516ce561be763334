// SPDX-License-Identifier: MIT
// Hold: whether a session's threads are to be traced just now. Who traces sees the arguments of a drop and
// the process's end; but each signal of the process passes through the tracer, and no debugger can attach.
// Pure: it is told what happened, and asked what to do.
#pragma once

#include <chrono>

#include "tracer/session/attach_options.hpp"

namespace corotrace {

class Hold {
public:
    using Clock = std::chrono::steady_clock;
    // HoldMode::kAuto: for so long after the last new place.
    static constexpr std::chrono::seconds kLinger{3};
    // After another tracer was found to be attached.
    static constexpr std::chrono::seconds kRetry{1};

    // `may_let_go`: false where whoever started the process has to go on tracing it.
    Hold(HoldMode mode, bool may_let_go)
        : mode_(may_let_go ? mode : HoldMode::kAlways), wanted_until_(Clock::now() + kLinger) {}

    // One was seen of which a stop tells more.
    void on_new_place(Clock::time_point now) { wanted_until_ = now + kLinger; }
    // Where stops are dangerous they are not asked for.
    [[nodiscard]] bool gives_way() const { return mode_ != HoldMode::kAlways; }
    bool give_up() {
        if (!gives_way()) return false;
        given_up_ = true;
        return true;
    }
    void on_other_tracer(Clock::time_point now) {
        other_until_ = now + kRetry;
        saw_other_ = true;
    }

    [[nodiscard]] bool wants(Clock::time_point now) const {
        if (mode_ == HoldMode::kNever || given_up_ || now < other_until_) return false;
        return mode_ != HoldMode::kAuto || now < wanted_until_;
    }
    [[nodiscard]] bool is_never() const { return mode_ == HoldMode::kNever; }
    // A captured place may be told more of by a stop that comes later.
    [[nodiscard]] bool may_come() const { return mode_ == HoldMode::kAuto && !given_up_; }
    [[nodiscard]] bool saw_other_tracer() const { return saw_other_; }

private:
    HoldMode mode_;
    Clock::time_point wanted_until_;
    Clock::time_point other_until_;
    bool given_up_ = false;
    bool saw_other_ = false;
};

}  // namespace corotrace
