// SPDX-License-Identifier: MIT
#include "tracer/report/phrases.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "symbols/escape.hpp"

namespace corotrace {

std::string describe_coroutine(const CoroutineFacts& coroutine) {
    if (coroutine.qualname) return printable(*coroutine.qualname);
    return coroutine.name ? printable(*coroutine.name) : "<unknown>";
}

namespace {

std::string describe_task(const Finding& finding) {
    const auto& task = finding.lost_task;
    const std::string name = task && task->name ? " '" + printable(*task->name) + "'" : "";
    const std::string runs =
        finding.coroutine.qualname ? " of '" + describe_coroutine(finding.coroutine) + "'" : "";
    return "task" + name + runs;
}

std::string describe_exception(const Finding& finding) {
    const auto& task = finding.lost_task;
    return task && task->exception ? " " + printable(*task->exception) : "";
}

}  // namespace

std::string describe_headline(const Finding& finding) {
    const std::string name = describe_coroutine(finding.coroutine);
    switch (finding.kind) {
        case FindingKind::kCoroutine:
            return fmt::format("coroutine '{}' was never awaited", name);
        case FindingKind::kAsyncGenAsend:
            return fmt::format("coroutine method 'asend' of '{}' was never awaited", name);
        case FindingKind::kAsyncGenAthrow:
            return fmt::format("coroutine method 'athrow' of '{}' was never awaited", name);
        case FindingKind::kAsyncGenAclose:
            return fmt::format("coroutine method 'aclose' of '{}' was never awaited", name);
        case FindingKind::kTaskDestroyedPending:
            return describe_task(finding) + " was destroyed while it was pending";
        case FindingKind::kTaskExceptionNeverRetrieved:
            return fmt::format("exception{} of {} was never retrieved", describe_exception(finding),
                               describe_task(finding));
        case FindingKind::kFutureExceptionNeverRetrieved:
            return fmt::format("exception{} of a future was never retrieved", describe_exception(finding));
    }
    return "";
}

std::optional<std::string_view> describe_cause(DropCause cause) {
    switch (cause) {
        case DropCause::kUnknown:
            return std::nullopt;
        case DropCause::kRefcount:
            return "the last reference to it went away";
        case DropCause::kFrameEnd:
            return "the function whose variable held it ended";
        case DropCause::kException:
            return "an exception unwound the code that held it";
        case DropCause::kCyclicGc:
            return "the garbage collector found it in a reference cycle";
        case DropCause::kShutdown:
            return "the interpreter shut down while it was still held";
        case DropCause::kThreadExit:
            return "the thread that held it ended";
    }
    return std::nullopt;
}

std::string describe_place(const Frame& frame) {
    const std::string line = frame.line ? std::to_string(*frame.line) : "?";
    return printable(frame.file) + ":" + line + " in " + printable(frame.function);
}

std::string describe_definition(const CoroutineFacts& coroutine) {
    if (!coroutine.file) return "";
    const std::string line = coroutine.line ? ":" + std::to_string(*coroutine.line) : "";
    return printable(*coroutine.file) + line;
}

std::vector<std::string> describe_creators(const SiteCount& site) {
    const auto& places = site.creators.places;
    if (places.size() < 2) return {};
    const auto& frames = site.first.created.frames;
    auto told = places.end();
    for (auto frame = frames.rbegin(); frame != frames.rend() && told == places.end(); ++frame) {
        told = std::ranges::find_if(places, [&](const Frame& place) {
            return place.file == frame->file && place.line == frame->line && place.name == frame->name;
        });
    }
    std::vector<std::string> lines{
        fmt::format("at {}{} places{}", site.creators.more ? "more than " : "", places.size(),
                    told == places.end() ? "" : "; the diagnosis is that of the first")};
    if (told != places.end()) lines.push_back(describe_place(*told));
    for (auto place = places.begin(); place != places.end(); ++place)
        if (place != told) lines.push_back(describe_place(*place));
    return lines;
}

std::string describe_running_task(const TaskFacts& task) {
    const std::string defined = describe_definition(task.coroutine);
    const auto& created = task.created.frames;
    return (task.name ? printable(*task.name) : "<unknown>") + " runs " + describe_coroutine(task.coroutine) +
           (defined.empty() ? "" : " (" + defined + ")") +
           (created.empty() ? "" : ", made at " + describe_place(created.back()));
}

std::string describe_warning(const WarningFacts& warning) {
    const std::string why =
        warning.filter ? "by the filter " + printable(*warning.filter) : "as Python does without a filter";
    const std::string handler =
        warning.handler ? ", given to the program's own " + printable(*warning.handler) : "";
    switch (warning.state) {
        case WarningState::kShown:
            return "shown each time, " + why + handler;
        case WarningState::kDeduplicated:
            return "shown once, later ones are not, " + why + handler;
        case WarningState::kErrorIgnored:
            return "raised as an error that nobody can catch, " + why;
        case WarningState::kHidden:
            return "hidden, " + why;
    }
    return "";
}

std::string describe_argument(const Argument& argument) {
    const std::string name = printable(argument.name);
    const std::string type = argument.type ? printable(*argument.type) : "?";
    if (argument.redacted) return name + ": " + type;
    if (argument.value) return name + "=" + printable(*argument.value);
    return name + ": " + type + " (unreadable)";
}

std::string describe_process(const AttachedFacts& facts) {
    if (!facts.pid_in_namespace) return std::to_string(facts.pid);
    return fmt::format("{} ({} in its own pid namespace)", facts.pid, *facts.pid_in_namespace);
}

std::string describe_coverage(const Coverage& coverage) {
    const std::string why = coverage.why ? ": " + printable(*coverage.why) : "";
    if (!coverage.dealloc) return "unknown" + why;
    const std::uint64_t dealloc = *coverage.dealloc;
    const std::string counts =
        coverage.warned
            ? fmt::format("{} counted where coroutines end, {} where Python warns", dealloc, *coverage.warned)
            : fmt::format("{} counted where coroutines end, no second count", dealloc);
    switch (coverage.state) {
        case CoverageState::kExact:
            if (!coverage.warned) return fmt::format("exact, {}", dealloc) + why;
            // Exact in spite of a difference that is accounted for.
            if (dealloc > *coverage.warned) {
                return fmt::format("exact, {} = {} + {}", dealloc, *coverage.warned,
                                   dealloc - *coverage.warned) +
                       why;
            }
            return fmt::format("exact, {} = {}", dealloc, *coverage.warned) + why;
        case CoverageState::kIncomplete:
            return "incomplete, " + counts + why;
        case CoverageState::kUnknown:
            return "unknown, " + counts + why;
    }
    return "";
}

std::string describe_pids(const std::set<pid_t>& pids) {
    constexpr std::size_t kMostPids = 8;
    std::string out;
    std::size_t told = 0;
    for (const pid_t pid : pids) {
        if (++told > kMostPids) return out + fmt::format(" and {} more", pids.size() - kMostPids);
        out += (out.empty() ? "" : ", ") + std::to_string(pid);
    }
    return out;
}

std::string escape_markup(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string describe_count(std::uint64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string describe_duration(std::chrono::milliseconds duration) {
    const auto seconds = duration.count() / 1000;
    if (seconds < 60) return fmt::format("{}.{} s", seconds, duration.count() % 1000 / 100);
    if (seconds < 3600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
    return fmt::format("{} h {} min", seconds / 3600, seconds % 3600 / 60);
}

std::string describe_pause(std::chrono::microseconds pause) {
    const auto micros = static_cast<double>(pause.count());
    if (pause.count() < 1000) return fmt::format("{} us", pause.count());
    if (pause.count() < 1000000) return fmt::format("{:.1f} ms", micros / 1e3);
    return fmt::format("{:.1f} s", micros / 1e6);
}

}  // namespace corotrace
