// SPDX-License-Identifier: MIT
#include "tracer/session/tracing.hpp"

#include <algorithm>
#include <utility>

namespace corotrace {

Status Tracing::begin() {
    const auto now = began_ = Clock::now();
    Status done;
    if (hold_.wants(now))
        done = seize(now);
    else
        was_off_ = true;
    stops_.mute(!is_on() || permit_.why_not().has_value());
    return done;
}

Status Tracing::seize(Clock::time_point now) {
    target_.reader.make_ready();
    if (auto done = target_.threads.seize_all(option()); !done) return done;
    on_since_ = now;
    wants_to_follow_ = false;
    return {};
}

// Captures take the place of stops, or no longer.
void Tracing::apply_stops() {
    stops_.mute(!is_on() || permit_.why_not().has_value());
    target_.probes.capture_only(stops_.is_muted());
    target_.probes.write_initial_stops(stops_.initial_stops());
    target_.probes.write_budget(stops_.affordable());
}

bool Tracing::tick(Clock::time_point now, std::uint64_t attempts) {
    // Else no stop is asked for.
    const bool is_to_stop = is_on() || hold_.wants(now);
    if (is_to_stop && permit_.look(target_.threads.read_seccomp_filters())) {
        apply_stops();
        notes_.push_back("from then on no drop was sampled: " + *permit_.why_not());
    }
    // Until a drop of a young thread could not be seen the creation of threads costs the target nothing.
    if (stops_.lost_one(attempts) && !follows_) wants_to_follow_ = true;
    if (!is_on()) {
        come_back(now);
        return false;
    }
    const auto count = target_.threads.read_count();
    if (count && *count != threads_) {
        threads_ = *count;
        static_cast<void>(target_.threads.seize_new());
    }
    return stops_.is_alert(attempts);
}

void Tracing::come_back(Clock::time_point now) {
    if (hold_.wants(now)) {
        if (seize(now)) {
            target_.probes.write_beat(0);
            apply_stops();
            return;
        }
        hold_.on_other_tracer(now);
    }
    beat();
}

void Tracing::pause() {
    target_.probes.write_budget(0);
    // Whoever comes in between is to find that it is watched.
    beat();
}

Status Tracing::resume(Clock::time_point now) {
    target_.threads.lose();
    follows_ = follows_ || wants_to_follow_;
    const bool was_on = is_on();
    if (was_on) was_on_ += now - *on_since_;
    on_since_.reset();
    Status done;
    if (was_on && hold_.wants(now)) done = seize(now);
    if (!done && done.error().code == Errc::denied && hold_.may_come()) {
        hold_.on_other_tracer(now);
        done = {};
    }
    if (is_on()) target_.probes.write_beat(0);
    was_off_ = was_off_ || !is_on();
    apply_stops();
    return done;
}

// 0 means that its corotrace traces it.
void Tracing::beat() {
    beat_ = std::max(beat_ + 1, 1U);
    target_.probes.write_beat(beat_);
}

void Tracing::give_up(const std::string& why) {
    if (permit_.is_forbidden() || !hold_.give_up()) return;
    permit_.forbid(why);
    if (!target_.probes.is_planted()) return;
    apply_stops();
    notes_.push_back("from then on no drop was sampled: " + why);
}

void Tracing::suspend(const std::optional<std::string>& why) {
    if (!hold_.gives_way() || permit_.is_forbidden() || !permit_.suspend(why)) return;
    if (!target_.probes.is_planted()) return;
    apply_stops();
    if (!why) return;
    std::string note = "for a while no drop was sampled: " + *why;
    if (std::ranges::find(notes_, note) == notes_.end()) notes_.push_back(std::move(note));
}

std::string Tracing::unseen_why() const {
    if (const auto& why = permit_.why_not()) return *why;
    if (is_on()) return "dropped in threads that ended before they could be traced, or muted by the budget";
    if (hold_.is_never()) return "no thread is ever stopped (--hold never)";
    if (hold_.saw_other_tracer()) return "another tracer was attached";
    return "the process was not traced just then (--hold auto)";
}

std::vector<std::string> Tracing::notes(Clock::time_point now) const {
    std::vector<std::string> notes = notes_;
    if (!was_off_ || hold_.is_never()) return notes;
    if (!is_on() && was_on_ == Clock::duration{}) {
        notes.push_back("never traced: " + unseen_why());
        return notes;
    }
    const auto tenths = [](Clock::duration time) {
        const auto count = std::chrono::duration_cast<std::chrono::milliseconds>(time).count() / 100;
        return std::to_string(count / 10) + "." + std::to_string(count % 10) + " s";
    };
    const auto on = was_on_ + (on_since_ ? now - *on_since_ : Clock::duration{});
    notes.push_back(
        "traced for " + tenths(on) + " of " + tenths(now - began_) +
        "; what was dropped meanwhile is counted, its place and stack noted by the process itself");
    if (hold_.saw_other_tracer()) notes.emplace_back("another tracer was attached for a while");
    return notes;
}

}  // namespace corotrace
