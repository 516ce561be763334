// SPDX-License-Identifier: MIT
#include "tracer/session/tree_session.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tracer/findings/run_totals.hpp"
#include "tracer/process/procfs.hpp"
#include "tracer/process/relatives.hpp"
#include "tracer/session/attach_session.hpp"
#include "tracer/session/shared_report.hpp"

namespace corotrace {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLookEvery{20};
constexpr int kShareOfLooks = 20;  // looking takes us at most one part in so many of the time
constexpr std::chrono::milliseconds kLongestPatience{2000};
constexpr std::size_t kMostProcesses = 128;

// Stands before the sink of a session to know when it has begun.
class NotingSink final : public FindingSink {
public:
    explicit NotingSink(std::unique_ptr<FindingSink> inner) : inner_(std::move(inner)) {}
    void on_attached(const AttachedFacts& facts) override {
        inner_->on_attached(facts);
        attached_.store(true);
    }
    void on_finding(const Finding& finding) override { inner_->on_finding(finding); }
    void on_progress(const Progress& progress) override { inner_->on_progress(progress); }
    void on_end(const std::vector<SiteCount>& sites, const Summary& summary) override {
        inner_->on_end(sites, summary);
    }
    [[nodiscard]] bool attached() const { return attached_.load(); }

private:
    std::unique_ptr<FindingSink> inner_;
    std::atomic<bool> attached_{false};
};

// One run_attach() in its thread.
class Session {
public:
    Session(AttachOptions options, NotingSink& sink, const StopRequest& stop, Kinship kinship)
        : options_(std::move(options)), sink_(sink), kinship_(std::move(kinship)), thread_([this, &stop] {
              end_.emplace(run_attach(options_, sink_, stop, kinship_));
              done_.store(true);
          }) {}
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() { static_cast<void>(join()); }

    [[nodiscard]] bool attached() const { return sink_.attached(); }
    [[nodiscard]] bool done() const { return done_.load(); }
    // Waits for its end.
    [[nodiscard]] const Result<SessionEnd>& join() {
        if (thread_.joinable()) thread_.join();
        return *end_;
    }

private:
    AttachOptions options_;
    NotingSink& sink_;
    Kinship kinship_;
    std::optional<Result<SessionEnd>> end_;
    std::atomic<bool> done_{false};
    std::thread thread_;  // last: it uses all of the above
};

struct Relative {
    std::uint64_t start_ticks = 0;
    std::string program;
    std::uint32_t generation = 0;
    bool was_there = false;  // when all began: nothing of it is missed that would not be of any process
    bool is_left_alone = false;
    Clock::time_point next_try;
    std::chrono::milliseconds patience{0};  // between two tries
    std::unique_ptr<Session> session;
};

class Tree {
public:
    Tree(const AttachOptions& options, RunReport& report, const StopRequest& stop)
        : options_(options), report_(report), stop_(stop), started_(Clock::now()) {}

    Result<TreeEnd> run() {
        add(options_.pid);
        find_children();
        has_begun_ = true;
        start(options_.pid, relatives_[options_.pid]);
        while (!over()) {
            reap();
            if (failed_) return *failed_;
            if (Clock::now() >= next_look_) look();
            std::this_thread::sleep_for(kLookEvery / 2);
        }
        return finish();
    }

private:
    void add(pid_t pid) {
        if (relatives_.size() >= kMostProcesses) {
            was_cut_ = true;
            return;
        }
        const auto stat = read_process_stat(pid);
        if (!stat) return;
        Relative& relative = relatives_[pid];
        relative.start_ticks = stat->start_ticks;
        relative.was_there = !has_begun_;
    }

    void find_children() {
        std::vector<pid_t> pids;
        for (const auto& [pid, relative] : relatives_) pids.push_back(pid);
        for (std::size_t i = 0; i < pids.size(); ++i) {
            const auto children = read_children(pids[i]);
            if (!children) continue;
            for (const pid_t child : *children) {
                if (relatives_.contains(child)) continue;
                add(child);
                if (relatives_.contains(child)) pids.push_back(child);
            }
        }
    }

    [[nodiscard]] bool is_first(pid_t pid) const { return pid == options_.pid; }

    // Not before the first process is watched, for what is wrong with that ends all.
    void look() {
        const auto first = relatives_.find(options_.pid);
        if (!has_looked_ && first != relatives_.end() && first->second.session &&
            !first->second.session->attached()) {
            return;
        }
        const auto began = Clock::now();
        find_children();
        has_looked_ = true;
        forget_gone();
        for (auto& [pid, relative] : relatives_) try_to_start(pid, relative, began);
        const auto ended = Clock::now();
        next_look_ = std::max<Clock::time_point>(began + kLookEvery, ended + kShareOfLooks * (ended - began));
    }

    void forget_gone() {
        std::erase_if(relatives_, [](const auto& entry) {
            const auto stat = read_process_stat(entry.first);
            const bool is_same = stat && stat->start_ticks == entry.second.start_ticks && stat->state != 'Z';
            return !is_same && !entry.second.session;
        });
    }

    void try_to_start(pid_t pid, Relative& relative, Clock::time_point now) {
        if (relative.session || relative.is_left_alone) return;
        auto program = read_exe(pid).value_or("");
        if (program != relative.program) {
            relative.program = std::move(program);
            relative.patience = {};
            relative.next_try = now;
        }
        if (now < relative.next_try) return;
        if (!has_own_memory(pid)) return;
        start(pid, relative);
    }

    // What vfork(2) made runs in its parent's memory, where the parent's probes are, until it executes a
    // program.
    bool has_own_memory(pid_t pid) {
        for (const auto& [other, relative] : relatives_) {
            if (other == pid) continue;
            const auto shared = shares_memory(pid, other);
            if (shared && *shared) return false;
            // Of one that we do not watch and may not ask about there is nothing to fear.
            if (!shared && shared.error().code != Errc::gone && relative.session) {
                note("children are not followed: kcmp(2), which tells whose memory is whose, is refused");
                return false;
            }
        }
        return true;
    }

    void start(pid_t pid, Relative& relative) {
        AttachOptions options = options_;
        options.pid = pid;
        if (options.duration) {
            const auto passed =
                std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started_);
            options.duration = std::max(*options.duration - passed, std::chrono::milliseconds(1));
        }
        Kinship kinship{.group = &group_, .inherits = !is_first(pid), .missed = {}};
        if (!relative.was_there) kinship.missed = "what it dropped before it was found is not counted";
        const TargetId target{.pid = pid, .generation = ++relative.generation};
        sinks_.push_back(std::make_unique<NotingSink>(report_.make_sink(target)));
        relative.session =
            std::make_unique<Session>(std::move(options), *sinks_.back(), stop_, std::move(kinship));
    }

    void reap() {
        for (auto& [pid, relative] : relatives_) {
            if (!relative.session || !relative.session->done()) continue;
            take(pid, relative, relative.session->join());
            relative.session.reset();
        }
    }

    void take(pid_t pid, Relative& relative, const Result<SessionEnd>& end) {
        if (end) {
            count(pid, relative.generation, *end);
            relative.was_there = false;  // if it goes on, then with another program
            relative.next_try = {};
            relative.patience = {};
            relative.is_left_alone = end->reason != EndReason::kTargetExec;
            return;
        }
        if (is_first(pid) && totals_.empty() && !has_looked_) failed_ = end.error();
        relative.patience = std::clamp(relative.patience * 2, kLookEvery, kLongestPatience);
        relative.next_try = Clock::now() + relative.patience;
        if (end.error().code == Errc::denied) {
            relative.is_left_alone = true;
            note(end.error().what);
        }
    }

    void count(pid_t pid, std::uint32_t generation, const SessionEnd& end) {
        totals_.add({.pid = pid, .generation = generation}, end.summary);
        if (end.reason == EndReason::kTargetLost) lost_ = true;
    }

    void note(std::string text) { totals_.note(std::move(text)); }

    bool over() {
        group_.take_end();
        if (const auto signal = group_.told()) {
            ended_ = describe_end(*signal == SIGINT ? EndReason::kInterrupted : EndReason::kTerminated);
        } else if (stop_.asked()) {
            ended_ = describe_end(EndReason::kStopAsked);
        } else if (options_.duration && Clock::now() - started_ >= *options_.duration) {
            ended_ = describe_end(EndReason::kDeadline);
        } else if (has_looked_ && relatives_.empty()) {
            ended_ = "all processes ended";
        }
        return !ended_.empty();
    }

    Result<TreeEnd> finish() {
        for (auto& [pid, relative] : relatives_) {
            if (!relative.session) continue;
            const auto& end = relative.session->join();
            if (end) count(pid, relative.generation, *end);
            if (!end && is_first(pid) && totals_.empty() && !has_looked_) return end.error();
        }
        if (was_cut_)
            note("not all processes were watched: there were more than " + std::to_string(kMostProcesses));
        note("a child that lived for less than some " + std::to_string(2 * kLookEvery.count()) +
             " ms may not have been seen");
        const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started_);
        return TreeEnd{.total = totals_.finish(elapsed, ended_), .lost = lost_};
    }

    const AttachOptions& options_;
    SharedReport report_;
    const StopRequest& stop_;
    const Clock::time_point started_;
    Clock::time_point next_look_;
    bool has_begun_ = false;
    bool has_looked_ = false;
    bool was_cut_ = false;
    bool lost_ = false;
    std::optional<Error> failed_;
    RunTotals totals_;
    std::string ended_;
    PumpGroup group_;
    std::vector<std::unique_ptr<NotingSink>> sinks_;
    std::map<pid_t, Relative> relatives_;  // last: their sessions use what is above
};

}  // namespace

Result<TreeEnd> run_tree(const AttachOptions& options, RunReport& report, const StopRequest& stop) {
    Tree tree(options, report, stop);
    return tree.run();
}

}  // namespace corotrace
