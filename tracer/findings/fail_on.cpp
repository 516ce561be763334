// SPDX-License-Identifier: MIT
#include "tracer/findings/fail_on.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace corotrace {
namespace {

struct ClassName {
    std::string_view name;
    FailClass what;
};
constexpr ClassName kFailClasses[] = {{"any", FailClass::kAny},
                                      {"never-awaited", FailClass::kNeverAwaited},
                                      {"task-destroyed", FailClass::kTaskDestroyed},
                                      {"task-exception", FailClass::kTaskException}};

FailClass class_of(FindingKind kind) {
    switch (kind) {
        case FindingKind::kCoroutine:
        case FindingKind::kAsyncGenAsend:
        case FindingKind::kAsyncGenAthrow:
        case FindingKind::kAsyncGenAclose:
            return FailClass::kNeverAwaited;
        case FindingKind::kTaskDestroyedPending:
            return FailClass::kTaskDestroyed;
        case FindingKind::kTaskExceptionNeverRetrieved:
        case FindingKind::kFutureExceptionNeverRetrieved:
            return FailClass::kTaskException;
    }
    return FailClass::kAny;
}

std::string_view name_of_class(FailClass what) {
    for (const ClassName& entry : kFailClasses)
        if (entry.what == what) return entry.name;
    return "";
}

std::optional<FailRule> parse_rule(std::string_view word) {
    const std::size_t colon = word.find(':');
    FailRule rule;
    if (colon != std::string_view::npos) {
        const std::string_view number = word.substr(colon + 1);
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), rule.sites);
        if (error != std::errc() || end != number.data() + number.size() || rule.sites == 0)
            return std::nullopt;
    }
    for (const ClassName& entry : kFailClasses) {
        if (entry.name != word.substr(0, colon)) continue;
        rule.what = entry.what;
        return rule;
    }
    return std::nullopt;
}

}  // namespace

Result<FailOn> FailOn::parse(std::string_view text) {
    FailOn fail;
    for (std::size_t from = 0; from <= text.size();) {
        const std::size_t end = std::min(text.find(',', from), text.size());
        const std::string_view word = text.substr(from, end - from);
        const auto rule = parse_rule(word);
        if (!rule) {
            return Error{
                Errc::usage, 0,
                "'" + std::string(word) +
                    "' is not one of any, never-awaited, task-destroyed, task-exception, each with or "
                    "without a number of sites: any:5"};
        }
        fail.rules_.push_back(*rule);
        from = end + 1;
    }
    return fail;
}

bool FailOn::fails_on_one() const {
    return std::any_of(rules_.begin(), rules_.end(),
                       [](const FailRule& rule) { return rule.what == FailClass::kAny && rule.sites == 1; });
}

std::string FailOn::find_reason(std::span<const SiteCount> sites) const {
    for (const FailRule& rule : rules_) {
        const auto counted = std::count_if(sites.begin(), sites.end(), [&](const SiteCount& site) {
            return rule.what == FailClass::kAny || class_of(site.first.kind) == rule.what;
        });
        const auto found = static_cast<std::uint64_t>(counted);
        if (found < rule.sites) continue;
        return "--fail-on " + std::string(name_of_class(rule.what)) + ": " + std::to_string(found) +
               (found == 1 ? " site" : " sites") + ", " + std::to_string(rule.sites - 1) + " allowed";
    }
    return "";
}

}  // namespace corotrace
