// SPDX-License-Identifier: MIT
// The part of EvidenceCopier that takes what the stub noted without a stop.
#include "tracer/probes/probe.hpp"
#include "tracer/session/evidence_copier.hpp"

namespace corotrace {

Result<DropEvidence> EvidenceCopier::copy_capture(const StubCapture& capture, const std::string& why) {
    pages_.clear();
    timed_.allow(kTimeForCapture);
    DropEvidence evidence;
    evidence.layout = &layout_;
    evidence.time = std::chrono::system_clock::now();
    evidence.pid = pid_;
    evidence.captured = true;
    evidence.key = capture.key;
    evidence.code = capture.code;
    evidence.notes.push_back("known from the stub's notes alone: " + why);
    CT_TRY(auto code, codes_.find_or_read(timed_, layout_, {capture.code & ~arch::kKeyTagMask}));
    evidence.coroutine = CoroutineReading{
        .name = code->name, .qualname = code->qualname, .code = code, .arguments = {}, .notes = {}};
    evidence.site.coroutine = std::move(code);
    const auto kind = static_cast<ProbeKind>(capture.code & arch::kKeyTagMask);
    if (kind == ProbeKind::kAsend || kind == ProbeKind::kAthrow) {
        evidence.kind = DropKind::kAgenMethod;
        evidence.agen_method = AgenMethodReading{
            .method = kind == ProbeKind::kAsend ? AgenMethod::kAsend : AgenMethod::kAthrow, .generator = {}};
    }
    if (capture.depth > 0) copy_captured_frames(evidence, capture);
    complete(evidence);
    return evidence;
}

void EvidenceCopier::copy_captured_frames(DropEvidence& evidence, const StubCapture& capture) {
    constexpr std::size_t kSiteFrames = 2;
    RawStack stack;
    for (const CapturedFrame& from : capture.frames) {
        auto code = codes_.find_or_read(timed_, layout_, from.code);
        if (!code) continue;  // it stands for a call of C
        if (auto frame = place_frame(layout_, *std::move(code), from.place)) stack.frames.push_back(*frame);
    }
    if (capture.depth > capture.frames.size()) {
        stack.truncated = true;
        stack.note = "the stub notes the " + std::to_string(capture.frames.size()) + " innermost frames";
    }
    for (const RawFrame& raw : stack.frames) {
        if (evidence.site.frames.size() == kSiteFrames) break;
        evidence.site.frames.push_back(copy_frame(raw, {}));
    }
    evidence.depth = capture.depth;
    evidence.stack = std::move(stack);
}

}  // namespace corotrace
