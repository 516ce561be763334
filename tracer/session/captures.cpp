// SPDX-License-Identifier: MIT
#include "tracer/session/captures.hpp"

#include <utility>

namespace corotrace {

void Captures::drain(ProbeControl& probes) {
    for (StubCapture& capture : probes.take_captures()) taken_.push_back(std::move(capture));
}

std::vector<DropEvidence> Captures::take(const LiveTarget& target, const SiteLedger& ledger,
                                         const std::string& why, Clock::duration patience) {
    const auto now = Clock::now();
    drain(target.probes);
    took_any_ = !taken_.empty();
    for (std::size_t made = 0; !taken_.empty() && made < kAtOnce; taken_.pop_front()) {
        const StubCapture& capture = taken_.front();
        if (ledger.knows(capture.key)) continue;
        ++made;
        if (auto evidence = target.reader.copy_capture(capture, why))
            waiting_.push_back({.evidence = *std::move(evidence), .since = now});
    }
    std::vector<DropEvidence> due;
    std::vector<Waiting> others;
    for (Waiting& one : waiting_) {
        if (ledger.knows(one.evidence.key)) continue;
        if (now - one.since >= patience)
            due.push_back(std::move(one.evidence));
        else
            others.push_back(std::move(one));
    }
    waiting_ = std::move(others);
    return due;
}

}  // namespace corotrace
