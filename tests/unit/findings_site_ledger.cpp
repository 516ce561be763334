// SPDX-License-Identifier: MIT
#include "tracer/findings/site_ledger.hpp"

#include "tracer/findings/fingerprint.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"

namespace corotrace::findings_site_ledger_test {

namespace {

Finding drop(const std::string& name, int line) {
    Finding finding;
    finding.coroutine.qualname = name;
    finding.coroutine.file = "/srv/app.py";
    Frame& frame = finding.dropped.frames.emplace().emplace_back();
    frame.function = frame.name = "handler";
    frame.file = "/srv/app.py";
    frame.line = line;
    return finding;
}

void add(SiteLedger& ledger, const std::string& name, int line, std::uint64_t key, int times) {
    for (int i = 0; i < times; ++i) {
        Finding finding = drop(name, line);
        ledger.add(finding, key);
        CHECK(finding.count == static_cast<std::uint64_t>(i) + 1);
        CHECK(finding.first_at_site == (i == 0));
    }
}

}  // namespace

TEST_CASE("a site is a coroutine and its drop stack") {
    SiteLedger ledger;
    add(ledger, "save", 10, 0x1000, 3);
    add(ledger, "save", 20, 0x1000, 1);
    add(ledger, "mail", 10, 0x2000, 2);
    CHECK(ledger.site_count() == 3);
    CHECK(ledger.sampled() == 6);
    const auto sites = ledger.finish({{.key = 0x1000, .count = 4}, {.key = 0x2000, .count = 2}});
    REQUIRE(sites.size() == 3);
    CHECK(sites[0].count == 3);
    CHECK(sites[0].exact);
    CHECK(sites[0].first.count == 1);
}

TEST_CASE("what was only counted is divided as the sample was, and the sum stays exact") {
    SiteLedger ledger;
    add(ledger, "save", 10, 0x1000, 2);
    add(ledger, "save", 20, 0x1000, 1);
    const auto sites = ledger.finish({{.key = 0x1000, .count = 1000}});
    REQUIRE(sites.size() == 2);
    CHECK(*sites[0].count + *sites[1].count == 1000);
    CHECK(sites[0].count == 667);
    CHECK_FALSE(sites[0].exact);
    CHECK_FALSE(sites[1].exact);
}

TEST_CASE("the count of a row of one place is its site's, and rows of one site add up") {
    SiteLedger ledger;
    Finding first = drop("save", 10);
    ledger.add(first, 0x1000, RowKind::kPlace);
    Finding elsewhere = drop("save", 20);
    ledger.add(elsewhere, 0x2000, RowKind::kPlace);
    Finding same = drop("save", 10);
    ledger.add(same, 0x3000, RowKind::kPlace);
    const std::vector<RowTotal> rows{
        {.key = 0x1000, .count = 30000}, {.key = 0x2000, .count = 3}, {.key = 0x3000, .count = 7}};
    auto sites = ledger.finish(rows);
    REQUIRE(sites.size() == 2);
    CHECK(sites[0].count == 30007);
    CHECK(sites[0].exact);
    CHECK(sites[1].count == 3);
    CHECK(sites[1].exact);

    SECTION("unless it turned out to be of two after all") {
        Finding other = drop("save", 20);
        ledger.add(other, 0x1000, RowKind::kPlace);
        sites = ledger.finish(rows);
        CHECK_FALSE(sites[0].exact);
        CHECK_FALSE(sites[1].exact);
        CHECK(*sites[0].count + *sites[1].count == 30010);
    }
    SECTION("or may have been") {
        ledger.doubt(0x3000);
        CHECK_FALSE(ledger.finish(rows)[0].exact);
        CHECK(ledger.finish(rows)[1].exact);
        ledger.doubt_all();
        CHECK_FALSE(ledger.finish(rows)[1].exact);
    }
    SECTION("or a drop in it says so") {
        Finding again = drop("save", 20);
        ledger.add(again, 0x2000, RowKind::kSeveral);
        CHECK_FALSE(ledger.finish(rows)[1].exact);
    }
}

TEST_CASE("a drop that does not tell what its row counts leaves that to others") {
    SiteLedger ledger;
    const std::vector<RowTotal> rows{{.key = 0x1000, .count = 30000}};
    Finding first = drop("save", 10);
    ledger.add(first, 0x1000, RowKind::kUnknown);
    CHECK_FALSE(ledger.finish(rows)[0].exact);
    Finding second = drop("save", 10);
    ledger.add(second, 0x1000, RowKind::kPlace);
    CHECK(ledger.finish(rows)[0].exact);
    CHECK(ledger.finish(rows)[0].count == 30000);
    Finding third = drop("save", 10);
    ledger.add(third, 0x1000, RowKind::kSeveral);
    Finding fourth = drop("save", 10);
    ledger.add(fourth, 0x1000, RowKind::kPlace);
    CHECK_FALSE(ledger.finish(rows)[0].exact);
}

TEST_CASE("a function that exists twice has its sites once") {
    SiteLedger ledger;
    add(ledger, "save", 10, 0x1000, 2);
    Finding again = drop("save", 10);
    ledger.add(again, 0x2000);
    CHECK(again.count == 3);
    CHECK_FALSE(again.first_at_site);
    CHECK(ledger.site_count() == 1);
    const auto sites = ledger.finish({{.key = 0x1000, .count = 2}, {.key = 0x2000, .count = 5}});
    REQUIRE(sites.size() == 1);
    CHECK(sites[0].count == 7);
    CHECK(sites[0].sampled == 3);
    CHECK_FALSE(sites[0].exact);
}

TEST_CASE("a row that counted nothing seen is told apart") {
    SiteLedger ledger;
    add(ledger, "save", 10, 0x1000, 1);
    const std::vector<RowTotal> rows{{.key = 0x1000, .count = 1}, {.key = 0x3000, .count = 7}, {}};
    const auto unseen = ledger.unseen_rows(rows);
    REQUIRE(unseen.size() == 1);
    CHECK(unseen[0].key == 0x3000);
    CHECK(ledger.finish(rows).size() == 1);
}

TEST_CASE("a fingerprint depends on the place and on nothing that changes from run to run") {
    Finding one = drop("save", 10);
    Finding other = drop("save", 10);
    other.pid = 4711;
    other.tid = 4712;
    other.coroutine.arguments.emplace().push_back({.name = "x", .type = "int", .value = "1"});
    CHECK(make_fingerprint(one) == make_fingerprint(other));
    CHECK(make_fingerprint(one).size() == 16);
    CHECK(make_fingerprint(one) != make_fingerprint(drop("save", 11)));
    CHECK(make_fingerprint(one) != make_fingerprint(drop("mail", 10)));
}

TEST_CASE(
    "places beyond what can be kept are folded by coroutine, the least frequent ones, and still counted") {
    SiteLedger ledger;
    add(ledger, "busy", 1, 0x1000, 50);
    constexpr int kPlaces = 30'000;
    for (int line = 0; line < kPlaces; ++line) add(ledger, line % 2 == 0 ? "save" : "mail", line, 0x2000, 1);
    CHECK(ledger.folded() > kPlaces / 2);
    CHECK(ledger.site_count() < kPlaces / 2);
    CHECK(ledger.sampled() == kPlaces + 50);
    Finding again = drop("save", kPlaces - 10);  // one that was folded is not new
    ledger.add(again, 0x2000);
    CHECK_FALSE(again.first_at_site);
    const auto sites = ledger.finish({{.key = 0x1000, .count = 50}, {.key = 0x2000, .count = kPlaces + 1}});
    std::uint64_t total = 0;
    std::uint64_t folds = 0;
    for (const SiteCount& site : sites) {
        total += *site.count;
        if (site.first.dropped.frames) continue;
        ++folds;
        CHECK(site.folded > kPlaces / 8);
        CHECK(site.first.notes.size() == 1);
        CHECK((site.first.coroutine.qualname == "save" || site.first.coroutine.qualname == "mail"));
    }
    CHECK(total == kPlaces + 51);
    CHECK(folds == 2);
    const auto busy = std::ranges::find(
        sites, "busy", [](const SiteCount& site) { return site.first.coroutine.qualname.value_or(""); });
    REQUIRE(busy != sites.end());
    CHECK(busy->count == 50);
    CHECK(busy->folded == 0);
    CHECK(busy->first.dropped.frames);
}

TEST_CASE("a drop that was not looked at names a site, whose count is its row's") {
    SiteLedger ledger;
    Finding captured;
    captured.coroutine.qualname = "captured";
    ledger.add(captured, 0x1000, RowKind::kPlace, false);
    CHECK(captured.first_at_site);
    CHECK(captured.count == 1);
    CHECK(ledger.sampled() == 0);
    CHECK(ledger.knows(0x1000));
    const auto sites = ledger.finish({{.key = 0x1000, .count = 7}});
    REQUIRE(sites.size() == 1);
    CHECK(sites[0].count == 7);
    CHECK(sites[0].sampled == 0);
    CHECK(sites[0].exact);
    CHECK(ledger.unseen_rows({{.key = 0x1000, .count = 7}}).empty());
}

TEST_CASE("folding is bounded where every place has a coroutine of its own") {
    SiteLedger ledger;
    for (int line = 0; line < 60'000; ++line) add(ledger, "f" + std::to_string(line), line, 0, 1);
    CHECK(ledger.site_count() < 10'000);
    CHECK(ledger.sampled() == 60'000);
    std::uint64_t total = 0;
    for (const SiteCount& site : ledger.finish({})) total += *site.count;
    CHECK(total == 60'000);
}

}  // namespace corotrace::findings_site_ledger_test
