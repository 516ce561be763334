// SPDX-License-Identifier: MIT
#include "tracer/session/planting.hpp"

#include <chrono>
#include <string>
#include <thread>
#include <utility>

namespace corotrace {

namespace {

constexpr std::chrono::milliseconds kPlantWithin{300};
constexpr std::chrono::milliseconds kPlantPause{1};

// Of a process that runs: another read may succeed.
bool may_pass(Errc why) {
    return why == Errc::unreadable || why == Errc::malformed;
}

void note_counted_before(ProbeControl::Planted& planted) {
    if (planted.counted_before == 0) return;
    planted.notes.push_back("goes on with " + std::to_string(planted.counted_before) +
                            " drops that were counted before: for a corotrace that was killed, or since it "
                            "was forked");
}

}  // namespace

Result<ProbeControl::Planted> plant(ProbeControl& probes, const ProbeControl::Budget& budget,
                                    const ServeOthers& serve) {
    const auto until = std::chrono::steady_clock::now() + kPlantWithin;
    for (;;) {
        auto planted = probes.plant(budget, serve);
        if (planted) note_counted_before(*planted);
        if (planted || !may_pass(planted.error().code)) return planted;
        if (std::chrono::steady_clock::now() >= until) {
            Error error = std::move(planted).error();
            error.what += "; if it was just starting or ending, try again";
            return error;
        }
        serve();
        std::this_thread::sleep_for(kPlantPause);
    }
}

void note_leftovers(const std::vector<Status>& cleared, bool inherits, AttachedFacts& facts) {
    for (const Status& done : cleared) {
        if (done && inherits) continue;
        facts.notes.push_back(done ? "removed what an earlier corotrace, killed, had left behind"
                                   : "what an earlier corotrace, killed, had left behind stays: " +
                                         done.error().what);
    }
}

}  // namespace corotrace
