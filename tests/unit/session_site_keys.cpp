// SPDX-License-Identifier: MIT
#include "tracer/session/site_keys.hpp"

#include "cpython_layouts/version.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_target.hpp"

namespace corotrace::session_site_keys_test {

namespace {

constexpr std::uint64_t kKey = 0x5550, kCode = 0x1000;

DropEvidence drop_of(std::uint64_t key = kKey, std::uint64_t code = kCode) {
    DropEvidence drop;
    drop.key = key;
    drop.code = code;
    return drop;
}

ProbeControl::Planted planted(std::optional<std::string> no_places) {
    return {.cross_check = true, .no_places = std::move(no_places), .notes = {}};
}

}  // namespace

TEST_CASE("one drop of a place is enough") {
    SiteKeys keys(false);
    StopPolicy stops(0.01, false);
    keys.begin(planted(std::nullopt), stops);
    CHECK(keys.are_places());
    CHECK_FALSE(keys.has_enough(kKey));
    const DropEvidence drop = drop_of();
    CHECK(keys.kind_of(drop, RowKind::kPlace) == RowKind::kPlace);
    keys.learn(drop, RowKind::kPlace, false);
    CHECK(keys.has_enough(kKey));
    CHECK_FALSE(keys.next_stops(drop));
    FakeReader reader;
    SiteLedger ledger;
    keys.look_again(reader, ledger);
    CHECK(keys.has_enough(kKey));
    reader.reused = {kKey};
    keys.look_again(reader, ledger);
    CHECK_FALSE(keys.has_enough(kKey));
    CHECK(keys.notes().empty());
}

TEST_CASE(
    "a row that may be of several places, of a function, of calls or of the rest gets more stops, once") {
    SiteKeys keys(false);
    StopPolicy stops(0.01, false);
    keys.begin(planted(std::nullopt), stops);
    const auto [drop, tells, more] = GENERATE(table<DropEvidence, RowKind, bool>({
        {drop_of(), RowKind::kSeveral, false},
        {drop_of(), RowKind::kUnknown, false},
        {drop_of(), RowKind::kPlace, true},
        {drop_of(kCode, kCode), RowKind::kPlace, false},
        {drop_of(kKey | 3, kKey | 3), RowKind::kPlace, false},
        {drop_of(0, 0), RowKind::kPlace, false},
    }));
    keys.learn(drop, tells, more);
    CHECK_FALSE(keys.has_enough(drop.key));
    CHECK(keys.next_stops(drop));
    CHECK_FALSE(keys.next_stops(drop));
    CHECK((keys.kind_of(drop, tells) == RowKind::kPlace) == more);
}

TEST_CASE("a drop of which not all was read does not tell what its row counts") {
    DropEvidence drop = drop_of();
    drop.layout = *find_layout({3, 12});
    drop.thread.emplace();
    drop.stack.emplace();
    CHECK(tell_row_kind(drop, {}) == RowKind::kPlace);
    drop.ran_out = true;
    CHECK(tell_row_kind(drop, {}) == RowKind::kUnknown);
    drop.ran_out = false;
    drop.stack->truncated = true;
    CHECK(tell_row_kind(drop, {}) == RowKind::kSeveral);
    drop.stack.reset();
    CHECK(tell_row_kind(drop, {}) == RowKind::kSeveral);
}

TEST_CASE("who wants each drop has never enough") {
    SiteKeys keys(true);
    StopPolicy stops(0.01, false);
    keys.begin(planted(std::nullopt), stops);
    keys.learn(drop_of(), RowKind::kPlace, false);
    CHECK_FALSE(keys.has_enough(kKey));
    CHECK(keys.kind_of(drop_of(), RowKind::kPlace) == RowKind::kPlace);
    CHECK(keys.ask(stops).stops_of_place == stops.initial_stops(false));
}

TEST_CASE("a wrong key ends it") {
    SiteKeys keys(false);
    StopPolicy stops(0.01, false);
    FakeProbes probes;
    keys.begin(planted(std::nullopt), stops);
    keys.check(probes, drop_of(), stops);
    CHECK(keys.are_places());
    CHECK(stops.initial_stops() == 1);
    keys.learn(drop_of(), RowKind::kPlace, false);
    probes.key = ProbeControl::KeyCheck::kWrong;
    keys.check(probes, drop_of(), stops);
    CHECK(stops.initial_stops() > 1);
    CHECK(probes.initial_stops == stops.initial_stops());
    CHECK(probes.gave_up_places);
    CHECK(keys.have_failed());
    CHECK_FALSE(keys.are_places());
    CHECK_FALSE(keys.has_enough(kKey));
    CHECK(keys.kind_of(drop_of(), RowKind::kPlace) == RowKind::kSeveral);
    CHECK(keys.notes().size() == 1);
}

TEST_CASE("keys that could not be proved while all threads worked are proved by one that stands") {
    SiteKeys keys(false);
    StopPolicy stops(0.01, false);
    FakeProbes probes;
    keys.begin(planted("no thread runs Python"), stops);
    CHECK_FALSE(keys.are_places());
    keys.check(probes, drop_of(kCode, kCode), stops);
    CHECK_FALSE(keys.are_places());
    CHECK(stops.initial_stops() > 1);
    CHECK(keys.notes().front().find("no thread runs Python") != std::string::npos);
    probes.proves_places = true;
    keys.check(probes, drop_of(kCode, kCode), stops);
    CHECK(probes.initial_stops == 1);
    CHECK(keys.are_places());
    CHECK(keys.kind_of(drop_of(kCode, kCode), RowKind::kPlace) == RowKind::kSeveral);  // from before
    CHECK(keys.kind_of(drop_of(), RowKind::kPlace) == RowKind::kPlace);
}

}  // namespace corotrace::session_site_keys_test
