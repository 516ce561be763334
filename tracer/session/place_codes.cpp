// SPDX-License-Identifier: MIT
#include "tracer/session/place_codes.hpp"

#include <algorithm>
#include <utility>

#include "tracer/probes/site_walk.hpp"

namespace corotrace {

namespace {

// CPython numbers a code object when it is first called often, which changes its identity.
bool is_same(const Code& before, const Code& now) {
    if (before.identity == now.identity) return true;
    Code renamed = now;
    renamed.identity = before.identity;
    return renamed == before;
}

}  // namespace

void PlaceCodes::add(const DropEvidence& drop) {
    if (drop.key == drop.code || drop.code == 0) return;
    if (drop.coroutine) add(drop.coroutine->code, drop.key);
    if (drop.site.ended) add(drop.site.ended->code, drop.key);
    if (!drop.stack) return;
    const std::size_t frames = std::min<std::size_t>(drop.stack->frames.size(), kSiteFrames);
    for (std::size_t i = 0; i < frames; ++i) add(drop.stack->frames[i].code, drop.key);
}

void PlaceCodes::add(const std::shared_ptr<const Code>& code, std::uint64_t key) {
    if (!code) return;
    const auto known = by_address_.find(code->address);
    if (known == by_address_.end()) {
        if (codes_.size() >= kMostCodes) return;
        by_address_.emplace(code->address, codes_.size());
        codes_.push_back({.code = code, .keys = {key}});
        return;
    }
    Known& one = codes_[known->second];
    if (!is_same(*one.code, *code)) {
        reused_.insert(reused_.end(), one.keys.begin(), one.keys.end());
        one = {.code = code, .keys = {}};
    }
    if (std::ranges::find(one.keys, key) == one.keys.end()) one.keys.push_back(key);
}

PlaceCodes::Known PlaceCodes::take(std::size_t place) {
    Known taken = std::move(codes_[place]);
    by_address_.erase(taken.code->address);
    if (place + 1 < codes_.size()) {
        codes_[place] = std::move(codes_.back());
        by_address_[codes_[place].code->address] = place;
    }
    codes_.pop_back();
    return taken;
}

std::vector<std::uint64_t> PlaceCodes::find_reused(const RemoteMemory& memory, const Layout& layout,
                                                   std::size_t most) {
    std::vector<std::uint64_t> keys = std::exchange(reused_, {});
    most = std::min(most, codes_.size());
    for (std::size_t i = 0; i < most; ++i) {
        if (next_ >= codes_.size()) next_ = 0;
        const auto same = is_still(memory, layout, *codes_[next_].code);
        // What is no code now may become another one's place yet.
        if (!same || *same) {
            ++next_;
            continue;
        }
        const Known gone = take(next_);
        keys.insert(keys.end(), gone.keys.begin(), gone.keys.end());
    }
    return keys;
}

std::vector<std::uint64_t> PlaceCodes::find_gone(const RemoteMemory& memory, const Layout& layout) {
    std::vector<std::uint64_t> keys = std::exchange(reused_, {});
    for (const Known& one : codes_) {
        const auto same = is_still(memory, layout, *one.code);
        if (!same && same.error().code == Errc::gone) break;
        if (!same || !*same) keys.insert(keys.end(), one.keys.begin(), one.keys.end());
    }
    return keys;
}

}  // namespace corotrace
