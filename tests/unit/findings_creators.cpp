// SPDX-License-Identifier: MIT
// The places that create the coroutines of a site.
#include "tracer/findings/creators.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"
#include "tracer/findings/merged_sites.hpp"

namespace corotrace::findings_creators_test {
namespace {

Frame frame(const std::string& file, int line) {
    Frame frame;
    frame.function = frame.name = "make";
    frame.file = file;
    frame.line = line;
    return frame;
}

std::vector<int> lines_of(const Creators& creators) {
    std::vector<int> lines;
    for (const Frame& place : creators.places) lines.push_back(place.line.value_or(0));
    return lines;
}

}  // namespace

TEST_CASE("a coroutine's creating place is the innermost own frame, if there is one") {
    const OwnCode own;
    CreatedFacts created;
    CHECK(creating_place(created, own) == nullptr);
    created.how = CreationSource::kOrigin;
    CHECK(creating_place(created, own) == nullptr);
    created.frames = {frame("/srv/app/a.py", 1), frame("/usr/lib/python3/dist-packages/retry.py", 2)};
    CHECK(creating_place(created, own)->line == 1);
    created.frames.erase(created.frames.begin());
    CHECK(creating_place(created, own)->line == 2);
    created.how = CreationSource::kUnknown;
    CHECK(creating_place(created, own) == nullptr);
}

TEST_CASE("each place is named once, as it is known best, whichever comes first") {
    Frame inferred = frame("/srv/app/a.py", 3);
    inferred.end_line = 3;
    inferred.source = "    make()";
    for (const bool first : {true, false}) {
        Creators creators;
        add_creator(creators, first ? inferred : frame("/srv/app/a.py", 3));
        add_creator(creators, first ? frame("/srv/app/a.py", 3) : inferred);
        REQUIRE(creators.places.size() == 1);
        CHECK(creators.places.front().source == inferred.source);
    }
}

TEST_CASE("of too many places the same are kept in whatever order they come") {
    std::vector<int> order{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    for (int i = 0; i < 10; ++i) {
        Creators creators;
        for (const int line : order) add_creator(creators, frame("/srv/app/a.py", line));
        CHECK(lines_of(creators) == std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8});
        CHECK(creators.more);
        std::rotate(order.begin(), order.begin() + 1, order.end());
    }
}

TEST_CASE("the places of a site in several programs are put together") {
    SiteCount one;
    one.first.fingerprint = "a";
    add_creator(one.creators, frame("/srv/app/a.py", 1));
    SiteCount other = one;
    add_creator(other.creators, frame("/srv/app/a.py", 2));
    other.creators.more = true;
    MergedSites merged;
    merged.add(one);
    merged.add(other);
    const Creators creators = merged.by_fingerprint().front().creators;
    CHECK(lines_of(creators) == std::vector<int>{1, 2});
    CHECK(creators.more);
}

}  // namespace corotrace::findings_creators_test
