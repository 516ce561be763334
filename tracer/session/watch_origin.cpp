// SPDX-License-Identifier: MIT
// The part of Watch that decides how much the interpreter notes of where coroutines are created.
#include "tracer/session/watch.hpp"

#include <algorithm>

namespace corotrace {

namespace {

constexpr int kSteady = 1;  // frames
constexpr int kDeep = 11;   // asyncio's debug mode has 10, so this one is ours
// What noting costs the program for each coroutine that it drops, for its warning then is given the text of
// all lines. For one that is awaited it is 0.1 and 3 us (scripts/bench.sh origin).
constexpr std::chrono::duration<double> kSteadyCost{8e-6};
constexpr std::chrono::duration<double> kDeepCost{50e-6};
// How much of its time it may take, as far as what is dropped tells how much is created; saved up this long.
constexpr double kMaxShare = 0.01;
constexpr std::chrono::duration<double> kMaxSaved{60.0 * kMaxShare};
constexpr std::chrono::milliseconds kDeepSlice{10};
constexpr unsigned kDeepEvery = 10;  // ticks
constexpr unsigned kPatience = 300;  // ticks after which a site with an origin of one frame has no more

}  // namespace

// What is known of a site's creation by this drop, and whether more is wanted.
void Watch::learn_origin(const Finding& finding) {
    ledger_.learn_created(finding);
    const bool has_origin =
        finding.kind == FindingKind::kCoroutine || (is_lost_task(finding.kind) && finding.coroutine.qualname);
    if (options_.origin != OriginMode::kAuto || !has_origin) return;
    const bool shallow = tracked_origins_ && finding.created.frames.size() <= kSteady;
    const bool unknown = finding.created.how == CreationSource::kUnknown ||
                         (finding.created.how == CreationSource::kOrigin && shallow);
    if (finding.first_at_site && unknown) {
        wanted_origins_.try_emplace(finding.fingerprint, origin_ticks_);
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
            if (!wanted_origins_.empty()) depth = choose_origin_depth();
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

// Until the next tick. Nothing, as long as the program creates so many coroutines that noting them would cost
// more than was saved up; a deep slice that is due is saved up for first.
int Watch::choose_origin_depth() {
    const auto now = Clock::now();
    const std::chrono::duration<double> passed = now - origin_paid_;
    origin_paid_ = now;
    origin_saved_ = std::min(origin_saved_ + passed * kMaxShare, kMaxSaved);
    const auto pay = [&](std::chrono::duration<double> each, std::chrono::duration<double> time) {
        const auto price = std::min(1.0, per_second_ * each.count()) * time;
        if (origin_saved_ < price) return false;
        origin_saved_ -= price;
        return true;
    };
    if (++origin_ticks_ >= next_deep_slice_) {
        if (!pay(kDeepCost, kDeepSlice)) return 0;
        next_deep_slice_ = origin_ticks_ + kDeepEvery;
        next_tick_ = now + kDeepSlice;
        return kDeep;
    }
    return pay(kSteadyCost, kTick) ? kSteady : 0;
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
