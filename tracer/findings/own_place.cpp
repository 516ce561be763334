// SPDX-License-Identifier: MIT
#include "tracer/findings/own_place.hpp"

#include <algorithm>

namespace corotrace {
namespace {

const Frame* innermost_own(const std::vector<Frame>& frames, const OwnCode& own) {
    const auto found = std::find_if(frames.rbegin(), frames.rend(),
                                    [&](const Frame& frame) { return own.is_own(frame.file); });
    return found == frames.rend() ? nullptr : &*found;
}

const Frame* innermost_own(const std::optional<std::vector<Frame>>& frames, const OwnCode& own) {
    return frames ? innermost_own(*frames, own) : nullptr;
}

}  // namespace

const Frame* own_place(const Finding& finding, const OwnCode& own) {
    const DroppedFacts& dropped = finding.dropped;
    if (finding.mistake && finding.mistake->place && own.is_own(finding.mistake->place->file))
        return &*finding.mistake->place;
    if (finding.lost_task) {
        for (const auto* frames : {&finding.lost_task->raised, &finding.lost_task->awaiting}) {
            if (const Frame* frame = innermost_own(*frames, own)) return frame;
        }
        return innermost_own(finding.created.frames, own);
    }
    if (dropped.ended && own.is_own(dropped.ended->file)) return &*dropped.ended;
    if (dropped.cause != DropCause::kCyclicGc) {
        if (const Frame* frame = innermost_own(dropped.frames, own)) return frame;
    }
    return innermost_own(finding.created.frames, own);
}

}  // namespace corotrace
