// SPDX-License-Identifier: MIT
#include "tracer/session/supervisor.hpp"

#include <exception>
#include <string>
#include <utility>

#include "tracer/session/joining.hpp"
#include "tracer/session/target_loop.hpp"

namespace corotrace {

Status Supervisor::prepare(const Candidate& candidate) {
    const auto before = generations_.find(candidate.options.pid);
    CT_TRY(auto joining, prepare_joining(candidate, before == generations_.end() ? 1 : before->second + 1));
    queue_.join(std::move(joining));
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
    if (membership_.is_complete()) {
        queue_.complete();
        if (tracer != nullptr) tracer->wake();
    }
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
    for (;;) {
        // Who is not woken by others looks often, and takes what came of the targets with it.
        const int news = membership_.news_fd();
        const int of_targets = news >= 0 ? queue_.news_fd() : -1;
        if (tracer.wait_for(membership_.pause(), {news, of_targets})) return {};
        if (auto done = look(&tracer); !done) return done;
    }
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
    TargetLoop loop(queue_, membership_, report_, stop_, throttle_, deadline);
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
    // A count that there is not is not exact, either.
    end.total.programs += membership_.unwatched();
    for (std::string& note : membership_.notes()) end.total.notes.push_back(std::move(note));
    return end;
}

}  // namespace corotrace
