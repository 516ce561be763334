// SPDX-License-Identifier: MIT
// TargetQueue: what the thread that finds targets and the one that traces them tell each other.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "symbols/doorbell.hpp"
#include "symbols/result.hpp"
#include "tracer/session/end_reason.hpp"
#include "tracer/session/process_target.hpp"
#include "tracer/session/session_end.hpp"

namespace corotrace {

// A target that is ready to be traced.
struct JoiningTarget {
    std::unique_ptr<ProcessTarget> process;
    SessionSetup setup;
    bool is_essential = false;
};

// What became of one: it began, it failed, or it ended.
struct TargetNews {
    pid_t pid = 0;
    std::optional<Error> failed;
    std::optional<EndReason> ended;
};

class TargetQueue {
public:
    void join(JoiningTarget target) {
        const std::lock_guard lock(mutex_);
        joining_.push_back(std::move(target));
    }
    [[nodiscard]] std::vector<JoiningTarget> take_joining() {
        const std::lock_guard lock(mutex_);
        return std::exchange(joining_, {});
    }
    void tell(TargetNews news) {
        const std::lock_guard lock(mutex_);
        news_.push_back(std::move(news));
        has_news_.ring();
    }
    [[nodiscard]] std::vector<TargetNews> take_news() {
        const std::lock_guard lock(mutex_);
        has_news_.quiet();
        return std::exchange(news_, {});
    }
    // Readable while there are news.
    [[nodiscard]] int news_fd() const { return has_news_.fd(); }
    // Nobody else will join.
    void complete() {
        const std::lock_guard lock(mutex_);
        is_complete_ = true;
    }
    // The run is to end.
    void fail(const Error& why) {
        const std::lock_guard lock(mutex_);
        failed_ = why;
    }
    [[nodiscard]] std::optional<Error> failed() {
        const std::lock_guard lock(mutex_);
        return failed_;
    }
    // And all who did were taken.
    [[nodiscard]] bool is_exhausted() {
        const std::lock_guard lock(mutex_);
        return is_complete_ && joining_.empty();
    }

private:
    std::mutex mutex_;
    std::vector<JoiningTarget> joining_;
    std::vector<TargetNews> news_;
    Doorbell has_news_;
    bool is_complete_ = false;
    std::optional<Error> failed_;
};

}  // namespace corotrace
