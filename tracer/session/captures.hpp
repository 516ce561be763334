// SPDX-License-Identifier: MIT
// Captures: what the stub noted of places itself, kept until it is clear whether a stop tells more. Where
// stops are asked for one follows at once, unless its thread is not traced; far beyond the budget of stops
// one follows later, at another drop of the place; else nothing follows.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "tracer/findings/site_ledger.hpp"
#include "tracer/session/live_target.hpp"

namespace corotrace {

class Captures {
public:
    using Clock = std::chrono::steady_clock;
    // A stop that was asked for comes in this time, however busy the machine is.
    static constexpr std::chrono::seconds kStopFollows{2};

    // So many are made out in one call: what the stub notes meanwhile has to be taken before its ring is
    // full.
    static constexpr std::size_t kAtOnce = 8;

    // Takes in what came, which makes room for more. Cost: one read, one write where something came.
    void drain(ProbeControl& probes);
    // Takes in what came since the last call, makes out some of it, and returns what has waited for so long
    // without anything else being seen of its row. `why`: no stop tells more. Cost: one read where nothing
    // came.
    [[nodiscard]] std::vector<DropEvidence> take(const LiveTarget& target, const SiteLedger& ledger,
                                                 const std::string& why, Clock::duration patience);

    [[nodiscard]] bool is_waiting() const { return !waiting_.empty(); }
    // The last call took some in.
    [[nodiscard]] bool took_any() const { return took_any_; }
    // Some are taken and not made out yet: call take() again soon.
    [[nodiscard]] bool has_more() const { return !taken_.empty(); }

private:
    struct Waiting {
        DropEvidence evidence;
        Clock::time_point since;
    };
    std::deque<StubCapture> taken_;
    bool took_any_ = false;
    std::vector<Waiting> waiting_;
};

}  // namespace corotrace
