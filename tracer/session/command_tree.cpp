// SPDX-License-Identifier: MIT
#include "tracer/session/command_tree.hpp"

#include <limits.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "tracer/process/event_pump.hpp"
#include "tracer/process/procfs.hpp"
#include "tracer/process/ptrace_call.hpp"
#include "tracer/process/relatives.hpp"
#include "tracer/session/target_subject.hpp"

namespace corotrace {

namespace {

// A program that may be a Python, but has not become one by then, is none.
constexpr int kMostCalls = 5000;
// What is still there when the command has ended gets so long to end, too.
constexpr std::chrono::milliseconds kLinger{1000};

// The program that a process has just executed, if its file says that it runs as another user or group and it
// does not: the kernel sees to that where the tracer might not trace such a one. Null: none of that.
std::optional<std::string> find_denied_set_id(pid_t pid) {
    const std::string link = "/proc/" + std::to_string(pid) + "/exe";
    struct stat file {};
    if (::stat(link.c_str(), &file) != 0 || (file.st_mode & (S_ISUID | S_ISGID)) == 0) return std::nullopt;
    const auto status = read_process_status(pid);
    if (!status || status->no_new_privs.value_or(false)) return std::nullopt;
    const bool has_user = (file.st_mode & S_ISUID) == 0 || status->uids[1] == file.st_uid;
    const bool has_group = (file.st_mode & S_ISGID) == 0 || status->gids[1] == file.st_gid;
    if (has_user && has_group) return std::nullopt;
    char name[PATH_MAX];
    const ssize_t length = ::readlink(link.c_str(), name, sizeof(name));
    return length > 0 ? std::string(name, static_cast<std::size_t>(length)) : "a program";
}

}  // namespace

CommandTree::CommandTree(const AttachOptions& options, HeldCommand::Gate gate, pid_t front,
                         const FrontFlag& flag)
    : options_(options), gate_(std::move(gate)), front_(front), flag_(flag) {}

std::vector<Candidate> CommandTree::look() {
    keep_front_in_step(front_, options_.pid, flag_);
    return {};
}

void CommandTree::on_ended(pid_t pid, EndReason reason) {
    if (pid == options_.pid && reason == EndReason::kTargetExited) has_command_ended_ = true;
}

void CommandTree::on_tracer_begin() {
    auto seized = ptrace_seize(options_.pid, SeizeOption::kFollowTree);
    if (seized) {
        gate_.open();
        return;
    }
    gate_.shut();
    failed_ = explain_attach_error(options_.pid, seized.error());
    is_complete_ = true;
}

void CommandTree::go_on(pid_t tid, int signal) {
    static_cast<void>(starting_.contains(tid) ? ptrace_resume_to_call(tid, signal)
                                              : ptrace_resume(tid, signal));
}

bool CommandTree::take(const StopEvent& event) {
    switch (event.kind) {
        case StopKind::kTrap:
            take_first_stop(event.tid);
            return true;
        case StopKind::kExec:
            take_exec(event.tid);
            return true;
        case StopKind::kCall:
            take_call(event.tid);
            return true;
        case StopKind::kSignal:
            go_on(event.tid, event.signal);
            return true;
        case StopKind::kGroupStop:
            static_cast<void>(ptrace_listen(event.tid));
            return true;
        case StopKind::kClone:
        case StopKind::kFork:
        case StopKind::kExiting:
            go_on(event.tid, 0);
            return true;
        case StopKind::kExited:
        case StopKind::kKilled:
            starting_.erase(event.tid);
            generations_.erase(event.tid);
            if (event.tid == options_.pid) has_command_ended_ = true;
            return true;
    }
    return true;
}

// Of a new thread or process, or a stopped one that goes on.
void CommandTree::take_first_stop(pid_t tid) {
    if (!starting_.contains(tid) && is_forked_python(tid)) {
        hold(tid, /*inherits=*/true);
    } else {
        go_on(tid, 0);
    }
}

// What vfork(2) made runs in its parent's memory, and with its probes, until it executes a program.
bool CommandTree::is_forked_python(pid_t pid) {
    const auto status = read_process_status(pid);
    if (!status || status->tgid != pid || !files_.may_run_python(pid)) return false;
    // Who forked it is traced by this thread. Another one took it over when that ended, so nobody waits for
    // it.
    const auto parent = read_process_status(status->parent);
    if (!parent || parent->tracer != static_cast<pid_t>(::syscall(SYS_gettid))) return true;
    const auto shared = shares_memory(pid, status->parent);
    if (shared) return !*shared;
    if (shared.error().code == Errc::gone) return true;  // the parent is, so it waits for nobody
    note("forked processes are not watched: kcmp(2), which tells whose memory is whose, is refused");
    return false;
}

void CommandTree::hold(pid_t pid, bool inherits) {
    consume_stop(pid);
    Candidate candidate{.options = options_,
                        .is_essential = false,
                        .inherits = inherits,
                        .is_held = true,
                        .generation = 1,
                        .missed = {}};
    candidate.options.pid = pid;
    const auto generation = generations_.find(pid);
    if (generation != generations_.end()) candidate.generation = generation->second;
    if (inherits) forked_.insert(pid);
    held_.push_back(std::move(candidate));
}

void CommandTree::take_exec(pid_t pid) {
    ++generations_.try_emplace(pid, 0).first->second;
    starting_.erase(pid);
    if (const auto program = find_denied_set_id(pid))
        note(*program + " is set-uid or set-gid: traced without root's rights it ran with its caller's only");
    if (files_.may_become_python(pid)) starting_.emplace(pid, Starting(PythonStart(pid, files_)));
    go_on(pid, 0);
}

void CommandTree::take_call(pid_t pid) {
    const auto found = starting_.find(pid);
    if (found != starting_.end()) {
        Starting& one = found->second;
        if (one.start.is_ready()) {
            hold(pid, /*inherits=*/false);
            return;
        }
        if (++one.calls > kMostCalls) starting_.erase(found);
    }
    go_on(pid, 0);
}

std::vector<Candidate> CommandTree::take_held() {
    return std::exchange(held_, {});
}

// One that is refused may only not be ready yet.
void CommandTree::on_admitted(pid_t pid, const Status& begun) {
    const auto starting = starting_.find(pid);
    if (begun && starting != starting_.end()) starting_.erase(starting);
    if (!begun && starting == starting_.end()) {
        note(begun.error().what);
        if (begun.error().code != Errc::gone && begun.error().code != Errc::not_found) ++unwatched_;
    }
    // What was forked may be about to execute a program: ExecWatch.
    if (forked_.erase(pid) > 0 && begun)
        static_cast<void>(ptrace_resume_to_call(pid, 0));
    else
        go_on(pid, 0);
}

void CommandTree::on_nobody_traced() {
    is_complete_ = true;
}

std::optional<EndReason> CommandTree::wants_end() {
    if (is_complete_) return EndReason::kCommandEnded;
    if (!has_command_ended_) return std::nullopt;
    const auto now = Clock::now();
    if (!leave_at_) leave_at_ = now + kLinger;
    if (now < *leave_at_) return std::nullopt;
    unwatched_ += starting_.size();
    for (const auto& [pid, one] : std::exchange(starting_, {})) {
        note("process " + std::to_string(pid) +
             " was still starting when the command had ended: it is not watched");
    }
    return EndReason::kCommandEnded;
}

void CommandTree::note(std::string text) {
    constexpr std::size_t kMostNotes = 20;
    if (notes_.size() >= kMostNotes || std::ranges::find(notes_, text) != notes_.end()) return;
    notes_.push_back(std::move(text));
}

}  // namespace corotrace
