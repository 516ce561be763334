// SPDX-License-Identifier: MIT
// Rates of sites, and the table where there is no screen.
#include "tracer/screen/top_rates.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/findings.hpp"
#include "tracer/screen/top_table.hpp"

namespace corotrace::screen_top_rates_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = TopRates::Clock;

const Clock::time_point kBegin{std::chrono::hours(1)};

// A run that was told of `often` and `seldom` at `counted`.
LiveSnapshot make_counts(std::uint64_t often, std::uint64_t seldom, Clock::time_point counted) {
    LiveSnapshot counts;
    Finding one = test::make_ordinary_finding();
    counts.sites.push_back({.first = std::make_shared<const Finding>(one), .count = often});
    one.fingerprint = "0000000000000009";
    one.coroutine.qualname = "Store.load";
    if (seldom > 0) counts.sites.push_back({.first = std::make_shared<const Finding>(one), .count = seldom});
    counts.never_awaited = often + seldom;
    counts.counted = counted;
    return counts;
}

}  // namespace

TEST_CASE("rates are those between the times at which counts came, whenever somebody looks") {
    TopRates rates;
    CHECK(rates.add(make_counts(10, 0, kBegin), kBegin).sites[0].per_second == 0.0);
    CHECK(rates.add(make_counts(110, 0, kBegin + seconds(1)), kBegin + milliseconds(1900))
              .sites[0]
              .per_second == 100.0);
    const TopCounts later = rates.add(make_counts(210, 4, kBegin + seconds(2)), kBegin + milliseconds(2100));
    CHECK(later.sites[0].per_second == 100.0);
    CHECK(later.sites[1].per_second == 2.0);  // it was not there at the beginning
    CHECK(later.per_second == 102.0);
    CHECK(later.elapsed == milliseconds(2100));
    CHECK(later.sites[0].count == 210);
}

TEST_CASE("a moment of less than a second is no rate of its own") {
    TopRates rates;
    (void)rates.add(make_counts(0, 0, {}), kBegin);
    CHECK(rates.add(make_counts(50, 0, kBegin + milliseconds(250)), kBegin + milliseconds(300))
              .sites[0]
              .per_second == 50.0);
}

TEST_CASE("rates forget what is older than the window, and fall to nothing when nothing comes") {
    TopRates rates;
    (void)rates.add(make_counts(0, 0, {}), kBegin);
    for (int i = 1; i <= 20; ++i) {
        const auto time = kBegin + seconds(i);
        const std::uint64_t count = i <= 10 ? 1000 : 1000 + 10 * static_cast<std::uint64_t>(i - 10);
        const TopCounts counts = rates.add(make_counts(count, 0, time), time);
        if (i == 20) CHECK(counts.sites[0].per_second == 10.0);
    }
    double last = 0.0;
    for (int i = 21; i <= 40; ++i)
        last = rates.add(make_counts(1100, 0, kBegin + seconds(20)), kBegin + seconds(i)).sites[0].per_second;
    CHECK(last == 0.0);
}

TEST_CASE("a table has totals, and rows of those that drop most") {
    TopCounts counts = TopRates().add(make_counts(7990, 3, {}), kBegin);
    counts.elapsed = seconds(12);
    counts.sites[1].per_second = 0.4;
    counts.sites[0].exact = false;
    CHECK(format_top_table(counts, OwnCode(), 20) ==
          "12.0 s: 7993 never-awaited coroutines, 0/s, 2 sites; 0 stops, 0 us paused in all\n"
          "rate/s      count  coroutine   where                                     mistake\n"
          "   0.4          3  Store.load  /srv/app/cache.py:9 in Cache.__setitem__  tested_for_truth\n"
          "     0      ~7990  Store.save  /srv/app/cache.py:9 in Cache.__setitem__  tested_for_truth\n"
          "\n");
    const std::string cut = format_top_table(counts, OwnCode(), 1);
    CHECK(cut.find("Store.save") == std::string::npos);
    CHECK(cut.find("and 1 more\n") != std::string::npos);
}

TEST_CASE("rows of a screen are never wider than it") {
    const TopCounts counts = TopRates().add(make_counts(7990, 3, {}), kBegin);
    const TopRow row = make_top_row(counts.sites[0], OwnCode());
    CHECK(format_top_row(row, 80) ==
          "     0       7990  Store.save        /srv/app/cache.py:9        tested_for_truth");
    CHECK(format_top_row(row, 50) == "     0       7990  Store.save   .../app/cache.py:9");
    for (std::size_t columns = 0; columns < 200; ++columns)
        CHECK(format_top_row(row, columns).size() <= columns);
}

}  // namespace corotrace::screen_top_rates_test
