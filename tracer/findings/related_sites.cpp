// SPDX-License-Identifier: MIT
#include "tracer/findings/related_sites.hpp"

#include <algorithm>
#include <optional>

namespace corotrace {
namespace {

using Index = std::unordered_map<std::string, std::vector<const Finding*>>;

// Names cannot hold a zero byte; that one of a hostile target does can only relate what is not.
std::optional<std::string> key_of(const std::string& name, const std::optional<std::string>& file,
                                  const std::optional<int>& line) {
    if (!file || !line) return std::nullopt;
    return name + '\0' + *file + '\0' + std::to_string(*line);
}

std::optional<std::string> key_of(const Frame& frame) {
    return key_of(frame.name, frame.file, frame.line);
}

std::optional<std::string> key_of(const CoroutineFacts& coroutine) {
    if (!coroutine.qualname) return std::nullopt;
    return key_of(*coroutine.qualname, coroutine.file, coroutine.line);
}

void add(Index& index, const std::optional<std::string>& key, const Finding& finding) {
    if (!key) return;
    auto& known = index[*key];
    if (known.size() < kMostRelated && std::ranges::find(known, &finding) == known.end())
        known.push_back(&finding);
}

class Relations {
public:
    void relate(const Finding& one, const Finding& other) {
        add(one, other);
        add(other, one);
    }
    [[nodiscard]] RelatedSites take() { return std::move(related_); }

private:
    void add(const Finding& to, const Finding& other) {
        auto& known = related_[to.fingerprint];
        if (known.size() < kMostRelated && std::ranges::find(known, other.fingerprint) == known.end())
            known.push_back(other.fingerprint);
    }

    RelatedSites related_;
};

}  // namespace

RelatedSites find_related(const std::vector<const Finding*>& sites) {
    Index unstarted;
    Index raised;
    for (const Finding* site : sites) {
        if (!site->lost_task) continue;
        const auto& awaiting = site->lost_task->awaiting;
        if (awaiting && awaiting->empty()) add(unstarted, key_of(site->coroutine), *site);
        if (!site->lost_task->raised) continue;
        for (const Frame& frame : *site->lost_task->raised) add(raised, key_of(frame), *site);
    }
    Relations relations;
    const auto relate = [&](const Finding& site, const Index& index, const std::optional<std::string>& key) {
        const auto found = key ? index.find(*key) : index.end();
        if (found == index.end()) return;
        for (const Finding* other : found->second) relations.relate(site, *other);
    };
    for (const Finding* site : sites) {
        if (is_lost_task(site->kind)) continue;
        relate(*site, unstarted, key_of(site->coroutine));
        if (site->dropped.ended) relate(*site, raised, key_of(*site->dropped.ended));
        if (!site->created.frames.empty()) relate(*site, raised, key_of(site->created.frames.back()));
    }
    return relations.take();
}

}  // namespace corotrace
