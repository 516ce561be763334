// SPDX-License-Identifier: MIT
#include "tracer/diagnose/source_around.hpp"

#include <cstddef>
#include <span>

namespace corotrace {
namespace {

constexpr std::size_t kMostFrames = 8;

void add(std::span<Frame> frames, const SourceLines& sources, const OwnCode& own) {
    std::size_t added = 0;
    for (std::size_t i = frames.size(); i > 0 && added < kMostFrames; --i) {
        Frame& frame = frames[i - 1];
        if (!frame.line || !own.is_own(frame.file)) continue;
        frame.around = sources.find_around(frame.file, *frame.line, kLinesAround);
        if (frame.around != nullptr) ++added;
    }
}

}  // namespace

void add_source_around(Finding& finding, const SourceLines& sources, const OwnCode& own) {
    add(finding.created.frames, sources, own);
    if (finding.dropped.ended) add({&*finding.dropped.ended, 1}, sources, own);
    if (finding.dropped.frames) add(*finding.dropped.frames, sources, own);
    if (!finding.lost_task) return;
    if (finding.lost_task->awaiting) add(*finding.lost_task->awaiting, sources, own);
    if (finding.lost_task->raised) add(*finding.lost_task->raised, sources, own);
}

void add_fix_around(Finding& finding, const SourceLines& sources) {
    if (!finding.mistake || !finding.mistake->fix) return;
    const auto add_to = [&](Frame& frame) {
        if (frame.line && frame.around == nullptr)
            frame.around = sources.find_around(frame.file, *frame.line, 1);
    };
    if (finding.mistake->place) add_to(*finding.mistake->place);
    if (!finding.created.frames.empty()) add_to(finding.created.frames.back());
    if (finding.dropped.ended) add_to(*finding.dropped.ended);
    if (finding.dropped.frames && !finding.dropped.frames->empty()) add_to(finding.dropped.frames->back());
}

}  // namespace corotrace
