// SPDX-License-Identifier: MIT
// What stays from look to look, how old it is, and how groups grow.
#include "tracer/findings/stay_watch.hpp"

#include <vector>

#include "tests/support/catch.hpp"

namespace corotrace::findings_stay_watch_test {
namespace {

using std::chrono::seconds;
using Members = std::vector<std::uint64_t>;

struct Watched {
    Stay look(seconds at, const Members& members, const std::string& group = "g") {
        watch.begin_look(StayWatch::Time(at));
        return watch.add(group, members);
    }
    StayWatch watch;
};

TEST_CASE("stay: at the first look nothing stayed, nothing grew") {
    Watched watched;
    CHECK(watched.look(seconds(10), {1, 2, 3}) == Stay{});
    CHECK(watched.watch.looks() == 1);
    CHECK(watched.watch.since_first() == seconds(0));
}

TEST_CASE("stay: what was there before stayed, since it was seen first") {
    Watched watched;
    (void)watched.look(seconds(10), {1, 2, 3});
    CHECK(watched.look(seconds(20), {2, 3, 4, 5}) ==
          Stay{.stayed = 2, .oldest = seconds(10), .growth = 1, .growth_in_all = 1});
    CHECK(watched.look(seconds(35), {3, 4}) ==
          Stay{.stayed = 2, .oldest = seconds(25), .growth = -2, .growth_in_all = -1});
    CHECK(watched.watch.since_last() == seconds(15));
    CHECK(watched.watch.since_first() == seconds(25));
}

TEST_CASE("stay: what was gone at one look is new at the next") {
    Watched watched;
    (void)watched.look(seconds(0), {1});
    (void)watched.look(seconds(1), {});
    CHECK(watched.look(seconds(2), {1}) == Stay{.stayed = 0, .oldest = {}, .growth = 1, .growth_in_all = 0});
}

TEST_CASE("stay: a group that came later has grown from nothing; one that is gone shrank to it") {
    Watched watched;
    (void)watched.look(seconds(0), {1, 2}, "gone");
    CHECK(watched.look(seconds(1), {3, 4}, "new") ==
          Stay{.stayed = 0, .oldest = {}, .growth = 2, .growth_in_all = 2});
    CHECK(watched.look(seconds(2), {5}, "gone") ==
          Stay{.stayed = 0, .oldest = {}, .growth = 1, .growth_in_all = -1});
}

TEST_CASE("stay: two parts of one group are one group") {
    Watched watched;
    (void)watched.look(seconds(0), {1, 2});
    watched.watch.begin_look(StayWatch::Time(seconds(5)));
    CHECK(watched.watch.add("g", Members{1}).growth == -1);
    CHECK(watched.watch.add("g", Members{2, 3}).growth == 1);
}

}  // namespace
}  // namespace corotrace::findings_stay_watch_test
