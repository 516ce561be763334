// SPDX-License-Identifier: MIT
#include "tracer/session/shared_report.hpp"

#include <algorithm>

namespace corotrace {

namespace {

void add(Progress& sum, const Progress& one) {
    sum.elapsed = std::max(sum.elapsed, one.elapsed);
    if (!one.never_awaited) {
        sum.never_awaited.reset();
    } else if (sum.never_awaited) {
        *sum.never_awaited += *one.never_awaited;
    }
    sum.per_second += one.per_second;
    sum.sites += one.sites;
    sum.stops += one.stops;
    sum.pause_total += one.pause_total;
}

}  // namespace

class SharedReport::Sink final : public FindingSink {
public:
    Sink(SharedReport& shared, const TargetId& target) : shared_(shared), target_(target) {}

    void on_attached(const AttachedFacts& facts) override {
        const std::lock_guard lock(shared_.mutex_);
        shared_.report_.on_attached(target_, facts);
    }
    void on_finding(const Finding& finding) override {
        const std::lock_guard lock(shared_.mutex_);
        shared_.report_.on_finding(target_, finding);
    }
    void on_progress(const Progress& progress) override {
        const std::lock_guard lock(shared_.mutex_);
        shared_.running_[target_] = progress;
        Progress sum = shared_.ended_;
        for (const auto& [target, one] : shared_.running_) add(sum, one);
        shared_.report_.on_progress(sum);
    }
    void on_end(const std::vector<SiteCount>& sites, const Summary& summary) override {
        const std::lock_guard lock(shared_.mutex_);
        shared_.running_.erase(target_);
        add(shared_.ended_, {.elapsed = summary.elapsed,
                             .never_awaited = summary.never_awaited,
                             .per_second = 0.0,
                             .sites = summary.sites,
                             .stops = summary.stops,
                             .pause_total = summary.pause_total});
        shared_.report_.on_target_end(target_, sites, summary);
    }

private:
    SharedReport& shared_;
    const TargetId target_;
};

std::unique_ptr<FindingSink> SharedReport::make_sink(const TargetId& target) {
    return std::make_unique<Sink>(*this, target);
}

}  // namespace corotrace
