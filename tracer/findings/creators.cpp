// SPDX-License-Identifier: MIT
#include "tracer/findings/creators.hpp"

#include <algorithm>
#include <tuple>

namespace corotrace {
namespace {

auto key_of_place(const Frame& place) {
    return std::tie(place.file, place.line, place.name);
}

bool is_place_before(const Frame& one, const Frame& other) {
    return key_of_place(one) < key_of_place(other);
}

// What the interpreter noted has no columns.
auto richness(const Frame& place) {
    return std::tie(place.end_line, place.source, place.function, place.col, place.end_col);
}

}  // namespace

const Frame* creating_place(const CreatedFacts& created, const OwnCode& own) {
    if (created.how == CreationSource::kUnknown || created.frames.empty()) return nullptr;
    const auto found = std::find_if(created.frames.rbegin(), created.frames.rend(),
                                    [&](const Frame& frame) { return own.is_own(frame.file); });
    return found == created.frames.rend() ? &created.frames.back() : &*found;
}

void add_creator(Creators& creators, const Frame& place) {
    auto& places = creators.places;
    const auto at = std::ranges::lower_bound(places, place, is_place_before);
    if (at != places.end() && key_of_place(*at) == key_of_place(place)) {
        if (richness(*at) < richness(place)) *at = place;
        return;
    }
    places.insert(at, place);
    if (places.size() <= kMostCreators) return;
    places.pop_back();
    creators.more = true;
}

void add_creators(Creators& creators, const Creators& others) {
    for (const Frame& place : others.places) add_creator(creators, place);
    creators.more = creators.more || others.more;
}

}  // namespace corotrace
