// SPDX-License-Identifier: MIT
#include "tracer/session/supervisor.hpp"

#include <unistd.h>

#include <exception>
#include <string>
#include <utility>

#include "tracer/process/attach_obstacle.hpp"
#include "tracer/process/procfs.hpp"
#include "tracer/session/target_loop.hpp"

namespace corotrace {

namespace {

SessionSetup make_setup(const TargetId& id, const Candidate& candidate, const TargetSubject& subject) {
    return {.id = id,
            .options = candidate.options,
            .facts = subject.facts,
            .stop_signal = subject.stop_signal,
            .pid_in_namespace = subject.pid_in_namespace,
            .counts_only = subject.counts_only,
            .seccomp_filters = subject.seccomp_filters,
            .inherits = candidate.inherits,
            .missed = candidate.missed};
}

// By a tracer thread of ours that could not attach to it before, or started it.
bool is_traced_by_us(pid_t pid) {
    const auto status = read_process_status(pid);
    if (!status || status->tracer == 0) return false;
    const std::string path = "/proc/self/task/" + std::to_string(status->tracer);
    return ::access(path.c_str(), F_OK) == 0;
}

}  // namespace

Status Supervisor::prepare(const Candidate& candidate) {
    const pid_t pid = candidate.options.pid;
    if (auto obstacle = find_attach_obstacle(pid, true); obstacle && !is_traced_by_us(pid)) {
        return *std::move(obstacle);
    }
    auto subject = prepare_target(pid, /*writable=*/true);
    if (!subject) return std::move(subject).error();
    const auto before = generations_.find(pid);
    const TargetId id{pid, before == generations_.end() ? 1 : before->second + 1};
    SessionSetup setup = make_setup(id, candidate, *subject);
    auto process = std::make_unique<ProcessTarget>(std::move(subject).value(), candidate.options);
    queue_.join(
        {.process = std::move(process), .setup = std::move(setup), .is_essential = candidate.is_essential});
    return {};
}

// Errors: of an essential candidate.
Status Supervisor::look(TracerThread* tracer) {
    pass_news_on();
    for (const Candidate& candidate : membership_.look()) {
        auto prepared = prepare(candidate);
        if (prepared && tracer != nullptr) tracer->wake();
        if (prepared) continue;
        if (candidate.is_essential) return prepared;
        membership_.on_failed(candidate.options.pid, prepared.error());
    }
    if (membership_.is_complete()) queue_.complete();
    return {};
}

void Supervisor::pass_news_on() {
    for (const TargetNews& news : queue_.take_news()) {
        if (news.failed) {
            membership_.on_failed(news.pid, *news.failed);
        } else if (news.ended) {
            membership_.on_ended(news.pid, *news.ended);
        } else {
            ++generations_[news.pid];
            membership_.on_began(news.pid);
        }
        const bool may_go_on = !news.ended || *news.ended == EndReason::kTargetExec;
        if (!may_go_on) generations_.erase(news.pid);
    }
}

Status Supervisor::look_while_tracing(TracerThread& tracer) {
    while (!tracer.wait_for(membership_.pause())) {
        if (auto done = look(&tracer); !done) return done;
        tracer.wake();
    }
    return {};
}

Status Supervisor::trace(TargetLoop& loop) {
    for (;;) {
        TargetLoop::Outcome outcome = TargetLoop::Outcome::kOver;
        TracerThread tracer;
        if (auto started = tracer.start([&] { outcome = loop.run(); }); !started) return started;
        Status looked;
        try {
            looked = look_while_tracing(tracer);
        } catch (const std::exception& exception) {  // the tracer goes on, and has to be waited for
            looked =
                Error{Errc::internal, 0, std::string("looking for processes failed: ") + exception.what()};
        }
        if (!looked) queue_.fail(looked.error());
        if (auto joined = tracer.join(); !joined) return joined;
        if (!looked) return looked;
        if (outcome == TargetLoop::Outcome::kOver) return {};
    }
}

Result<RunEnd> Supervisor::run() {
    if (auto looked = look(nullptr); !looked) return std::move(looked).error();
    std::optional<std::chrono::steady_clock::time_point> deadline;
    if (duration_) deadline = std::chrono::steady_clock::now() + *duration_;
    TargetLoop loop(queue_, membership_, report_, stop_, deadline);
    if (auto traced = trace(loop); !traced) {
        loop.abandon(traced.error());
        return std::move(traced).error();
    }
    if (loop.failed()) return *loop.failed();
    RunEnd end = std::move(loop.end());
    if (!membership_.is_several() && !end.targets.empty()) {
        end.total.elapsed = end.targets.front().summary.elapsed;
        end.total.ended = end.targets.front().summary.ended;
    }
    for (std::string& note : membership_.notes()) end.total.notes.push_back(std::move(note));
    return end;
}

}  // namespace corotrace
