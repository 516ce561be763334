// SPDX-License-Identifier: MIT
#include "tracer/session/target_loop.hpp"

#include <algorithm>
#include <csignal>
#include <new>
#include <utility>

#include "tracer/process/privileges.hpp"
#include "tracer/session/joining.hpp"

namespace corotrace {

namespace {

constexpr std::chrono::milliseconds kServeAtMost{20};
constexpr std::chrono::milliseconds kDrainStep{1};
constexpr std::chrono::milliseconds kProgressEvery{100};
constexpr std::chrono::seconds kProgressAtRest{1};  // nobody is traced, and nothing was counted
constexpr std::chrono::seconds kTracerAtLeast{1};
constexpr std::chrono::seconds kHoldFailed{10};
constexpr int kMostFailures = 3;  // of a session, until it is given up

}  // namespace

TargetLoop::TargetLoop(TargetQueue& queue, Membership& membership, RunReport& report, const StopRequest& stop,
                       const ThrottleWatch& throttle,
                       std::optional<std::chrono::steady_clock::time_point> deadline)
    : queue_(queue),
      membership_(membership),
      report_(report),
      stop_(stop),
      deadline_(deadline),
      throttle_(throttle) {}

TargetLoop::~TargetLoop() = default;

TargetLoop::Outcome TargetLoop::run() {
    pump_.emplace();
    // What is started by this thread would inherit it.
    if (membership_.allows_new_tracer()) raise_priority();
    reserve_.fill();
    throttle_.on_new_thread();
    membership_.on_tracer_begin();
    hold_until_.reset();
    for (const auto& one : targets_) guard(*one, [&] { one->session.resume_tracing(); });
    for (;;) {
        look_for_throttling(Clock::now());
        admit();
        const auto now = Clock::now();
        check_end(now);
        tick_all(now);
        step_all(now);
        see_out();
        if (is_over()) return Outcome::kOver;
        if (wants_new_tracer(now)) {
            prepare_new_tracer();
            new_tracer_at_ = Clock::now() + kTracerAtLeast;
            return Outcome::kNewTracer;
        }
        pump(now);
    }
}

void TargetLoop::abandon(const Error& why) {
    pump_.reset();
    for (const auto& one : targets_) {
        guard(*one, [&] { one->session.end(EndReason::kTargetLost, why.what); });
    }
    while (!targets_.empty()) {
        step_all(Clock::now());
        see_out();
    }
}

void TargetLoop::look_for_throttling(Clock::time_point now) {
    const bool rests =
        std::ranges::none_of(targets_, [](const auto& one) { return one->session.tracing().is_on(); });
    if (!throttle_.look(now, rests)) return;
    for (const auto& one : targets_) {
        if (throttle_.throttled())
            guard(*one, [&] { one->session.tracing().give_up(*throttle_.throttled()); });
        guard(*one, [&] { one->session.tracing().suspend(throttle_.crowded()); });
    }
}

void TargetLoop::admit() {
    for (JoiningTarget& joining : queue_.take_joining()) {
        if (!ended_) admit(std::move(joining));
    }
}

void TargetLoop::admit(JoiningTarget joining) {
    const pid_t pid = joining.setup.id.pid;
    Watched& one = *targets_.emplace_back(std::make_unique<Watched>(std::move(joining), report_));
    Status begun = Error{Errc::internal, 0, "out of memory"};
    guard(one, [&] {
        if (throttle_.throttled()) one.session.tracing().give_up(*throttle_.throttled());
        begun = one.session.begin([this] { serve(); });
    });
    if (begun) {
        one.has_begun = true;
        one.session.tracing().stops().on_work(Clock::now());  // no thread stopped before
        queue_.tell({.pid = pid, .failed = {}, .ended = {}});
        membership_.on_admitted(pid, {});
        return;
    }
    const bool is_essential = one.is_essential;
    std::erase_if(targets_, [&](const auto& other) { return other.get() == &one; });
    // It may be tried again soon, and is taken over then: no hurry to let it go.
    hold(Clock::now() + kHoldFailed);
    auto error = explain_attach_error(pid, std::move(begun).error());
    if (is_essential) failed_ = error;
    membership_.on_admitted(pid, error);
    queue_.tell({.pid = pid, .failed = std::move(error), .ended = {}});
}

// On the spot, for it stands until then.
void TargetLoop::admit(const Candidate& held) {
    auto joining = prepare_joining(held, held.generation);
    if (joining) {
        admit(std::move(joining).value());
    } else {
        membership_.on_admitted(held.options.pid, joining.error());
    }
}

std::vector<const std::unordered_set<pid_t>*> TargetLoop::traced() const {
    std::vector<const std::unordered_set<pid_t>*> sets;
    for (const auto& one : targets_) {
        if (const auto* threads = one->process->threads()) sets.push_back(threads);
    }
    return sets;
}

TargetLoop::Clock::duration TargetLoop::time_to_wait(Clock::time_point now) const {
    auto until = next_progress_;
    const auto limit = [&](Clock::time_point other) { until = std::min(until, other); };
    if (deadline_) limit(*deadline_);
    for (const auto& one : targets_) {
        if (one->session.phase() != TargetSession::Phase::kWatching) limit(now + kDrainStep);
        limit(one->session.next_tick());
        if (const auto deadline = one->session.deadline()) limit(*deadline);
    }
    return std::max(until - now, Clock::duration::zero());
}

Result<EventPump::Wake> TargetLoop::wait(std::chrono::nanoseconds limit) {
    const auto rests = Clock::now();
    for (const auto& one : targets_) one->session.tracing().stops().on_rest(rests);
    auto wake = pump_->wait(limit, traced());
    const auto works = Clock::now();
    for (const auto& one : targets_) one->session.tracing().stops().on_work(works);
    return wake;
}

void TargetLoop::pump(Clock::time_point now) {
    const auto limit = time_to_wait(now);
    const auto wake = wait(limit);
    if (wake && wake->signal) {
        end_all(end_reason_of(*wake->signal));
    } else if (wake && wake->event) {
        dispatch(*wake->event);
    } else if (!wake) {
        // Nobody is traced any more.
        bool any = false;
        for (const auto& one : targets_) {
            if (one->session.tracing().is_on()) one->session.end_with_target();
            any = any || one->session.tracing().is_on();
        }
        membership_.on_nobody_traced();
        if (!any) {
            const auto signal = wait_for_signal(limit);
            if (signal) end_all(end_reason_of(*signal));
        }
    }
}

// A program whose threads stop all the time, for signals of its own, always has one pending.
void TargetLoop::serve() {
    if (!pump_) return;
    const auto enough = Clock::now() + kServeAtMost;
    for (auto now = Clock::now(); now < enough; now = Clock::now()) {
        tick_all(now);
        const auto wake = wait(std::chrono::nanoseconds::zero());
        if (!wake) return;
        if (wake->signal) {
            end_all(end_reason_of(*wake->signal));
        } else if (wake->event) {
            dispatch(*wake->event);
        } else {
            return;
        }
    }
}

void TargetLoop::dispatch(const StopEvent& event) {
    auto owner =
        std::ranges::find_if(targets_, [&](const auto& one) { return one->session.owns(event.tid); });
    if (owner == targets_.end() && event.kind == StopKind::kTrap) {
        owner =
            std::ranges::find_if(targets_, [&](const auto& one) { return one->session.adopt(event.tid); });
    }
    if (owner != targets_.end()) {
        Watched& one = **owner;
        one.last_event = Clock::now();
        guard(one, [&] { one.session.take(event); });
    } else if (membership_.take(event)) {
        for (const Candidate& held : membership_.take_held()) admit(held);
    } else {
        // Of another process that the kernel seized too, or of one that was left: it stands here anyhow.
        if (event.kind == StopKind::kTrap)
            static_cast<void>(ptrace_let_go(event.tid));
        else
            pass_on(event);
    }
}

void TargetLoop::tick_all(Clock::time_point now) {
    for (std::size_t i = 0; i < targets_.size(); ++i) {
        Watched& one = *targets_[i];
        if (!one.has_begun || one.session.is_ending()) continue;
        if (now >= one.session.next_tick()) guard(one, [&] { one.session.tick(now); });
        const auto deadline = one.session.deadline();
        if (deadline && now >= *deadline) one.session.end(EndReason::kDeadline);
    }
    if (now >= next_progress_) tell_progress(now);
}

void TargetLoop::step_all(Clock::time_point now) {
    for (std::size_t i = 0; i < targets_.size(); ++i) {
        Watched& one = *targets_[i];
        // While its events come it has not drained.
        const bool is_quiet = now - one.last_event >= kDrainStep;
        if (one.session.phase() == TargetSession::Phase::kDraining && !is_quiet &&
            !one.session.has_drained_long_enough(now)) {
            continue;
        }
        guard(one, [&] { one.session.step(now, [this] { serve(); }); });
    }
}

void TargetLoop::see_out() {
    for (auto& one : targets_) {
        const bool is_given_up = one->failures >= kMostFailures;
        if (one->session.phase() != TargetSession::Phase::kLeft && !is_given_up) continue;
        if (one->session.target_is_alive() && one->session.tracing().is_on()) hold(Clock::now());
        SessionEnd end;
        if (!guard(*one, [&] { end = one->session.finish(); })) {
            end.reason = EndReason::kFailed;
            guard(*one, [&] { end = one->session.finish(TargetSession::Detail::kTotals); });
        }
        if (is_incomplete(end.reason)) end_.lost = true;
        guard(*one, [&] { finish(*one, std::move(end)); });
        one.reset();
    }
    std::erase(targets_, nullptr);
}

void TargetLoop::finish(Watched& one, SessionEnd end) {
    const pid_t pid = one.session.id().pid;
    queue_.tell({.pid = pid, .failed = {}, .ended = end.reason});
    totals_.add(one.session.id(), end.summary);
    if (end_.targets.size() < RunEnd::kMostTargets) end_.targets.push_back(std::move(end));
}

void TargetLoop::end_all(EndReason reason) {
    if (!ended_) ended_ = reason;
    for (const auto& one : targets_) one->session.end(reason);
}

void TargetLoop::check_end(Clock::time_point now) {
    if (auto why = queue_.failed()) failed_ = *std::move(why);
    if (failed_) end_all(EndReason::kTargetLost);
    if (const auto why = membership_.wants_end()) end_all(*why);
    if (stop_.asked()) end_all(EndReason::kStopAsked);
    if (deadline_ && now >= *deadline_) end_all(EndReason::kDeadline);
}

bool TargetLoop::is_over() {
    if (!targets_.empty()) return false;
    if (!ended_ && !queue_.is_exhausted()) return false;
    end_.hung_up = ended_ == EndReason::kHungUp;
    end_.total =
        totals_.finish(std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started_),
                       ended_ ? describe_end(*ended_) : "all processes ended");
    return true;
}

void TargetLoop::hold(Clock::time_point until) {
    hold_until_ = hold_until_ ? std::min(*hold_until_, until) : until;
}

bool TargetLoop::wants_new_tracer(Clock::time_point now) const {
    if (ended_ || !membership_.allows_new_tracer() || now < new_tracer_at_) return false;
    const auto is_leaving = [](const auto& one) { return one->session.is_ending(); };
    if (targets_.empty() || std::ranges::any_of(targets_, is_leaving)) return false;
    const auto wants = [&](const auto& one) { return one->session.wants_new_tracer(now); };
    return (hold_until_ && now >= *hold_until_) || std::ranges::any_of(targets_, wants);
}

// Nobody traces until the next one: then a stop would be a signal for the program.
void TargetLoop::prepare_new_tracer() {
    for (const auto& one : targets_) guard(*one, [&] { one->session.tracing().pause(); });
    serve();
}

void TargetLoop::tell_progress(Clock::time_point now) {
    Progress sum;
    std::uint64_t never_awaited = 0;
    for (const auto& one : targets_) {
        if (!one->has_begun) continue;
        const Progress part = one->session.progress(now);
        sum.elapsed = std::max(sum.elapsed, part.elapsed);
        never_awaited += part.never_awaited.value_or(0);
        sum.per_second += part.per_second;
        sum.sites += part.sites;
        sum.stops += part.stops;
        sum.pause_total += part.pause_total;
    }
    sum.never_awaited = never_awaited;
    const bool is_at_rest = traced().empty() && never_awaited == std::exchange(told_, never_awaited);
    // At the same times as other sessions' ticks, so that we wake once for all.
    const auto since = now.time_since_epoch();
    next_progress_ = is_at_rest ? Clock::time_point(since - since % kProgressAtRest + kProgressAtRest)
                                : now + kProgressEvery;
    if (!targets_.empty()) report_.on_progress(sum);
}

bool TargetLoop::guard(Watched& one, const std::function<void()>& step) noexcept {
    const char* what = "unknown";
    try {
        step();
        return true;
    } catch (const std::bad_alloc&) {
        what = "out of memory";
    } catch (const std::exception&) {
        what = "an unexpected error";
    } catch (...) {
        what = "an unexpected error";
    }
    ++one.failures;
    reserve_.release();
    try {
        one.session.fail(what);
    } catch (...) {  // its note is lost; why it ends is not
    }
    return false;
}

}  // namespace corotrace
