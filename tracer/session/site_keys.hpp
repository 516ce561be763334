// SPDX-License-Identifier: MIT
// SiteKeys: whether the stub's rows are places, as long as that holds, and of which rows enough was seen. A
// row of a place needs one stop, unless its drop says that it may stand for several places, or more is wanted
// of it. The first keys are made once more from outside while their threads stand: one that differs ends it,
// and rows are functions from then on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tracer/findings/site_ledger.hpp"
#include "tracer/session/captures.hpp"
#include "tracer/session/live_target.hpp"
#include "tracer/session/stop_policy.hpp"

namespace corotrace {

// kPlace: all drops with this one's key are dropped where this one was. Not if a function ended of which the
// thread state has nothing: up to 3.10 of none, later not of coroutines. kUnknown: not all was read of it.
// `finding` was made of `drop`.
[[nodiscard]] RowKind tell_row_kind(const DropEvidence& drop, const Finding& finding);

class SiteKeys {
public:
    // `wants_each`: no row is ever seen enough of.
    explicit SiteKeys(bool wants_each) : wants_each_(wants_each) {}

    // What plant() is to be asked for, and what came of it. `stops` is told how rows are examined.
    // `many_captures`: stops are asked for at times only.
    [[nodiscard]] ProbeControl::Budget ask(const StopPolicy& stops, bool many_captures = false) const;
    void begin(const ProbeControl::Planted& planted, StopPolicy& stops);
    // Needs: the thread of `drop` stopped. Writes it to the probes if rows are something else from now on, or
    // if one may stop more often.
    void check(ProbeControl& probes, const DropEvidence& drop, StopPolicy& stops);
    [[nodiscard]] bool are_places() const { return state_ == State::kPlaces; }
    // Keys turned out to be wrong: so were the rows that were taken for places.
    [[nodiscard]] bool have_failed() const { return state_ == State::kFailed; }

    // Of the row of a drop; `told` by tell_row_kind().
    [[nodiscard]] RowKind kind_of(const DropEvidence& drop, RowKind told) const;
    // A drop of this row was examined. `more`: further ones are wanted.
    void learn(const DropEvidence& drop, RowKind told, bool more);
    // Stops to allow it at once, so that a short storm is not over before more was seen of it. Given once.
    [[nodiscard]] std::optional<std::uint32_t> next_stops(const DropEvidence& drop);
    [[nodiscard]] bool has_enough(std::uint64_t key) const;
    // Stops for the rows that may still be told more of. To be called at a tick.
    void share_out(ProbeControl& probes, StopPolicy& stops, std::vector<StubRow>& rows,
                   const SiteLedger& ledger) const;
    // Rows that may count for another place by now are checked again, and their counts are doubted.
    void look_again(TargetReader& reader, SiteLedger& ledger, CodeLook look = CodeLook::kSome);

    // While no drop is examined the proof comes from the threads as they are. To be called at a tick.
    void prove(ProbeControl& probes, StopPolicy& stops);

    // Places that the stub captured wait for a stop that tells more.
    [[nodiscard]] bool wait_for_stops() const { return captures_.is_waiting(); }
    // By the last call of take_captures().
    [[nodiscard]] bool captured_any() const { return captures_.took_any(); }
    [[nodiscard]] bool have_more_captures() const { return captures_.has_more(); }
    // As Captures::take().
    // Makes room for more, no matter how busy it is.
    void drain_captures(ProbeControl& probes) { captures_.drain(probes); }
    [[nodiscard]] std::vector<DropEvidence> take_captures(const LiveTarget& target, const SiteLedger& ledger,
                                                          const std::string& why,
                                                          Captures::Clock::duration patience) {
        return captures_.take(target, ledger, why, patience);
    }

    // What the report has to say of it.
    [[nodiscard]] std::vector<std::string> notes() const;

private:
    enum class State : std::uint8_t {
        kUnproved,  // they are functions, until a drop's thread proves that keys of places can be made
        kPlaces,
        kFailed,
    };
    struct Row {
        bool has_enough = false;
        bool was_given_more = false;
    };
    void become(State state, StopPolicy& stops);

    static constexpr std::uint32_t kChecks = 16;  // keys
    static constexpr std::uint32_t kMoreStops = 15;

    bool wants_each_;
    State state_ = State::kUnproved;
    bool was_unproved_ = false;
    std::string why_;
    std::uint32_t checked_ = 0;
    Captures captures_;
    std::unordered_map<std::uint64_t, Row> rows_;  // by key; of those that were examined
};

}  // namespace corotrace
