// SPDX-License-Identifier: MIT
#include "tracer/report/jsonl.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "tracer/findings/related_sites.hpp"
#include "tracer/report/json_values.hpp"
#include "tracer/report/names.hpp"

namespace corotrace {
namespace {

using Json = nlohmann::ordered_json;

Json convert_native_frame(const NativeFrame& frame) {
    return {{"address", frame.address},
            {"function", or_null<Json>(frame.function)},
            {"offset", or_null<Json>(frame.offset)},
            {"module", or_null<Json>(frame.module)},
            {"file", or_null<Json>(frame.file)},
            {"line", or_null<Json>(frame.line)}};
}

Json convert_created(const CreatedFacts& created) {
    if (created.how == CreationSource::kUnknown)
        return {{"how", nullptr}, {"frames", nullptr}, {"test", nullptr}};
    return {{"how", or_null<Json>(name_of(created.how))},
            {"frames", array_or_null<Json>(std::optional(created.frames), convert_frame<Json>)},
            {"test", or_null<Json>(created.test)}};
}

Json convert_ended(const std::optional<Frame>& frame) {
    if (!frame) return nullptr;
    Json json = convert_frame<Json>(*frame);
    json["recovered"] = true;
    return json;
}

Json convert_dropped(const DroppedFacts& dropped) {
    return {{"cause", or_null<Json>(name_of(dropped.cause))},
            {"collector", or_null<Json>(dropped.collector)},
            {"ended", convert_ended(dropped.ended)},
            {"frames", array_or_null<Json>(dropped.frames, convert_frame<Json>)},
            {"native", array_or_null<Json>(dropped.native, convert_native_frame)}};
}

Json convert_blamed(const std::optional<BlamedLine>& blamed) {
    if (!blamed) return nullptr;
    return {{"module", blamed->module},
            {"file", or_null<Json>(blamed->file)},
            {"line", or_null<Json>(blamed->line)},
            {"source", or_null<Json>(blamed->source)}};
}

Json convert_mistake(const std::optional<Mistake>& mistake) {
    if (!mistake) return nullptr;
    return {{"id", mistake->id},
            {"sentence", mistake->sentence},
            {"fix", or_null<Json>(mistake->fix)},
            {"advice", or_null<Json>(mistake->advice)},
            {"place", mistake->place ? convert_frame<Json>(*mistake->place) : Json(nullptr)}};
}

Json convert_warning(const std::optional<WarningFacts>& warning) {
    if (!warning) return nullptr;
    return {{"state", name_of(warning->state)},
            {"filter", or_null<Json>(warning->filter)},
            {"handler", or_null<Json>(warning->handler)}};
}

Json convert_lost_task(const std::optional<LostTaskFacts>& task) {
    if (!task) return nullptr;
    return {{"type", or_null<Json>(task->type)},
            {"name", or_null<Json>(task->name)},
            {"awaiting", array_or_null<Json>(task->awaiting, convert_frame<Json>)},
            {"closed", task->closed},
            {"exception", or_null<Json>(task->exception)},
            {"raised", array_or_null<Json>(task->raised, convert_frame<Json>)}};
}

Json convert_task(const std::optional<TaskFacts>& task) {
    if (!task) return nullptr;
    return {{"name", or_null<Json>(task->name)},
            {"coroutine", convert_coroutine<Json>(task->coroutine)},
            {"created", convert_created(task->created)}};
}

Json convert_counts(const std::optional<LostTaskCounts>& counts) {
    if (!counts) return nullptr;
    return {{"destroyed_pending", counts->destroyed_pending},
            {"exception_never_retrieved", counts->exception_never_retrieved}};
}

Json make_event(std::string_view event) {
    return {{"schema", "corotrace/1"}, {"event", event}};
}

Json make_event(std::string_view event, const TargetId& target) {
    Json json = make_event(event);
    json["pid"] = target.pid;
    json["generation"] = target.generation;
    return json;
}

Json convert_finding(std::string_view event, const TargetId& target, const Finding& finding,
                     const std::optional<std::uint64_t>& count) {
    Json json = make_event(event, target);
    json["kind"] = name_of(finding.kind);
    json["time"] = format_time(finding.time);
    json["tid"] = or_null<Json>(finding.tid);
    json["thread_name"] = or_null<Json>(finding.thread_name);
    json["coroutine"] = convert_coroutine<Json>(finding.coroutine);
    json["created"] = convert_created(finding.created);
    json["dropped"] = convert_dropped(finding.dropped);
    json["lost_task"] = convert_lost_task(finding.lost_task);
    json["blamed"] = convert_blamed(finding.blamed);
    json["mistake"] = convert_mistake(finding.mistake);
    json["warning"] = convert_warning(finding.warning);
    json["task"] = convert_task(finding.task);
    json["test"] = or_null<Json>(finding.test);
    json["fingerprint"] = finding.fingerprint;
    json["count"] = or_null<Json>(count);
    json["notes"] = finding.notes;
    return json;
}

class JsonlReport final : public RunReport {
public:
    explicit JsonlReport(ReportContext context) : context_(std::move(context)) {}

    // Nothing is written before there is a target: a run that fails to attach leaves an old file as it was.
    void on_begin(const RunFacts& /*facts*/) override {}

    void on_attached(const TargetId& target, const AttachedFacts& facts) override {
        Json json = make_event("attached", target);
        json["time"] = format_time(context_.now());
        json["pid_in_namespace"] = or_null<Json>(facts.pid_in_namespace);
        json["read_only"] = facts.read_only;
        json["python"] = facts.python;
        json["executable"] = facts.executable;
        json["layout"] = facts.layout;
        json["threads"] = facts.threads;
        json["interpreters"] = facts.interpreters;
        json["took_us"] = facts.took.count();
        json["notes"] = facts.notes;
        context_.writer.write(to_line(json));
    }

    void on_finding(const TargetId& target, const Finding& finding) override {
        Json json = convert_finding("finding", target, finding, finding.count);
        json["first_at_site"] = finding.first_at_site;
        context_.writer.write(to_line(json));
    }

    void on_progress(const Progress& /*progress*/) override {}

    void on_target_end(const TargetId& target, const std::vector<SiteCount>& sites,
                       const Summary& summary) override {
        std::vector<const Finding*> findings;
        findings.reserve(sites.size());
        for (const SiteCount& site : sites) findings.push_back(&site.first);
        const RelatedSites related = find_related(findings);
        for (const SiteCount& site : sites) {
            Json json = convert_finding("site", target, site.first, site.count);
            const auto others = related.find(site.first.fingerprint);
            json["related"] = others == related.end() ? std::vector<std::string>{} : others->second;
            json["creators"] = array_or_null<Json>(std::optional(site.creators.places), convert_frame<Json>);
            json["more_creators"] = site.creators.more;
            json["sampled"] = site.sampled;
            json["exact"] = site.exact;
            json["folded"] = site.folded;
            context_.writer.write_end(to_line(json));
        }
        context_.writer.write_end(to_line(convert_summary(target, summary)));
    }

    void on_end(const RunSummary& summary) override {
        Json json = make_event("total");
        json["time"] = format_time(context_.now());
        json["processes"] = summary.processes;
        json["programs"] = summary.programs;
        json["exact"] = summary.exact;
        json["never_awaited"] = or_null<Json>(summary.never_awaited);
        json["lost_tasks"] = convert_counts(summary.lost_tasks);
        json["sites"] = summary.sites;
        json["stops"] = summary.stops;
        json["pause_total_us"] = summary.pause_total.count();
        json["pause_max_us"] = summary.pause_max.count();
        json["elapsed_ms"] = summary.elapsed.count();
        json["ended"] = summary.ended;
        json["notes"] = summary.notes;
        context_.writer.write_end(to_line(json));
    }

private:
    [[nodiscard]] Json convert_summary(const TargetId& target, const Summary& summary) const {
        Json json = make_event("summary", target);
        json["time"] = format_time(context_.now());
        json["never_awaited"] = or_null<Json>(summary.never_awaited);
        json["lost_tasks"] = convert_counts(summary.lost_tasks);
        json["sampled"] = summary.sampled;
        json["sites"] = summary.sites;
        json["stops"] = summary.stops;
        json["pause_total_us"] = summary.pause_total.count();
        json["pause_max_us"] = summary.pause_max.count();
        json["elapsed_ms"] = summary.elapsed.count();
        json["coverage"] = {{"state", or_null<Json>(name_of(summary.coverage.state))},
                            {"dealloc", or_null<Json>(summary.coverage.dealloc)},
                            {"warned", or_null<Json>(summary.coverage.warned)},
                            {"why", or_null<Json>(summary.coverage.why)}};
        json["ended"] = summary.ended;
        json["notes"] = summary.notes;
        return json;
    }

    static std::string to_line(const Json& json) { return format_json(json) + "\n"; }

    ReportContext context_;
};

}  // namespace

std::unique_ptr<RunReport> make_jsonl_report(const ReportContext& context) {
    return std::make_unique<JsonlReport>(context);
}

}  // namespace corotrace
