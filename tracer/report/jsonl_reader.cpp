// SPDX-License-Identifier: MIT
#include "tracer/report/jsonl_reader.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "tracer/findings/creators.hpp"
#include "tracer/report/names.hpp"

namespace corotrace {
namespace {

using ReadJson = nlohmann::json;

const ReadJson& at(const ReadJson& json, const char* key) {
    static const ReadJson nothing;
    const auto found = json.is_object() ? json.find(key) : json.end();
    return json.is_object() && found != json.end() ? *found : nothing;
}

std::optional<std::string> text_of(const ReadJson& json, const char* key) {
    const ReadJson& value = at(json, key);
    if (!value.is_string()) return std::nullopt;
    return value.get<std::string>();
}

std::string text_or_empty(const ReadJson& json, const char* key) {
    return text_of(json, key).value_or("");
}

std::optional<std::uint64_t> count_of(const ReadJson& json, const char* key) {
    const ReadJson& value = at(json, key);
    if (!value.is_number_unsigned()) return std::nullopt;
    return value.get<std::uint64_t>();
}

std::uint64_t count_or_zero(const ReadJson& json, const char* key) {
    return count_of(json, key).value_or(0);
}

std::optional<int> int_of(const ReadJson& json, const char* key) {
    const ReadJson& value = at(json, key);
    if (!value.is_number_integer()) return std::nullopt;
    if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::numeric_limits<int>::max())
        return std::nullopt;
    const auto number = value.get<std::int64_t>();
    if (number < std::numeric_limits<int>::min() || number > std::numeric_limits<int>::max())
        return std::nullopt;
    return static_cast<int>(number);
}

bool flag_of(const ReadJson& json, const char* key) {
    const ReadJson& value = at(json, key);
    return value.is_boolean() && value.get<bool>();
}

// The enumerator of that name, else `unknown`.
template <typename Enum, std::size_t kSize>
Enum enum_of(const std::optional<std::string>& name, const std::array<Enum, kSize>& all, Enum unknown) {
    for (const Enum value : all)
        if (name && std::optional<std::string_view>(name_of(value)) == std::string_view(*name)) return value;
    return unknown;
}

constexpr std::array kKinds = {FindingKind::kCoroutine,
                               FindingKind::kAsyncGenAsend,
                               FindingKind::kAsyncGenAthrow,
                               FindingKind::kAsyncGenAclose,
                               FindingKind::kTaskDestroyedPending,
                               FindingKind::kTaskExceptionNeverRetrieved,
                               FindingKind::kFutureExceptionNeverRetrieved};
constexpr std::array kCauses = {DropCause::kRefcount, DropCause::kFrameEnd, DropCause::kException,
                                DropCause::kCyclicGc, DropCause::kShutdown, DropCause::kThreadExit};
constexpr std::array kStates = {WarningState::kShown, WarningState::kDeduplicated,
                                WarningState::kErrorIgnored, WarningState::kHidden};
constexpr std::array kSources = {CreationSource::kOrigin, CreationSource::kInferred};

// "2026-01-31T12:03:55.123456Z", as format_time() writes it; anything else is the epoch.
std::chrono::system_clock::time_point parse_time(std::string_view text) {
    constexpr std::size_t kBegins[] = {0, 5, 8, 11, 14, 17, 20};
    constexpr std::size_t kSizes[] = {4, 2, 2, 2, 2, 2, 6};
    if (text.size() != 27) return {};
    std::array<int, 7> part{};
    for (std::size_t i = 0; i < part.size(); ++i) {
        const char* begin = text.data() + kBegins[i];
        if (std::from_chars(begin, begin + kSizes[i], part[i]).ptr != begin + kSizes[i]) return {};
    }
    const std::chrono::year_month_day day{std::chrono::year{part[0]},
                                          std::chrono::month{static_cast<unsigned>(part[1])},
                                          std::chrono::day{static_cast<unsigned>(part[2])}};
    if (!day.ok()) return {};
    return std::chrono::sys_days(day) + std::chrono::hours(part[3]) + std::chrono::minutes(part[4]) +
           std::chrono::seconds(part[5]) + std::chrono::microseconds(part[6]);
}

template <typename Convert>
auto list_of(const ReadJson& json, const char* key, Convert convert)
    -> std::optional<std::vector<decltype(convert(json))>> {
    const ReadJson& values = at(json, key);
    if (!values.is_array()) return std::nullopt;
    std::vector<decltype(convert(json))> list;
    list.reserve(values.size());
    for (const ReadJson& value : values) list.push_back(convert(value));
    return list;
}

std::vector<std::string> texts_of(const ReadJson& json, const char* key) {
    std::vector<std::string> texts;
    for (const ReadJson& value : at(json, key))
        if (value.is_string()) texts.push_back(value.get<std::string>());
    return texts;
}

Frame frame_of(const ReadJson& json) {
    return {text_or_empty(json, "function"), text_or_empty(json, "name"),
            text_or_empty(json, "file"),     int_of(json, "line"),
            int_of(json, "end_line"),        int_of(json, "col"),
            int_of(json, "end_col"),         text_of(json, "source")};
}

NativeFrame native_frame_of(const ReadJson& json) {
    return {count_or_zero(json, "address"), text_of(json, "function"), count_of(json, "offset"),
            text_of(json, "module"),        text_of(json, "file"),     int_of(json, "line")};
}

Argument argument_of(const ReadJson& json) {
    return {text_or_empty(json, "name"), text_of(json, "type"), text_of(json, "value"),
            flag_of(json, "redacted")};
}

CoroutineFacts coroutine_of(const ReadJson& json) {
    return {text_of(json, "name"), text_of(json, "qualname"), text_of(json, "type"),
            text_of(json, "file"), int_of(json, "line"),      list_of(json, "arguments", argument_of)};
}

CreatedFacts created_of(const ReadJson& json) {
    return {enum_of(text_of(json, "how"), kSources, CreationSource::kUnknown),
            list_of(json, "frames", frame_of).value_or(std::vector<Frame>{}), text_of(json, "test")};
}

DroppedFacts dropped_of(const ReadJson& json) {
    DroppedFacts dropped;
    dropped.cause = enum_of(text_of(json, "cause"), kCauses, DropCause::kUnknown);
    dropped.collector = text_of(json, "collector");
    if (at(json, "ended").is_object()) dropped.ended = frame_of(at(json, "ended"));
    dropped.frames = list_of(json, "frames", frame_of);
    dropped.native = list_of(json, "native", native_frame_of);
    return dropped;
}

LostTaskFacts lost_task_of(const ReadJson& json) {
    return {text_of(json, "type"),   text_of(json, "name"),      list_of(json, "awaiting", frame_of),
            flag_of(json, "closed"), text_of(json, "exception"), list_of(json, "raised", frame_of)};
}

Finding finding_of(const ReadJson& json) {
    Finding finding;
    finding.kind = enum_of(text_of(json, "kind"), kKinds, FindingKind::kCoroutine);
    finding.time = parse_time(text_or_empty(json, "time"));
    finding.pid = int_of(json, "pid").value_or(0);
    finding.tid = int_of(json, "tid");
    finding.thread_name = text_of(json, "thread_name");
    finding.coroutine = coroutine_of(at(json, "coroutine"));
    finding.created = created_of(at(json, "created"));
    finding.dropped = dropped_of(at(json, "dropped"));
    if (const ReadJson& task = at(json, "lost_task"); task.is_object())
        finding.lost_task = lost_task_of(task);
    if (const ReadJson& blamed = at(json, "blamed"); blamed.is_object()) {
        finding.blamed = BlamedLine{text_or_empty(blamed, "module"), text_of(blamed, "file"),
                                    int_of(blamed, "line"), text_of(blamed, "source")};
    }
    if (const ReadJson& mistake = at(json, "mistake"); mistake.is_object()) {
        finding.mistake = Mistake{text_or_empty(mistake, "id"), text_or_empty(mistake, "sentence"),
                                  text_of(mistake, "fix"), text_of(mistake, "advice")};
        if (at(mistake, "place").is_object()) finding.mistake->place = frame_of(at(mistake, "place"));
    }
    if (const ReadJson& warning = at(json, "warning"); warning.is_object()) {
        finding.warning = WarningFacts{enum_of(text_of(warning, "state"), kStates, WarningState::kShown),
                                       text_of(warning, "filter"), text_of(warning, "handler")};
    }
    if (const ReadJson& task = at(json, "task"); task.is_object()) {
        finding.task = TaskFacts{text_of(task, "name"), coroutine_of(at(task, "coroutine")),
                                 created_of(at(task, "created"))};
    }
    finding.test = text_of(json, "test");
    finding.fingerprint = text_or_empty(json, "fingerprint");
    finding.count = count_of(json, "count");
    finding.notes = texts_of(json, "notes");
    return finding;
}

ReportedTotals totals_of(const ReadJson& json) {
    ReportedTotals totals;
    const ReadJson& tasks = at(json, "lost_tasks");
    const ReadJson& coverage = at(json, "coverage");
    totals.never_awaited = count_of(json, "never_awaited");
    totals.tasks_destroyed = count_of(tasks, "destroyed_pending");
    totals.exceptions_never_retrieved = count_of(tasks, "exception_never_retrieved");
    totals.sampled = count_or_zero(json, "sampled");
    totals.stops = count_or_zero(json, "stops");
    totals.pause_total_us = count_or_zero(json, "pause_total_us");
    totals.pause_max_us = count_or_zero(json, "pause_max_us");
    totals.elapsed_ms = count_or_zero(json, "elapsed_ms");
    totals.dealloc = count_of(coverage, "dealloc");
    totals.warned = count_of(coverage, "warned");
    totals.exact = text_of(coverage, "state") == "exact";
    totals.notes = texts_of(json, "notes");
    return totals;
}

ReportedLine::Event event_of(const std::string& name) {
    if (name == "attached") return ReportedLine::Event::kAttached;
    if (name == "finding") return ReportedLine::Event::kFinding;
    if (name == "site") return ReportedLine::Event::kSite;
    if (name == "summary") return ReportedLine::Event::kSummary;
    return ReportedLine::Event::kOther;
}

}  // namespace

Result<ReportedLine> parse_report_line(std::string_view line) {
    const ReadJson json = ReadJson::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object() || text_of(json, "schema") != "corotrace/1")
        return Error{Errc::malformed, 0, "no line of a report in the format jsonl"};
    ReportedLine reported;
    reported.event = event_of(text_or_empty(json, "event"));
    reported.pid = int_of(json, "pid").value_or(0);
    reported.generation = static_cast<std::uint32_t>(std::max(1, int_of(json, "generation").value_or(1)));
    switch (reported.event) {
        case ReportedLine::Event::kOther:
            break;
        case ReportedLine::Event::kAttached:
            reported.python = text_or_empty(json, "python");
            break;
        case ReportedLine::Event::kFinding:
        case ReportedLine::Event::kSite:
            reported.site.first = finding_of(json);
            if (reported.site.first.fingerprint.empty())
                return Error{Errc::malformed, 0, "a finding without a fingerprint"};
            reported.site.count = reported.site.first.count;
            reported.site.sampled = count_or_zero(json, "sampled");
            reported.site.exact = flag_of(json, "exact");
            reported.site.folded = count_or_zero(json, "folded");
            for (const Frame& place : list_of(json, "creators", frame_of).value_or(std::vector<Frame>{}))
                add_creator(reported.site.creators, place);
            reported.site.creators.more = reported.site.creators.more || flag_of(json, "more_creators");
            break;
        case ReportedLine::Event::kSummary:
            reported.totals = totals_of(json);
            break;
    }
    return reported;
}

}  // namespace corotrace
