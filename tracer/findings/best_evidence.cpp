// SPDX-License-Identifier: MIT
#include "tracer/findings/best_evidence.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace corotrace {
namespace {

int count_said(const std::optional<Mistake>& mistake) {
    if (!mistake || mistake->id == "unknown") return 0;
    if (mistake->fix) return 3;
    return mistake->advice ? 2 : 1;
}

const std::optional<Mistake>& mistake_of(const Finding& drop) {
    return drop.seen ? drop.seen->mistake : drop.mistake;
}

// Greater is better; see is_better_seen(). A capture does not know its thread.
auto rank(const Finding& drop) {
    const auto& mistake = mistake_of(drop);
    return std::tuple(drop.tid.has_value(), -static_cast<std::ptrdiff_t>(drop.notes.size()),
                      count_said(mistake), drop.dropped.ended.has_value(), mistake && mistake->place);
}

auto text_of(const Finding& drop) {
    const Mistake mistake = mistake_of(drop).value_or(Mistake{});
    return std::tuple(mistake.id, mistake.sentence, mistake.fix, mistake.advice, drop.dropped.cause, drop.pid,
                      drop.tid);
}

int rank(CreationSource how) {
    switch (how) {
        case CreationSource::kUnknown:
            return 0;
        case CreationSource::kInferred:
            return 1;
        case CreationSource::kOrigin:
            return 2;
    }
    return 0;
}

bool is_before(const Frame& one, const Frame& other) {
    return std::tie(one.file, one.line, one.function) < std::tie(other.file, other.line, other.function);
}

}  // namespace

bool is_better_seen(const Finding& drop, const Finding& other) {
    const auto ours = rank(drop);
    const auto theirs = rank(other);
    return ours != theirs ? ours > theirs : text_of(drop) < text_of(other);
}

bool is_better_known(const CreatedFacts& one, const CreatedFacts& other) {
    const auto ours = std::tuple(rank(one.how), one.frames.size());
    const auto theirs = std::tuple(rank(other.how), other.frames.size());
    if (ours != theirs) return ours > theirs;
    return std::ranges::lexicographical_compare(one.frames, other.frames, is_before);
}

bool learn_drop(Finding& site, const Finding& drop) {
    const auto time = std::min(site.time, drop.time);
    const bool better = is_better_seen(drop, site);
    if (better) {
        Finding seen = drop;
        seen.created = std::move(site.created);
        seen.count = site.count;
        seen.first_at_site = site.first_at_site;
        site = std::move(seen);
    }
    site.time = time;
    return better;
}

bool learn_created(Finding& site, const Finding& drop) {
    const bool better = is_better_known(drop.created, site.created);
    if (better) site.created = drop.created;
    return better;
}

}  // namespace corotrace
