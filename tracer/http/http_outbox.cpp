// SPDX-License-Identifier: MIT
#include "tracer/http/http_outbox.hpp"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <random>
#include <system_error>
#include <thread>
#include <utility>

namespace corotrace {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kOutboxNice = 10;  // the targets first
constexpr std::chrono::milliseconds kNever = std::chrono::years(10);

// What a failed post means.
struct Verdict {
    bool again = false;
    std::optional<std::chrono::seconds> after;  // that the server named
    Error problem;
};

// Null: it was taken.
std::optional<Verdict> judge(const Result<HttpReply>& reply) {
    if (!reply) return Verdict{.again = true, .after = std::nullopt, .problem = reply.error()};
    const unsigned status = reply->status;
    if (status >= 200 && status < 300) return std::nullopt;
    const bool is_busy = status == 429 || status == 502 || status == 503 || status == 504;
    return Verdict{.again = is_busy,
                   .after = reply->retry_after,
                   .problem = {Errc::io, 0, "it answers with status " + std::to_string(status)}};
}

}  // namespace

std::chrono::milliseconds choose_pause(unsigned failures, double jitter) {
    const std::chrono::milliseconds longest = HttpOutbox::kLongestPause;
    std::chrono::milliseconds whole = HttpOutbox::kFirstPause;
    for (unsigned i = 1; i < failures && whole < longest; ++i) whole *= 2;
    whole = std::min(whole, longest);
    const auto half = whole / 2;
    return half +
           std::chrono::milliseconds(static_cast<std::int64_t>(jitter * static_cast<double>(half.count())));
}

class HttpOutbox::Loop {
public:
    explicit Loop(OutboxPlan plan) : plan_(std::move(plan)) {}
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop() { finish({}); }

    void begin() {
        thread_ = std::thread([this] { run(); });
    }

    void put(std::string record) {
        const std::lock_guard lock(mutex_);
        if (ending_ || !plan_.records || queued_bytes_ + record.size() > kMostQueuedBytes) {
            ++counts_.dropped;
            return;
        }
        queued_bytes_ += record.size();
        queue_.push_back(std::move(record));
        changed_.notify_all();
    }

    OutboxCounts counts() const {
        const std::lock_guard lock(mutex_);
        OutboxCounts counts = counts_;
        counts.queued = queue_.size();
        return counts;
    }

    void finish(std::chrono::milliseconds within) {
        if (!thread_.joinable()) return;
        {
            std::unique_lock lock(mutex_);
            ending_ = Clock::now() + within;
            changed_.notify_all();
            changed_.wait_until(lock, *ending_, [&] { return done_; });
        }
        for (auto* address : {&plan_.records, &plan_.snapshots})
            if (*address) (*address)->client.interrupt();
        thread_.join();
        const std::lock_guard lock(mutex_);
        counts_.dropped += queue_.size();
        queue_.clear();
    }

private:
    // When one of the two kinds of posts may be tried next.
    struct Turn {
        Clock::time_point next;
        unsigned failures = 0;  // in a row
        bool fails = false;     // and that was told
        bool told_rejected = false;
    };

    void run() {
        // Of this thread alone (setpriority(2), notes on Linux).
        static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), kOutboxNice));
        snapshots_.next = Clock::now() + (plan_.snapshots ? plan_.snapshot_every : kNever);
        // Memory may be short: then it is tried again later.
        while (!work()) {
        }
    }

    // Whether it came to its end.
    bool work() {
        std::unique_lock lock(mutex_);
        try {
            while (!ending_) step(lock);
            while (!queue_.empty() && post_records(lock)) {
            }
            if (plan_.snapshots) post_snapshot(lock);
        } catch (const std::exception&) {
            if (!lock.owns_lock()) lock.lock();
            ++counts_.failures;
            records_.next = Clock::now() + kLongestPause;
            if (plan_.snapshots) snapshots_.next = records_.next;
            if (!ending_) return false;
        }
        done_ = true;
        changed_.notify_all();
        return true;
    }

    void step(std::unique_lock<std::mutex>& lock) {
        const auto now = Clock::now();
        if (!queue_.empty() && records_.next <= now)
            post_records(lock);
        else if (snapshots_.next <= now)
            post_snapshot(lock);
        else
            changed_.wait_until(lock,
                                queue_.empty() ? snapshots_.next : std::min(records_.next, snapshots_.next));
    }

    // How many of the first records go together: one at least. With the lock.
    [[nodiscard]] std::size_t count_together() const {
        std::size_t count = 0;
        for (std::size_t bytes = 0; count < std::min(queue_.size(), kMostRecordsAtOnce); ++count) {
            bytes += queue_[count].size();
            if (count > 0 && bytes > kMostBytesAtOnce) break;
        }
        return count;
    }

    // Whether it was worth while to go on.
    bool post_records(std::unique_lock<std::mutex>& lock) {
        const auto count = count_together();
        const std::vector<std::string> records(queue_.begin(),
                                               queue_.begin() + static_cast<std::ptrdiff_t>(count));
        const auto failed = post(lock, records_, *plan_.records, [&] { return plan_.join(records); });
        if (failed && failed->again) {
            wait_longer(records_, *failed);
            return false;
        }
        const auto lost = failed ? count : std::min<std::uint64_t>(rejected_.count, count);
        counts_.dropped += lost;
        counts_.sent += count - lost;
        for (std::size_t i = 0; i < count; ++i) {
            queued_bytes_ -= queue_.front().size();
            queue_.pop_front();
        }
        records_.next = Clock::now();
        records_.failures = 0;
        return true;
    }

    // A failed one is not kept: the next has newer figures.
    void post_snapshot(std::unique_lock<std::mutex>& lock) {
        const auto failed = post(lock, snapshots_, *plan_.snapshots, plan_.take_snapshot);
        if (failed && failed->again) return wait_longer(snapshots_, *failed);
        counts_.rejected_of_snapshots += rejected_.count;
        snapshots_.next = Clock::now() + plan_.snapshot_every;
        snapshots_.failures = 0;
    }

    void wait_longer(Turn& turn, const Verdict& verdict) {
        ++turn.failures;
        const auto own = choose_pause(turn.failures, jitter_(random_));
        const std::chrono::milliseconds asked =
            std::min(verdict.after.value_or(std::chrono::seconds(0)), kLongestAskedPause);
        turn.next = Clock::now() + std::max(own, asked);
    }

    // Null: it was taken, but for what rejected_ says. Without the lock meanwhile.
    template <typename MakeBody>
    std::optional<Verdict> post(std::unique_lock<std::mutex>& lock, Turn& turn, OutboxAddress& address,
                                const MakeBody& make_body) {
        auto within = address.answer_within;
        if (ending_) {
            within = std::min(within, std::chrono::ceil<std::chrono::milliseconds>(*ending_ - Clock::now()));
            if (within.count() <= 0)
                return Verdict{true, std::nullopt, {Errc::timeout, 0, "there is no time left"}};
        }
        lock.unlock();
        const auto reply = address.client.post(address.path, address.type, make_body(), within);
        auto failed = judge(reply);
        rejected_ = {};
        if (!failed && address.read_rejected) rejected_ = address.read_rejected(reply->body);
        const bool left_out = rejected_.count > 0 || !rejected_.message.empty();
        if (left_out && !std::exchange(turn.told_rejected, true) && address.on_rejected)
            address.on_rejected(rejected_);
        const bool failed_before = std::exchange(turn.fails, failed.has_value());
        if (failed_before != turn.fails && address.on_change)
            address.on_change(failed ? &failed->problem : nullptr);
        lock.lock();
        if (failed) ++counts_.failures;
        return failed;
    }

    OutboxPlan plan_;
    // Of the thread alone.
    Turn records_;
    Turn snapshots_;
    HttpRejected rejected_;  // of the last post
    std::minstd_rand random_{std::random_device{}()};
    std::uniform_real_distribution<double> jitter_{0.0, 1.0};

    mutable std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::deque<std::string> queue_;
    std::size_t queued_bytes_ = 0;
    OutboxCounts counts_;
    std::optional<Clock::time_point> ending_;  // when it must have ended
    bool done_ = false;

    std::thread thread_;
};

HttpOutbox::HttpOutbox(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
HttpOutbox::HttpOutbox(HttpOutbox&&) noexcept = default;
HttpOutbox::~HttpOutbox() = default;

Result<HttpOutbox> HttpOutbox::start(OutboxPlan plan) {
    auto loop = std::make_unique<Loop>(std::move(plan));
    try {
        loop->begin();
    } catch (const std::system_error& problem) {
        return Error{Errc::io, problem.code().value(), "no thread to post from"};
    }
    return HttpOutbox(std::move(loop));
}

void HttpOutbox::put(std::string record) {
    loop_->put(std::move(record));
}

OutboxCounts HttpOutbox::counts() const {
    return loop_->counts();
}

void HttpOutbox::finish(std::chrono::milliseconds within) {
    loop_->finish(within);
}

}  // namespace corotrace
