// SPDX-License-Identifier: MIT
#include "tracer/session/origin_policy.hpp"

#include <algorithm>

namespace corotrace {

namespace {

constexpr std::size_t kSteady = 1;  // frames
constexpr int kDeep = 11;           // asyncio's debug mode has 10, so this one is ours
// What noting costs the program for each coroutine that it drops, for its warning then is given the text of
// all lines. For one that is awaited it is 0.1 and 3 us (scripts/bench.sh origin).
constexpr std::chrono::duration<double> kSteadyCost{8e-6};
constexpr std::chrono::duration<double> kDeepCost{50e-6};
// How much of its time it may take, as far as what is dropped tells how much is created; saved up this long.
constexpr double kMaxShare = 0.01;
constexpr std::chrono::duration<double> kMaxSaved{60.0 * kMaxShare};
constexpr std::chrono::milliseconds kTick{100};
constexpr std::chrono::milliseconds kDeepSlice{10};
constexpr unsigned kDeepEvery = 10;            // ticks
constexpr std::chrono::seconds kPatience{30};  // after which an origin of one frame has no more
constexpr std::chrono::seconds kLongestPatience{3600};
constexpr std::size_t kMostSites = 10'000;

}  // namespace

int OriginPolicy::steady_depth() const {
    return mode_ == OriginMode::kDepth ? depth_ : static_cast<int>(kSteady);
}

int OriginPolicy::deep_depth() const {
    return mode_ == OriginMode::kDepth ? depth_ : kDeep;
}

void OriginPolicy::learn(const Finding& finding, bool is_noted, Clock::time_point now) {
    const bool has_origin =
        finding.kind == FindingKind::kCoroutine || (is_lost_task(finding.kind) && finding.coroutine.qualname);
    if (mode_ != OriginMode::kAuto || !has_origin) return;
    const bool noted = finding.created.how == CreationSource::kOrigin;
    const bool is_shallow = is_noted && finding.created.frames.size() <= kSteady;
    const bool is_shown = finding.seen && finding.seen->shows_creation;
    const bool is_open =
        !is_shown && (finding.created.how == CreationSource::kUnknown || (noted && is_shallow));
    const auto known = wants_.find(finding.fingerprint);
    if (known == wants_.end()) {
        if (finding.first_at_site && is_open) want(finding.fingerprint, now);
        return;
    }
    Want& one = known->second;
    one.last = now;
    if (one.settled) return;
    if (!one.open && is_open) want(finding.fingerprint, now);
    if (!noted && !is_shown) return;
    const bool is_deep = finding.created.frames.size() > kSteady;
    if (is_shown || is_deep || now - one.since >= kPatience) {
        one.settled = true;
        close(one);
    }
}

void OriginPolicy::want(const std::string& site, Clock::time_point now) {
    if (wants_.size() >= kMostSites) {
        std::erase_if(wants_, [](const auto& entry) { return !entry.second.open; });
        if (wants_.size() >= kMostSites) return;
    }
    Want& one = wants_[site];
    one.open = true;
    one.patience = std::clamp<std::chrono::seconds>(one.patience * 2, kPatience, kLongestPatience);
    one.since = one.last = now;
    ++open_;
}

void OriginPolicy::close(Want& one) {
    if (!one.open) return;
    one.open = false;
    --open_;
}

void OriginPolicy::give_up_old(Clock::time_point now) {
    for (auto& entry : wants_) {
        if (entry.second.open && now - entry.second.last >= entry.second.patience) close(entry.second);
    }
}

bool OriginPolicy::pay(double drops_per_second, std::chrono::duration<double> each,
                       std::chrono::duration<double> time) {
    const auto price = std::min(1.0, drops_per_second * each.count()) * time;
    if (saved_ < price) return false;
    saved_ -= price;
    return true;
}

OriginPolicy::Choice OriginPolicy::choose(double drops_per_second, Clock::time_point now) {
    if (mode_ == OriginMode::kOff) return {};
    if (mode_ == OriginMode::kDepth) return {.depth = depth_, .until = {}};
    if (!paid_) paid_ = now;
    if (open_ > 0) give_up_old(now);
    if (open_ == 0) return {};
    const std::chrono::duration<double> passed = now - *paid_;
    paid_ = now;
    saved_ = std::min(saved_ + passed * kMaxShare, kMaxSaved);
    if (++ticks_ >= next_deep_slice_) {
        if (!pay(drops_per_second, kDeepCost, kDeepSlice)) return {};
        next_deep_slice_ = ticks_ + kDeepEvery;
        return {.depth = kDeep, .until = kDeepSlice};
    }
    return {.depth = pay(drops_per_second, kSteadyCost, kTick) ? static_cast<int>(kSteady) : 0, .until = {}};
}

}  // namespace corotrace
