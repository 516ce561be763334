// SPDX-License-Identifier: MIT
// What scan and tasks found, a JSON object a line.
#include <nlohmann/json.hpp>

#include "tracer/report/held_report.hpp"
#include "tracer/report/json_values.hpp"
#include "tracer/report/names.hpp"

namespace corotrace {

namespace {

using Json = nlohmann::ordered_json;

Json begin(const char* event) {
    return {{"schema", "corotrace/1"}, {"event", event}};
}

Json convert(const std::vector<Frame>& frames) {
    return array_or_null<Json>(std::optional(frames), convert_frame<Json>);
}

Json convert(const StateCounts& counts) {
    return {{"created", counts.created}, {"started", counts.started}, {"ended", counts.ended}};
}

void add_facts(Json& line, const LookFacts& facts) {
    line["pid"] = or_null<Json>(facts.pid);
    line["core"] = or_null<Json>(facts.core);
    line["program"] = or_null<Json>(facts.program);
    line["threads"] = or_null<Json>(facts.threads);
    line["python"] = facts.python;
    line["time"] = format_time(facts.time);
    line["took_us"] = facts.took.count();
    line["bytes"] = facts.bytes;
    line["unread_bytes"] = facts.unread_bytes;
    line["stopped_us"] = facts.stopped ? Json(facts.stopped->count()) : Json(nullptr);
    line["notes"] = facts.notes;
}

void add_look(Json& line, const std::optional<LookNumber>& look) {
    line["look"] = look ? Json(look->number) : Json(nullptr);
    line["since_first_ms"] = look ? Json(look->since_first.count()) : Json(nullptr);
    line["since_last_ms"] = look ? Json(look->since_last.count()) : Json(nullptr);
}

void add_stay(Json& line, const std::optional<Stay>& stay) {
    line["stayed"] = stay ? Json(stay->stayed) : Json(nullptr);
    line["oldest_ms"] = stay ? Json(stay->oldest.count()) : Json(nullptr);
    line["growth"] = stay ? Json(stay->growth) : Json(nullptr);
    line["growth_in_all"] = stay ? Json(stay->growth_in_all) : Json(nullptr);
}

std::string to_line(const Json& line) {
    return format_json(line) + "\n";
}

Json convert_lock(const std::optional<HeldLock>& lock) {
    if (!lock) return nullptr;
    Json object;
    object["type"] = lock->type;
    object["held_by"] = lock->held_by.empty() ? Json(nullptr) : Json(lock->held_by);
    object["holders"] = lock->held_by.empty() ? Json(nullptr) : Json(lock->holders);
    return object;
}

}  // namespace

std::string format_held_jsonl(const HeldReport& report) {
    std::string out;
    std::uint64_t held = 0;
    for (const HeldGroup& group : report.groups) {
        Json line = begin("held_group");
        line["count"] = group.count;
        line["coroutine"] = convert_coroutine<Json>(group.coroutine);
        line["created_at"] = group.created_at ? convert(*group.created_at) : Json(nullptr);
        line["holder"] = group.holder ? Json(group.holder->path) : Json(nullptr);
        line["held_in"] = or_null<Json>(group.held_in);
        line["root"] = group.holder ? or_null<Json>(group.holder->root) : Json(nullptr);
        line["root_frame"] =
            group.holder && group.holder->frame ? convert_frame<Json>(*group.holder->frame) : Json(nullptr);
        add_stay(line, group.stay);
        held += group.count;
        out += to_line(line);
    }
    for (const WatchedFacts& watched : report.watched) {
        for (const WatchedSite& site : watched.sites) {
            Json line = begin("watched_site");
            line["count"] = site.count;
            line["coroutine"] = convert_coroutine<Json>(site.coroutine);
            line["stack"] = convert(site.stack);
            out += to_line(line);
        }
        Json line = begin("watched");
        line["never_awaited"] = watched.never_awaited;
        line["warned"] = watched.warned;
        line["sites"] = watched.sites.size();
        line["unnamed"] = watched.unnamed;
        line["unnamed_places"] = watched.unnamed_places;
        out += to_line(line);
    }
    Json line = begin("held_summary");
    line["held"] = held;
    line["groups"] = report.groups.size();
    line["coroutines"] = convert(report.coroutines);
    line["async_generators"] = convert(report.async_generators);
    line["agen_methods"] = convert(report.agen_methods);
    line["scheduled"] = report.scheduled;
    line["passing"] = report.passing;
    add_look(line, report.look);
    add_facts(line, report.facts);
    return out + to_line(line);
}

std::string format_watch_end_jsonl(std::uint64_t looks, const std::string& ended) {
    Json line = begin("watch_end");
    line["looks"] = looks;
    line["ended"] = ended;
    return to_line(line);
}

std::string format_tasks_jsonl(const TaskReport& report) {
    std::string out;
    for (const HeldTask& task : report.tasks) {
        Json line = begin("task");
        line["id"] = task.id;
        line["name"] = or_null<Json>(task.name);
        line["state"] = task.state;
        line["coroutine"] = convert_coroutine<Json>(task.coroutine);
        line["created_at"] = task.created_at ? convert(*task.created_at) : Json(nullptr);
        line["stack"] = convert(task.stack);
        line["waits_for"] = task.waits_for;
        line["waits_on"] = or_null<Json>(task.waits_on);
        line["waits_for_lock"] = convert_lock(task.waits_for_lock);
        line["unmoved_ms"] = task.unmoved ? Json(task.unmoved->count()) : Json(nullptr);
        out += to_line(line);
    }
    std::uint64_t unretrieved = 0;
    for (const FailedTasks& failed : report.failed) {
        Json line = begin("failed_tasks");
        line["count"] = failed.count;
        line["name"] = or_null<Json>(failed.name);
        line["coroutine"] = convert_coroutine<Json>(failed.coroutine);
        line["exception"] = or_null<Json>(failed.exception);
        line["raised"] = convert(failed.raised);
        unretrieved += failed.count;
        out += to_line(line);
    }
    std::uint64_t unretrieved_futures = 0;
    for (const FailedFutures& failed : report.failed_futures) {
        Json line = begin("failed_futures");
        line["count"] = failed.count;
        line["type"] = or_null<Json>(failed.type);
        line["exception"] = or_null<Json>(failed.exception);
        line["raised"] = convert(failed.raised);
        unretrieved_futures += failed.count;
        out += to_line(line);
    }
    Json line = begin("task_summary");
    line["tasks"] = report.tasks.size();
    line["groups"] = report.groups.size();
    line["done"] = report.done;
    line["unretrieved"] = unretrieved;
    line["unretrieved_futures"] = unretrieved_futures;
    line["cycles"] = report.cycles;
    add_look(line, report.look);
    add_facts(line, report.facts);
    return out + to_line(line);
}

}  // namespace corotrace
