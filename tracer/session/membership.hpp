// SPDX-License-Identifier: MIT
// Membership: which processes a run watches. The Supervisor asks it again and again who should join, and
// tells it what became of them. One process, a process tree and a match by name are such.
//
// A new one is written by deriving from it:
//   look()     names candidates, each with options of its own. Called on the thread that called
//              Supervisor::run(), as are the on_... functions but those of the tracer: no lock is needed.
//   is_complete()  true once nobody else can join: then the run ends with the last target.
//   on_began, on_failed, on_ended  what became of a candidate. One whose program was replaced (kTargetExec)
//              may be named again; its TargetId then has the next generation.
//   on_tracer_begin, take, take_held, on_admitted, on_nobody_traced, wants_end
//              on the tracer thread, for who starts processes himself and follows them by ptrace(2): take()
//              gets each event of a thread that belongs to no target, before anybody is resumed. A process
//              that it keeps stopped becomes a target at once when take_held() names it.
//   allows_new_tracer  false for such a one: what is traced without being a target would be let go.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "symbols/result.hpp"
#include "tracer/process/stop_event.hpp"
#include "tracer/session/attach_options.hpp"
#include "tracer/session/end_reason.hpp"

namespace corotrace {

struct Candidate {
    AttachOptions options;              // with its pid
    bool is_essential = false;          // if it cannot be attached to, the run fails
    bool inherits = false;              // it was forked from a process that was watched
    bool is_held = false;               // by the membership, on the tracer thread: all its threads stand
    std::uint32_t generation = 1;       // of its TargetId, if it is held
    std::optional<std::string> missed;  // why drops from before are not counted
};

class Membership {
public:
    Membership() = default;
    Membership(const Membership&) = delete;
    Membership& operator=(const Membership&) = delete;
    virtual ~Membership() = default;

    // Those who should join now.
    [[nodiscard]] virtual std::vector<Candidate> look() = 0;
    // How long to wait until the next look.
    [[nodiscard]] virtual std::chrono::milliseconds pause() const { return std::chrono::milliseconds(100); }
    // What ends the pause as soon as it is readable; -1: nothing does.
    [[nodiscard]] virtual int news_fd() const { return -1; }
    [[nodiscard]] virtual bool is_complete() const = 0;

    virtual void on_began(pid_t /*pid*/) {}
    virtual void on_failed(pid_t /*pid*/, const Error& /*error*/) {}
    virtual void on_ended(pid_t /*pid*/, EndReason /*reason*/) {}

    // On a tracer thread, before it traces anybody.
    virtual void on_tracer_begin() {}
    // An event of a thread that belongs to no target. True: it was dealt with, and the thread resumed or
    // kept.
    [[nodiscard]] virtual bool take(const StopEvent& /*event*/) { return false; }
    // Those of them that are to become targets now.
    [[nodiscard]] virtual std::vector<Candidate> take_held() { return {}; }
    // What became of one of these: it is watched, or why not. Whoever held it lets it go on.
    virtual void on_admitted(pid_t /*pid*/, const Status& /*begun*/) {}
    // All that was traced has ended.
    virtual void on_nobody_traced() {}
    // Why those that are still watched are to be left now; null: they are not.
    [[nodiscard]] virtual std::optional<EndReason> wants_end() { return std::nullopt; }
    [[nodiscard]] virtual bool allows_new_tracer() const { return true; }

    // Whether it can be more than one program: else the run ends as its target does.
    [[nodiscard]] virtual bool is_several() const { return true; }
    // At the end, for the run's summary: what may have been missed.
    [[nodiscard]] virtual std::vector<std::string> notes() const { return {}; }
    // At the end: Pythons that were seen and not watched, each of which has a note.
    [[nodiscard]] virtual std::uint64_t unwatched() const { return 0; }
};

}  // namespace corotrace
