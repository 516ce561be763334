// SPDX-License-Identifier: MIT
// The verb serve: watches all Python processes that match until it is told to end, writes JSON lines and
// answers over HTTP.
#include <spdlog/spdlog.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "symbols/escape.hpp"
#include "tracer/cli/blocked_signals.hpp"
#include "tracer/cli/help.hpp"
#include "tracer/cli/otlp_export.hpp"
#include "tracer/cli/report_outputs.hpp"
#include "tracer/cli/serve_options.hpp"
#include "tracer/cli/serve_pages.hpp"
#include "tracer/cli/session_log.hpp"
#include "tracer/cli/verb.hpp"
#include "tracer/findings/live_counts.hpp"
#include "tracer/process/cgroup.hpp"
#include "tracer/process/privileges.hpp"
#include "tracer/report/jsonl.hpp"
#include "tracer/report/tee_report.hpp"

namespace corotrace::cli {
namespace {

// What it was told, and what it read of files by that.
struct Settings {
    ServeCommand command;
    HttpAccess access;
};

using ReadSettings = std::function<Result<Settings>()>;

// Of a run without an end nothing may wait without a bound for a reader that stands still.
class BoundedWriter final : public ReportWriter {
public:
    explicit BoundedWriter(ReportWriter& inner) : inner_(inner) {}
    void write(std::string text) override { inner_.write(std::move(text)); }
    void write_end(std::string text) override { inner_.write(std::move(text)); }
    void set_status(std::string /*line*/) override {}

private:
    ReportWriter& inner_;
};

std::string describe_watch(const Result<ProcessEvents>& events) {
    if (events) return "the kernel reports new ones";
    return "new ones are found by looking at /proc, for " + events.error().what;
}

// What whoever listens should know of where he does.
void warn_of_reach(const ServeCommand& command) {
    if (command.listen->is_local()) return;
    if (command.access.token.empty())
        spdlog::warn(
            "whoever can connect there may read names of files and functions, and source lines; --token-file "
            "lets in who has a token");
    else if (!command.access.tls)
        spdlog::warn("the token can be read on its way there: --tls-certificate encrypts it");
}

// Who is let in where one server listens. Asked on its thread.
class Gate {
public:
    void set(HttpAccess access) {
        const std::lock_guard lock(mutex_);
        access_ = std::move(access);
    }
    [[nodiscard]] bool admits(std::string_view path, std::string_view authorization) {
        const std::lock_guard lock(mutex_);
        return !access_.admits || access_.admits(path, authorization);
    }
    [[nodiscard]] std::optional<TlsIdentity> identity() {
        const std::lock_guard lock(mutex_);
        return access_.identity ? access_.identity() : std::nullopt;
    }

private:
    std::mutex mutex_;
    HttpAccess access_;
};

// The server of the pages: it goes on from one set of options to the next while these name the same address.
class Answering {
public:
    explicit Answering(ServePages& pages) : pages_(pages) {}

    // After an error it answers where it did, whom it did.
    [[nodiscard]] Status listen(const Settings& settings) {
        const auto& wanted = settings.command.listen;
        if (wanted != address_) {
            if (auto moved = move_to(settings); !moved) return moved;
        } else if (gate_) {
            gate_->set(settings.access);
        }
        if (wanted) warn_of_reach(settings.command);
        return {};
    }

private:
    Status move_to(const Settings& settings) {
        const auto& wanted = settings.command.listen;
        auto gate = std::make_shared<Gate>();
        gate->set(settings.access);
        std::optional<HttpServer> next;
        if (wanted) {
            CT_TRY(auto server, HttpServer::start(*wanted, make_page(), make_access(gate)));
            spdlog::info("answers at {}",
                         printable(server.describe(settings.command.access.tls.has_value())));
            next.emplace(std::move(server));
        }
        server_.reset();
        if (next) server_.emplace(std::move(*next));
        gate_ = std::move(gate);
        address_ = wanted;
        return {};
    }

    HttpServer::MakePage make_page() {
        return [this](std::string_view path, std::string_view accept) { return pages_.make(path, accept); };
    }
    static HttpAccess make_access(const std::shared_ptr<Gate>& gate) {
        return {.admits = [gate](auto path, auto authorization) { return gate->admits(path, authorization); },
                .identity = [gate] { return gate->identity(); }};
    }

    ServePages& pages_;
    std::optional<ListenAddress> address_;
    std::shared_ptr<Gate> gate_;  // of the server, if there is one
    std::optional<HttpServer> server_;
};

Result<RunEnd> watch(const ServeOptions& options, Result<ProcessEvents>& events, RunReport& report,
                     ServePages& pages, const StopRequest& stop) {
    report.on_begin({.verb = "serve", .began = std::chrono::system_clock::now(), .several = true});
    spdlog::info("watches Python processes; {}", printable(describe_watch(events)));
    const auto on_left_alone = [&](pid_t pid, const Error& why) {
        pages.on_left_alone();
        spdlog::warn("{} is left alone for now: {}", pid, printable(why.what));
    };
    pages.set_ready(true);
    auto end = run_serve(options, events ? &events.value() : nullptr, on_left_alone, report, stop);
    if (end) report.on_end(end->total);
    return end;
}

// Until it is told to end. After SIGHUP with what its file of options has then: all processes are left, and
// watched again.
Result<RunEnd> watch_on(Settings settings, const ReadSettings& read, Result<ProcessEvents>& events,
                        RunReport& report, ServePages& pages, OtlpExport& exported, const StopRequest& stop) {
    Answering answering(pages);
    if (auto sending = exported.send_to(settings.command.otlp); !sending) return std::move(sending).error();
    if (auto listened = answering.listen(settings); !listened) return std::move(listened).error();
    for (bool lost = false;;) {
        CT_TRY(RunEnd end, watch(settings.command.serve, events, report, pages, stop));
        lost = lost || end.lost;
        end.lost = lost;
        if (!end.hung_up) return end;
        auto next = read();
        if (!next) {
            spdlog::error("goes on with the options that it had: {}", printable(next.error().what));
            continue;
        }
        settings = std::move(next).value();
        pages.set_own(settings.command.serve.watch.own);
        spdlog::info("read its options again");
        if (auto listened = answering.listen(settings); !listened)
            spdlog::error("answers where it did: {}", printable(listened.error().what));
        if (auto sending = exported.send_to(settings.command.otlp); !sending)
            spdlog::error("sends where it did: {}", printable(sending.error().what));
    }
}

OtlpOrigin find_origin(pid_t pid) {
    const auto cgroup = read_cgroup(pid);
    return cgroup ? OtlpOrigin{.container = cgroup->container, .pod = cgroup->pod} : OtlpOrigin{};
}

ExitCode serve(const ServeCommand& command, const std::function<Result<ServeCommand>()>& parse,
               OutputFile file) {
    // What it takes to ask for these is given up next.
    auto events = ProcessEvents::open();
    if (auto dropped = drop_privileges(); !dropped) return print_error(dropped.error());
    auto access = open_access(command.access);
    if (!access) return print_error(access.error());
    const ReadSettings read = [&]() -> Result<Settings> {
        CT_TRY(ServeCommand next, parse());
        CT_TRY(HttpAccess next_access, open_access(next.access));
        return Settings{std::move(next), std::move(next_access)};
    };
    std::optional<BlockedSignals> blocked(std::in_place);
    const LogSetup log(command.quiet, command.verbosity);
    StopRequest stop;
    OutputThread output(std::move(file), -1, stop);
    BoundedWriter writer(output);
    TeeReport reports;
    auto counting = std::make_unique<LiveCounts>();
    const LiveCounts& counts = *counting;
    reports.add(make_jsonl_report({.writer = writer}));
    reports.add(std::move(counting));
    ServePages pages(counts, output);
    pages.set_own(command.serve.watch.own);
    // Its thread uses what is above.
    OtlpExport exported([&pages, &counts](const OtlpResource& resource) {
        return format_otlp_metrics(resource, counts.snapshot(), pages.facts(),
                                   std::chrono::system_clock::now());
    });
    pages.set_exported([&exported] { return exported.counts(); });
    reports.add(std::make_unique<OtlpReport>(exported, find_origin));
    SessionLog report(reports);
    const auto end =
        watch_on({command, std::move(access).value()}, read, events, report, pages, exported, stop);
    blocked.reset();  // all targets are free: from here on a signal may end us while a reader is waited for
    exported.finish();
    const auto written = output.finish();
    if (!end) return print_error(end.error());
    return judge_output(written).value_or(end->lost ? ExitCode::kIncomplete : ExitCode::kDone);
}

}  // namespace

ExitCode run_serve_verb(const std::vector<std::string>& words) {
    const auto read = [&] {
        return parse_serve(words, [](const std::string& name) { return std::getenv(name.c_str()); });
    };
    const auto command = read();
    if (!command) return print_usage_error(command.error(), "corotrace serve --help");
    if (command->wants_help || command->wants_version) {
        std::fputs(
            command->wants_help ? std::string(serve_help()).c_str() : "corotrace " COROTRACE_VERSION "\n",
            stdout);
        return ExitCode::kDone;
    }
    auto file = OutputFile::open("-");
    if (!file) return print_error(file.error());
    return serve(*command, read, std::move(file).value());
}

}  // namespace corotrace::cli
