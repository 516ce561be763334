// SPDX-License-Identifier: MIT
#include "tracer/diagnose/warning_fate.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace corotrace {

namespace {

std::optional<WarningState> state_of(std::string_view action) {
    if (action == "always" || action == "all") return WarningState::kShown;
    if (action == "default" || action == "module" || action == "once") return WarningState::kDeduplicated;
    if (action == "error") return WarningState::kErrorIgnored;
    if (action == "ignore") return WarningState::kHidden;
    return std::nullopt;
}

std::optional<bool> fits_module(const WarningFilter& filter, const std::optional<std::string>& module) {
    if (!filter.module) return true;
    return module ? fits(*filter.module, *module, false) : std::nullopt;
}

std::optional<bool> fits_line(const WarningFilter& filter, const std::optional<int>& line) {
    if (filter.line == 0) return true;
    return line ? std::optional(filter.line == *line) : std::nullopt;
}

std::optional<bool> fits_all_of(const WarningFilter& filter, const OwnWarning& warning) {
    bool known = true;
    const auto message =
        filter.message ? fits(*filter.message, warning.text, warning.has_origin) : std::optional(true);
    for (const auto& part : {message, fits_line(filter, warning.line), fits_module(filter, warning.module)}) {
        if (part == false) return false;
        known = known && part;
    }
    return known ? std::optional(true) : std::nullopt;
}

const Frame* find_blamed(const Finding& finding) {
    if (!finding.dropped.frames || finding.dropped.frames->empty()) return nullptr;
    const Frame& frame = finding.dropped.frames->back();
    return can_be_blamed(frame.file) ? &frame : nullptr;
}

// Lib/warnings.py _warn_unawaited_coroutine; Python/warnings.c _PyErr_WarnUnawaitedAgenMethod.
std::optional<std::string> text_of(const Finding& finding) {
    const CoroutineFacts& coroutine = finding.coroutine;
    if (!coroutine.qualname) return std::nullopt;
    std::string name = *coroutine.qualname;
    if (finding.kind == FindingKind::kCoroutine) return "coroutine '" + name + "' was never awaited";
    const std::string method = coroutine.name.value_or("");
    if (name.ends_with("." + method)) name.resize(name.size() - method.size() - 1);
    return "coroutine method '" + method + "' of '" + name + "' was never awaited";
}

}  // namespace

std::optional<WarningFacts> judge_warning(const std::vector<WarningFilter>& filters,
                                          const std::string& default_action, const OwnWarning& warning) {
    for (const WarningFilter& filter : filters) {
        const auto fits = fits_all_of(filter, warning);
        if (!fits) return std::nullopt;
        if (!*fits) continue;
        const auto state = state_of(filter.action);
        if (!state) return std::nullopt;
        return WarningFacts{.state = *state, .filter = describe(filter), .handler = {}};
    }
    const auto state = state_of(default_action);
    if (!state) return std::nullopt;
    return WarningFacts{.state = *state, .filter = {}, .handler = {}};
}

bool can_be_blamed(const std::string& file) {
    return file.find("importlib") == std::string::npos || file.find("_bootstrap") == std::string::npos;
}

bool asks_for_module(const std::vector<WarningFilter>& filters) {
    return std::ranges::any_of(filters,
                               [](const WarningFilter& filter) { return filter.module.has_value(); });
}

std::optional<WarningFacts> find_warning_fate(const WarningEvidence& evidence, const Finding& finding) {
    const auto text = text_of(finding);
    if (!text) return std::nullopt;
    OwnWarning warning{.text = *text,
                       .has_origin = finding.created.how == CreationSource::kOrigin,
                       .line = {},
                       .module = {}};
    if (const Frame* blamed = find_blamed(finding)) {
        warning.line = blamed->line;
        warning.module = evidence.module;
    }
    auto facts = judge_warning(evidence.filters, evidence.default_action, warning);
    if (facts && facts->state != WarningState::kHidden && facts->state != WarningState::kErrorIgnored) {
        facts->handler = evidence.handler;
    }
    return facts;
}

}  // namespace corotrace
