// SPDX-License-Identifier: MIT
#include "tracer/findings/baseline.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

#include "symbols/escape.hpp"
#include "tracer/findings/own_place.hpp"

namespace corotrace {
namespace {

constexpr std::string_view kHead =
    "# corotrace baseline: findings that are known. A line counts by its fingerprint; what follows is for "
    "people.\n"
    "# To ignore for good: ignore fingerprint|qualname|file PATTERN # why";
constexpr std::size_t kFingerprintDigits = 16;

bool is_fingerprint(std::string_view word) {
    return word.size() == kFingerprintDigits &&
           word.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

Error malformed(std::size_t number, const std::string& what) {
    return {Errc::malformed, 0, "line " + std::to_string(number) + ": " + what};
}

bool matches(const std::string& pattern, const std::string& text) {
    return ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

// Relative paths of a checkout match whatever folder it is in.
bool matches_file(const std::string& pattern, const std::string& file) {
    return matches(pattern, file) || (!pattern.starts_with('/') && matches("*/" + pattern, file));
}

std::string relative(std::string file, std::string_view root) {
    if (root.size() > 1 && file.size() > root.size() && file.starts_with(root) && file[root.size()] == '/')
        file.erase(0, root.size() + 1);
    return file;
}

}  // namespace

Result<Baseline::Rule> Baseline::parse_rule(const std::string& line) {
    const std::size_t reason = line.find(" #");
    if (reason == std::string::npos || trim(std::string_view(line).substr(reason + 2)).empty())
        return Error{Errc::malformed, 0, "an ignore rule needs a reason behind a #"};
    std::istringstream words(line.substr(0, reason));
    std::string ignore;
    std::string kind;
    std::string pattern;
    std::string more;
    words >> ignore >> kind >> pattern;
    if (pattern.empty() || words >> more)
        return Error{Errc::malformed, 0, "an ignore rule is: ignore qualname GLOB # why"};
    Rule rule{.kind = RuleKind::kQualname, .pattern = pattern, .line = line};
    if (kind == "qualname") return rule;
    rule.kind = RuleKind::kFile;
    if (kind == "file") return rule;
    rule.kind = RuleKind::kFingerprint;
    if (kind == "fingerprint" && is_fingerprint(pattern)) return rule;
    return Error{Errc::malformed, 0,
                 "'" + kind + " " + pattern + "' is not one of fingerprint, qualname, file"};
}

Result<Baseline> Baseline::parse(std::string_view text, OwnCode own) {
    Baseline baseline(std::move(own));
    std::size_t number = 0;
    for (std::size_t from = 0; from < text.size();) {
        const std::size_t end = std::min(text.find('\n', from), text.size());
        const std::string line(trim(text.substr(from, end - from)));
        from = end + 1;
        ++number;
        if (line.empty()) continue;
        if (line.front() == '#') {
            baseline.head_.push_back(line);
            continue;
        }
        const std::string word = line.substr(0, line.find_first_of(" \t"));
        if (word == "ignore") {
            auto rule = parse_rule(line);
            if (!rule) return malformed(number, rule.error().what);
            baseline.head_.push_back(line);
            baseline.rules_.push_back(std::move(rule).value());
        } else if (is_fingerprint(word)) {
            baseline.entries_.try_emplace(word, Entry{.line = line});  // a merge may give it twice
        } else if (word.starts_with("<<<<<<<") || word.starts_with("=======") ||
                   word.starts_with(">>>>>>>")) {
            return malformed(number, "a merge conflict; keep the lines of both sides");
        } else {
            return malformed(number, "'" + printable(word) + "' is no fingerprint and no ignore");
        }
    }
    return baseline;
}

bool Baseline::applies(const Rule& rule, const Finding& finding) const {
    switch (rule.kind) {
        case RuleKind::kFingerprint:
            return finding.fingerprint == rule.pattern;
        case RuleKind::kQualname:
            return matches(rule.pattern, finding.coroutine.qualname.value_or(""));
        case RuleKind::kFile:
            break;
    }
    const Frame* frame = own_place(finding, own_);
    return (frame != nullptr && matches_file(rule.pattern, frame->file)) ||
           matches_file(rule.pattern, finding.coroutine.file.value_or(""));
}

bool Baseline::knows(const Finding& finding) {
    bool known = false;
    for (Rule& rule : rules_) {
        if (!applies(rule, finding)) continue;
        rule.matched = true;
        known = true;
    }
    const auto entry = entries_.find(finding.fingerprint);
    if (entry == entries_.end()) return known;
    entry->second.matched = true;
    return true;
}

// What and where, without anything that an edit elsewhere changes.
std::string Baseline::describe(const Finding& finding, std::string_view root) const {
    std::string text = finding.coroutine.qualname.value_or("?");
    if (finding.lost_task && !finding.coroutine.qualname) text = finding.lost_task->type.value_or("?");
    if (const Frame* frame = own_place(finding, own_)) {
        text += "  " + relative(frame->file, root) + " in " + frame->function;
    } else if (finding.coroutine.file) {
        text += "  " + relative(*finding.coroutine.file, root);
    }
    return printable(text);
}

void Baseline::add(const Finding& finding, std::string_view today, std::string_view root) {
    Entry entry{
        .line = finding.fingerprint + "  " + describe(finding, root) + "  since " + std::string(today),
        .matched = true};
    entries_.try_emplace(finding.fingerprint, std::move(entry));
}

std::string Baseline::format() const {
    std::string text;
    if (head_.empty()) text += std::string(kHead) + "\n";
    for (const std::string& line : head_) text += line + "\n";
    for (const auto& [fingerprint, entry] : entries_) text += entry.line + "\n";
    return text;
}

std::vector<std::string> Baseline::unused_rules() const {
    std::vector<std::string> lines;
    for (const Rule& rule : rules_) {
        if (!rule.matched) lines.push_back(rule.line);
    }
    return lines;
}

std::size_t Baseline::forget_unused() {
    return std::erase_if(entries_, [](const auto& entry) { return !entry.second.matched; });
}

std::size_t Baseline::unused_entries() const {
    const auto unused = std::count_if(entries_.begin(), entries_.end(),
                                      [](const auto& entry) { return !entry.second.matched; });
    return static_cast<std::size_t>(unused);
}

}  // namespace corotrace
