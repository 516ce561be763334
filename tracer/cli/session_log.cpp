// SPDX-License-Identifier: MIT
#include "tracer/cli/session_log.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <utility>

#include "symbols/escape.hpp"
#include "tracer/report/phrases.hpp"

namespace corotrace::cli {

LogSetup::LogSetup(bool quiet, std::size_t verbosity, When when) {
    // Some 400 bytes each; only where each stop is told there are many.
    constexpr std::size_t kQueuedLines = 512;
    constexpr std::size_t kQueuedTraces = 8192;
    constexpr std::size_t kKeptLines = 1000;
    spdlog::init_thread_pool(verbosity > 0 ? kQueuedTraces : kQueuedLines, 1);
    spdlog::sink_ptr sink;
    if (when == When::kAtEnd) {
        auto kept = std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(kKeptLines);
        write_kept_ = [kept] {
            for (const std::string& line : kept->last_formatted()) std::fputs(line.c_str(), stderr);
        };
        sink = std::move(kept);
    } else {
        sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>(spdlog::color_mode::never);
    }
    auto logger = std::make_shared<spdlog::async_logger>("corotrace", std::move(sink), spdlog::thread_pool(),
                                                         spdlog::async_overflow_policy::overrun_oldest);
    logger->set_pattern(verbosity > 0 ? "corotrace %H:%M:%S.%e %l: %v" : "corotrace: %v");
    const auto usual = when == When::kAtEnd ? spdlog::level::warn : spdlog::level::info;
    logger->set_level(quiet            ? spdlog::level::err
                      : verbosity == 0 ? usual
                      : verbosity == 1 ? spdlog::level::debug
                                       : spdlog::level::trace);
    spdlog::set_default_logger(std::move(logger));
}

LogSetup::~LogSetup() {
    spdlog::shutdown();
    if (write_kept_) write_kept_();
}

void SessionLog::on_begin(const RunFacts& facts) {
    inner_.on_begin(facts);
}

void SessionLog::on_attached(const TargetId& target, const AttachedFacts& facts) {
    spdlog::info("{} {} (python {}, {}) in {}; Ctrl-C ends", facts.read_only ? "reading" : "attached to",
                 describe_process(facts), printable(facts.python), describe_count(facts.threads, "thread"),
                 describe_pause(facts.took));
    for (const std::string& note : facts.notes) spdlog::warn("{}", printable(note));
    spdlog::debug("layout={} executable={} interpreters={}", printable(facts.layout),
                  printable(facts.executable), facts.interpreters);
    inner_.on_attached(target, facts);
}

void SessionLog::on_finding(const TargetId& target, const Finding& finding) {
    spdlog::debug("finding pid={} generation={} coroutine={} tid={} count={} first={} fingerprint={}",
                  target.pid, target.generation, describe_coroutine(finding.coroutine),
                  finding.tid.value_or(0), finding.count.value_or(0), finding.first_at_site,
                  printable(finding.fingerprint));
    inner_.on_finding(target, finding);
}

void SessionLog::on_progress(const Progress& progress) {
    spdlog::trace("progress elapsed_ms={} never_awaited={} sites={} stops={} pause_us={}",
                  progress.elapsed.count(), progress.never_awaited.value_or(0), progress.sites,
                  progress.stops, progress.pause_total.count());
    inner_.on_progress(progress);
}

void SessionLog::on_target_end(const TargetId& target, const std::vector<SiteCount>& sites,
                               const Summary& summary) {
    spdlog::debug("end pid={} generation={} reason={} never_awaited={} sites={} stops={}", target.pid,
                  target.generation, printable(summary.ended), summary.never_awaited.value_or(0),
                  sites.size(), summary.stops);
    inner_.on_target_end(target, sites, summary);
}

void SessionLog::on_end(const RunSummary& summary) {
    spdlog::debug("end of run reason={} processes={} programs={} exact={}", printable(summary.ended),
                  summary.processes, summary.programs, summary.exact);
    inner_.on_end(summary);
}

}  // namespace corotrace::cli
