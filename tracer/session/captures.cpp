// SPDX-License-Identifier: MIT
#include "tracer/session/captures.hpp"

#include <utility>

namespace corotrace {

std::vector<DropEvidence> Captures::take(const LiveTarget& target, const SiteLedger& ledger,
                                         const std::string& why, Clock::duration patience) {
    const auto now = Clock::now();
    for (const StubCapture& capture : target.probes.take_captures()) {
        if (ledger.knows(capture.key)) continue;
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
