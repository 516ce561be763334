// SPDX-License-Identifier: MIT
// The part of Watch that decides how much the interpreter notes of where coroutines are created.
#include "tracer/observe/watch.hpp"

namespace corotrace {

namespace {

constexpr int kSteady = 1;           // frames; costs the program about 0.1 us a coroutine
constexpr int kDeep = 11;            // about 3 us; asyncio's debug mode has 10, so this one is ours
constexpr unsigned kSlice = 10;      // one tick in so many is a deep one
constexpr unsigned kPatience = 100;  // ticks after which a site with an origin of one frame has no more

}  // namespace

// What is known of a site's creation by this drop, and whether more is wanted.
void Watch::learn_origin(const Finding& finding) {
    ledger_.learn_created(finding);
    if (options_.origin != OriginMode::kAuto || finding.kind != FindingKind::kCoroutine) return;
    const bool shallow = origins_.is_on() && finding.created.frames.size() <= kSteady;
    const bool unknown = finding.created.how == CreationSource::kUnknown ||
                         (finding.created.how == CreationSource::kOrigin && shallow);
    if (finding.first_at_site && unknown) {
        wanted_origins_.try_emplace(finding.fingerprint, origin_ticks_);
        if (!origins_.is_on()) set_origin_depth();
        return;
    }
    const auto wanted = wanted_origins_.find(finding.fingerprint);
    if (wanted == wanted_origins_.end() || finding.created.how != CreationSource::kOrigin) return;
    const bool is_deep = finding.created.frames.size() > kSteady;
    if (is_deep || origin_ticks_ - wanted->second >= kPatience) wanted_origins_.erase(wanted);
}

// At each tick, for threads that came since.
void Watch::set_origin_depth() {
    int depth = 0;
    switch (options_.origin) {
        case OriginMode::kOff:
            return;
        case OriginMode::kDepth:
            depth = options_.origin_depth;
            break;
        case OriginMode::kAuto:
            if (!wanted_origins_.empty()) depth = ++origin_ticks_ % kSlice == 0 ? kDeep : kSteady;
            break;
    }
    if (depth == 0 && !origins_.is_on()) return;
    if (depth != 0 && !tracked_origins_) {
        if (!record_origins()) return;
        tracked_origins_ = true;
        notes_.emplace_back(
            "the interpreter was told to note where coroutines are created; meanwhile the program's own "
            "warnings "
            "told that, too");
    }
    static_cast<void>(origins_.apply(depth));
}

// For whoever cleans up if we are killed; written before the first thread state is.
bool Watch::record_origins() {
    const auto before =
        read_highest_origin_depth(subject_.memory, *subject_.python.layout, subject_.python.runtime);
    if (!before) return false;
    const bool is_fixed = options_.origin == OriginMode::kDepth;
    const OriginRecord record{.before = *before,
                              .steady = is_fixed ? options_.origin_depth : kSteady,
                              .deep = is_fixed ? options_.origin_depth : kDeep};
    return write_stub_origin(subject_.memory, probes_->data(), record).ok();
}

void Watch::put_back_origins() {
    for (std::string& note : origins_.put_back()) notes_.push_back(std::move(note));
}

}  // namespace corotrace
