// SPDX-License-Identifier: MIT
// Source of the form: OASIS, SARIF 2.1.0, sections named below.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

#include "symbols/escape.hpp"
#include "tracer/findings/related_sites.hpp"
#include "tracer/report/json_values.hpp"
#include "tracer/report/phrases.hpp"
#include "tracer/report/site_formats.hpp"
#include "tracer/report/site_place.hpp"
#include "tracer/report/traceback.hpp"

namespace corotrace {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kSchema = "https://json.schemastore.org/sarif-2.1.0.json";
constexpr std::string_view kRoot = "SRCROOT";

Json make_message(std::string text) {
    return {{"text", std::move(text)}};
}

// RFC 3986: everything but unreserved characters and the slash.
std::string encode_uri(std::string_view path) {
    std::string uri;
    for (const char c : path) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '.' || c == '_' || c == '~' || c == '/';
        uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return uri;
}

// 3.4
Json make_artifact_location(const std::string& file, std::string_view root) {
    const SourcePath path = make_source_path(file, root);
    if (!path.relative) return {{"uri", "file://" + encode_uri(path.path)}};
    return {{"uri", encode_uri(path.path)}, {"uriBaseId", kRoot}};
}

// 3.30; lines and columns from 1. Without a line there is none.
Json make_region(const Frame& frame) {
    if (!frame.line || *frame.line < 1) return nullptr;
    Json region = {{"startLine", *frame.line}};
    if (const auto columns = find_columns(frame)) {
        region["startColumn"] = columns->begin;
        region["endLine"] = *frame.line;
        region["endColumn"] = columns->end;
    } else if (frame.end_line && *frame.end_line >= *frame.line) {
        region["endLine"] = *frame.end_line;
    }
    return region;
}

// 3.28. `context`: the source line beside the region, which viewers show without the file.
Json make_location(const Frame& frame, std::string_view root, bool context = false) {
    Json location = Json::object();
    if (is_source_file(frame.file)) {
        Json physical = {{"artifactLocation", make_artifact_location(frame.file, root)}};
        if (Json region = make_region(frame); !region.is_null()) {
            const bool part_of_line = region.contains("startColumn");
            physical["region"] = std::move(region);
            if (context && frame.source && part_of_line) {
                physical["contextRegion"] = {{"startLine", *frame.line},
                                             {"snippet", {{"text", printable_source(*frame.source)}}}};
            }
        }
        location["physicalLocation"] = std::move(physical);
    }
    if (!frame.function.empty()) {
        const Json function = {{"fullyQualifiedName", printable(frame.function)}, {"kind", "function"}};
        location["logicalLocations"] = Json::array({function});
    }
    return location;
}

Json with_message(Json location, std::string text) {
    location["message"] = make_message(std::move(text));
    return location;
}

// 3.44: the frame that was called last comes first.
Json make_stack(const std::vector<Frame>& frames, std::string text, std::string_view root) {
    Json list = Json::array();
    for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame)
        list.push_back({{"location", make_location(*frame, root)}});
    return {{"message", make_message(std::move(text))}, {"frames", std::move(list)}};
}

Json make_stacks(const Finding& finding, std::string_view root) {
    Json stacks = Json::array();
    const auto add = [&](const std::vector<Frame>& frames, const char* text) {
        if (!frames.empty()) stacks.push_back(make_stack(frames, text, root));
    };
    add(finding.created.frames, "Where the coroutine was made.");
    if (finding.dropped.frames) add(*finding.dropped.frames, "Where it was dropped.");
    if (finding.lost_task && finding.lost_task->awaiting)
        add(*finding.lost_task->awaiting, "Where the task waited.");
    if (finding.lost_task && finding.lost_task->raised)
        add(*finding.lost_task->raised, "Where the exception was raised.");
    return stacks;
}

// 3.36: made here, dropped there.
Json make_code_flows(const Finding& finding, std::string_view root) {
    std::optional<Frame> dropped = finding.dropped.ended;
    if (!dropped && finding.dropped.frames && !finding.dropped.frames->empty())
        dropped = finding.dropped.frames->back();
    if (finding.created.frames.empty() || !dropped) return Json::array();
    const auto cause = describe_cause(finding.dropped.cause);
    const std::string why = cause ? fmt::format("Dropped here: {}.", *cause) : "Dropped here.";
    Json steps = Json::array();
    steps.push_back(
        {{"location", with_message(make_location(finding.created.frames.back(), root), "Made here.")}});
    steps.push_back({{"location", with_message(make_location(*dropped, root), why)}});
    const Json thread = {{"locations", std::move(steps)}};
    const Json flow = {{"threadFlows", Json::array({thread})}};
    return Json::array({flow});
}

// 3.55: only where the fix is the line with an await put in, in a column that can be told.
Json make_fixes(const Finding& finding, const Frame& frame, std::string_view root) {
    const auto at = find_missing_await(finding, frame);
    if (!at || !is_source_file(frame.file) || !frame.line || *frame.line < 1) return Json::array();
    const std::size_t column = count_utf16(std::string_view(*frame.source).substr(0, *at)) + 1;
    const Json region = {
        {"startLine", *frame.line}, {"startColumn", column}, {"endLine", *frame.line}, {"endColumn", column}};
    const Json replacement = {{"deletedRegion", region}, {"insertedContent", {{"text", "await "}}}};
    const Json change = {{"artifactLocation", make_artifact_location(frame.file, root)},
                         {"replacements", Json::array({replacement})}};
    const Json fix = {{"description", make_message("Await it.")}, {"artifactChanges", Json::array({change})}};
    return Json::array({fix});
}

// What a result has of the results that tell of the same thing (related_sites.hpp).
struct RelatedResults {
    Json locations = Json::array();
    Json fingerprints = Json::array();
};

// 3.27.22: where else its coroutines were made.
void add_creators(Json& locations, const SiteCount& site, const std::optional<Frame>& told,
                  std::string_view root) {
    if (site.creators.places.size() < 2) return;
    for (const Frame& place : site.creators.places) {
        if (told && told->file == place.file && told->line == place.line) continue;
        Json location = make_location(place, root);
        if (location.contains("physicalLocation"))
            locations.push_back(with_message(std::move(location), "Made here, too."));
    }
}

// 3.27.22: where they are, and what they say. Viewers want a file of each.
RelatedResults make_related(const std::vector<const Finding*>& others, std::string_view root) {
    RelatedResults related;
    for (const Finding* other : others) {
        related.fingerprints.push_back(printable(other->fingerprint));
        const auto place = find_place(*other, root);
        Json location = place ? make_location(*place, root) : Json::object();
        if (!location.contains("physicalLocation")) continue;
        related.locations.push_back(with_message(std::move(location), describe_headline(*other) + "."));
    }
    return related;
}

Json make_result(const SiteCount& site, std::size_t rule, const RelatedResults& related,
                 const SiteFormatOptions& options) {
    const Finding& finding = site.first;
    const std::string_view root = options.source_root;
    Json result = {{"ruleId", rule_of(finding)},
                   {"ruleIndex", rule},
                   {"level", is_lost_task(finding.kind) ? "warning" : "error"},
                   {"message", make_message(describe_in_line(finding) + ".")}};
    const auto place = find_place(finding, root);
    if (place) result["locations"] = Json::array({make_location(*place, root, /*context=*/true)});
    Json locations = related.locations;
    add_creators(locations, site, place, root);
    if (!locations.empty()) result["relatedLocations"] = std::move(locations);
    result["partialFingerprints"] = {{"corotraceSite/v1", printable(finding.fingerprint)}};
    if (Json stacks = make_stacks(finding, root); !stacks.empty()) result["stacks"] = std::move(stacks);
    if (Json flows = make_code_flows(finding, root); !flows.empty()) result["codeFlows"] = std::move(flows);
    if (place) {
        if (Json fixes = make_fixes(finding, *place, root); !fixes.empty())
            result["fixes"] = std::move(fixes);
    }
    Json properties = {{"count", site.count ? Json(*site.count) : Json(nullptr)}, {"exact", site.exact}};
    if (finding.test) properties["test"] = printable(*finding.test);
    if (finding.created.test) properties["createdInTest"] = printable(*finding.created.test);
    if (!related.fingerprints.empty()) properties["related"] = related.fingerprints;
    result["properties"] = std::move(properties);
    return result;
}

// "tested_for_truth" -> "TestedForTruth": 3.49.7 wants a name for people.
std::string make_rule_name(std::string_view id) {
    std::string name;
    bool upper = true;
    for (const char c : id) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (letter) name += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        upper = !letter;
    }
    return name;
}

Json make_rule(const std::string& id, const Finding& example) {
    std::string words = id;
    std::replace(words.begin(), words.end(), '_', ' ');
    const bool task = is_lost_task(example.kind);
    const std::string what = task ? "An asyncio task or future was lost: " + words + "."
                                  : "A coroutine was never awaited: " + words + ".";
    const std::string help =
        task ? "Keep a reference to the task until it has ended, and look at its result: await it, or add a "
               "done callback. An event loop holds tasks by weak references only."
             : "The body of an async function runs only when its coroutine is awaited or given to a task. "
               "Await the call, or hand it to asyncio.create_task() and keep the task.";
    return {{"id", id},
            {"name", make_rule_name(id)},
            {"shortDescription", make_message(what)},
            {"fullDescription", make_message(what + " " + help)},
            {"help", make_message(help)},
            {"defaultConfiguration", {{"level", task ? "warning" : "error"}}}};
}

}  // namespace

std::string format_sarif(std::span<const SiteCount> sites, const SiteFormatOptions& options) {
    const std::vector<SiteCount> sorted = sort_sites(sites, options.source_root);
    std::map<std::string, std::size_t> rules;
    for (const SiteCount& site : sorted) rules.emplace(rule_of(site.first), 0);
    Json rule_list = Json::array();
    for (auto& [id, index] : rules) {
        index = rule_list.size();
        const auto example = std::find_if(sorted.begin(), sorted.end(), [&, &name = id](const auto& site) {
            return rule_of(site.first) == name;
        });
        rule_list.push_back(make_rule(id, example->first));
    }
    const std::vector<const Finding*> findings = findings_of(sorted);
    std::map<std::string_view, const Finding*> by_fingerprint;
    for (const Finding* finding : findings) by_fingerprint.emplace(finding->fingerprint, finding);
    const RelatedSites related = find_related(findings);
    Json results = Json::array();
    for (const SiteCount& site : sorted) {
        std::vector<const Finding*> others;
        if (const auto found = related.find(site.first.fingerprint); found != related.end())
            for (const std::string& other : found->second) others.push_back(by_fingerprint.at(other));
        results.push_back(make_result(site, rules[rule_of(site.first)],
                                      make_related(others, options.source_root), options));
    }
    const Json driver = {
        {"name", "corotrace"}, {"semanticVersion", options.version}, {"rules", std::move(rule_list)}};
    const Json bases = {{kRoot, {{"description", make_message("The root of the source tree.")}}}};
    const Json run = {{"tool", {{"driver", driver}}},
                      {"originalUriBaseIds", bases},
                      {"columnKind", "utf16CodeUnits"},
                      {"results", std::move(results)}};
    const Json log = {{"$schema", kSchema}, {"version", "2.1.0"}, {"runs", Json::array({run})}};
    return format_json(log, 1) + "\n";
}

}  // namespace corotrace
