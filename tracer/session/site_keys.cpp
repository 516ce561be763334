// SPDX-License-Identifier: MIT
#include "tracer/session/site_keys.hpp"

#include "tracer/diagnose/drop_cause.hpp"
#include "tracer/probes/site_walk.hpp"

namespace corotrace {

namespace {

bool is_keyed(const DropEvidence& drop) {
    return drop.key != 0 && !arch::is_call_key(drop.key);
}

}  // namespace

RowKind tell_row_kind(const DropEvidence& drop, const Finding& finding) {
    const auto is_place = [](bool yes) { return yes ? RowKind::kPlace : RowKind::kSeveral; };
    const bool is_seen_by_key =
        drop.layout->frame_rule != FrameRule::kFrameObjects || !can_have_ended(*drop.layout, drop.site);
    if (drop.captured) return is_place(drop.stack && drop.depth <= kSureFrames && is_seen_by_key);
    if (drop.ran_out) return RowKind::kUnknown;
    if (!drop.stack || !drop.thread) return RowKind::kSeveral;
    const bool has_ended = finding.dropped.ended.has_value();
    if (finding.dropped.cause == DropCause::kCyclicGc && !has_ended) return RowKind::kPlace;
    if (drop.stack->truncated || drop.stack->frames.size() > kSureFrames) return RowKind::kSeveral;
    return is_place(has_ended ? drop.ended_next : is_seen_by_key);
}

ProbeControl::Budget SiteKeys::ask(const StopPolicy& stops, bool many_captures) const {
    return {.initial_stops = stops.initial_stops(false),
            .stops_of_place = stops.initial_stops(!wants_each_),
            .stops = stops.affordable(),
            .capture_only = stops.is_muted(),
            .many_captures = many_captures};
}

void SiteKeys::begin(const ProbeControl::Planted& planted, StopPolicy& stops) {
    was_unproved_ = planted.no_places.has_value();
    why_ = planted.no_places.value_or("");
    become(was_unproved_ ? State::kUnproved : State::kPlaces, stops);
}

void SiteKeys::become(State state, StopPolicy& stops) {
    state_ = state;
    checked_ = 0;
    stops.look_once(are_places() && !wants_each_);
}

void SiteKeys::check(ProbeControl& probes, const DropEvidence& drop, StopPolicy& stops) {
    // Tasks that wait at several places share a row, and often go away together.
    if (drop.lost_task) {
        if (const auto more = next_stops(drop)) probes.grant(drop, *more);
    }
    if (!is_keyed(drop) || checked_ >= kChecks || state_ == State::kFailed) return;
    ++checked_;
    if (state_ == State::kUnproved) {
        if (!probes.prove_places(drop)) return;
        become(State::kPlaces, stops);
    } else {
        const auto found = probes.check_key(drop);
        if (found != ProbeControl::KeyCheck::kRight) --checked_;
        if (found != ProbeControl::KeyCheck::kWrong) return;
        probes.give_up_places();
        become(State::kFailed, stops);
    }
    probes.write_initial_stops(stops.initial_stops());
}

void SiteKeys::prove(ProbeControl& probes, StopPolicy& stops) {
    if (state_ != State::kUnproved || !stops.is_muted() || !probes.prove_places()) return;
    become(State::kPlaces, stops);
    probes.write_initial_stops(stops.initial_stops());
}

RowKind SiteKeys::kind_of(const DropEvidence& drop, RowKind told) const {
    // Rows from before the proof are functions still.
    const bool may_be_place = are_places() && is_keyed(drop) && drop.key != drop.code;
    return may_be_place ? told : RowKind::kSeveral;
}

void SiteKeys::learn(const DropEvidence& drop, RowKind told, bool more) {
    rows_[drop.key].has_enough =
        kind_of(drop, told) == RowKind::kPlace && !more && !wants_each_ && !drop.captured;
}

std::optional<std::uint32_t> SiteKeys::next_stops(const DropEvidence& drop) {
    if (!are_places() || wants_each_) return std::nullopt;
    Row& row = rows_[drop.key];
    if (row.has_enough || row.was_given_more) return std::nullopt;
    row.was_given_more = true;
    return kMoreStops;
}

bool SiteKeys::has_enough(std::uint64_t key) const {
    const auto row = rows_.find(key);
    return are_places() && row != rows_.end() && row->second.has_enough;
}

void SiteKeys::share_out(ProbeControl& probes, StopPolicy& stops, std::vector<StubRow>& rows,
                         const SiteLedger& ledger) const {
    const auto is_idle = [&](auto key) { return ledger.has_only_others(key) || has_enough(key); };
    for (const auto& grant : stops.share_out(rows, is_idle)) probes.grant(grant.row, grant.stops);
}

void SiteKeys::look_again(TargetReader& reader, SiteLedger& ledger, CodeLook look) {
    for (const std::uint64_t key : reader.find_reused_places(look)) {
        ledger.doubt(key);
        rows_.erase(key);
    }
}

std::vector<std::string> SiteKeys::notes() const {
    switch (state_) {
        case State::kPlaces:
            if (!was_unproved_) return {};
            return {"until the first drop was sampled, places that forget the same coroutine shared a count"};
        case State::kFailed:
            return {
                "places that forget the same coroutine share a count: the stub made another key of a place "
                "than was expected"};
        case State::kUnproved:
            break;
    }
    return {"places that forget the same coroutine share a count: " + why_};
}

}  // namespace corotrace
