// SPDX-License-Identifier: MIT
// Mistakes that the code shows though something else raised first: what it would have done with the
// coroutine.
#include <algorithm>

#include "tracer/diagnose/mistake_rules.hpp"

namespace corotrace {

namespace {

using Index = SiteCode::Index;

// What becomes of a value. kKept: it goes into what the function returns, under a name.
enum class Fate : std::uint8_t { kUnclear, kUsed, kKept, kUnused };

class FateFinder {
public:
    explicit FateFinder(const SiteCode& code) : code_(code) {}

    Fate find(Index maker, int depth = 0) const {
        constexpr int kDeepest = 4;
        const auto taker = code_.consumer(maker);
        if (!taker || depth > kDeepest) return Fate::kUnclear;
        const Op op = code_.at(*taker).op;
        if (is_any(op, {Op::kStoreAttr, Op::kStoreSubscript}) && is_stored(*taker, maker))
            return Fate::kUnclear;
        if (uses_operand(op)) return Fate::kUsed;
        if (SiteCode::is_call(op)) return find_at_call(*taker, depth);
        if (op == Op::kStoreFast) return find_in_variable(*taker, depth);
        const bool map = op == Op::kBuild && code_.at(*taker).row->name.find("MAP") != std::string_view::npos;
        return map && is_returned(*taker) ? Fate::kKept : Fate::kUnclear;
    }

private:
    // `owner.name = value`: the value is the first operand.
    [[nodiscard]] bool is_stored(Index store, Index value) const {
        const auto operands = code_.flow().operands(store);
        return !operands.empty() && code_.flow().maker(operands.front()) == value;
    }

    [[nodiscard]] bool is_returned(Index maker) const {
        const auto taker = code_.consumer(maker);
        return taker && code_.at(*taker).op == Op::kReturn;
    }

    [[nodiscard]] Fate find_at_call(Index call, int depth) const {
        switch (kind_of_callee(code_.describe_callee(call))) {
            case CalleeKind::kFormats:
            case CalleeKind::kTests:
            case CalleeKind::kUses:
                return Fate::kUsed;
            case CalleeKind::kPlain:
                break;
            case CalleeKind::kSchedules:
            case CalleeKind::kCallsBack:
                return Fate::kUnclear;
        }
        return depth == 0 && code_.describe_callee(call) == "dict" && is_returned(call) ? Fate::kKept
                                                                                        : Fate::kUnclear;
    }

    [[nodiscard]] Fate find_in_variable(Index store, int depth) const {
        if (code_.awaits(code_.name_of(store))) return Fate::kUnclear;
        Fate found = Fate::kUnused;
        for (Index i = 0; i < code_.flow().instructions().size(); ++i) {
            if (code_.at(i).row == nullptr || !is_any(code_.at(i).op, {Op::kLoadFast, Op::kLoadDeref}))
                continue;
            if (code_.name_of(i) != code_.name_of(store)) continue;
            const Fate fate = find(i, depth + 1);
            if (fate == Fate::kUnclear) return fate;
            if (found != Fate::kUsed) found = fate;
        }
        return found;
    }

    const SiteCode& code_;
};

}  // namespace

bool uses_operand(Op op) {
    return is_any(op, {Op::kLoadAttr, Op::kStoreAttr, Op::kDeleteAttr, Op::kSubscript, Op::kStoreSubscript,
                       Op::kDeleteSubscript, Op::kBinary, Op::kCompare, Op::kUnpack, Op::kGetIter,
                       Op::kGetAiter, Op::kWith, Op::kFormat});
}

std::optional<Verdict> judge_never_awaited(const SiteCode& code, Index making, const std::string& raised) {
    const std::string function = code.code().name + "()";
    const auto say = [&](std::string id, const std::string& what) {
        return Verdict{.id = std::move(id),
                       .sentence = code.name_call(making) + " makes a coroutine, which " + function + what +
                                   "; before that, " + raised + " raised",
                       .repair = Repair::kAwait,
                       .call = making};
    };
    switch (FateFinder(code).find(making)) {
        case Fate::kUnclear:
            break;
        case Fate::kUsed:
            return say("used_as_value", " uses as if it were its result");
        case Fate::kKept:
            return say("kept_in_container", " puts into a dict and does not await");
        case Fate::kUnused:
            return say("assigned_never_used", " assigns and never awaits");
    }
    return std::nullopt;
}

}  // namespace corotrace
