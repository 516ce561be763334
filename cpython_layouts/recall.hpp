// SPDX-License-Identifier: MIT
// Recall: facts of objects that cannot change (code, types), kept from one stop of the target to the next. An
// object may be freed and another one take its address, so a fact is held against the object: before it is
// told, and again when the thread runs on, by confirm(). Once that has gone well kSteady times the fact is
// steady and told without a read while the thread is stopped; confirm() is then all that holds it to the
// truth.
#pragma once

#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "cpython_layouts/layout.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

// A Fact is copied out by `Result<Fact> Fact::read(memory, layout, address)`, and held against the object
// that is there now by `Result<bool> is_still(memory, layout, fact)`.
template <typename Fact>
class Recall {
public:
    explicit Recall(std::size_t max_facts = 4096) : max_facts_(max_facts) {}

    // The object must be held by something that cannot go meanwhile (a frame of a stopped thread). Shared: a
    // stack keeps its facts while they may be forgotten here. Cost: nothing if steady. Errors: of reading.
    [[nodiscard]] Result<std::shared_ptr<const Fact>> find_or_read(const RemoteMemory& memory,
                                                                   const Layout& layout, RemoteAddr address) {
        const auto known = facts_.find(address);
        if (known != facts_.end()) {
            const Known& it = known->second;
            const bool is_steady = it.confirmed >= kSteady;
            bool is_same = is_steady;
            if (!is_steady) {
                CT_TRY(is_same, is_still(memory, layout, *it.fact));
            }
            if (is_same) {
                told_.emplace(address, Told{it.fact, is_steady});
                return it.fact;
            }
        }
        CT_TRY(auto fact, Fact::read(memory, layout, address));
        auto shared = std::make_shared<const Fact>(std::move(fact));
        if (facts_.size() >= max_facts_) facts_.clear();  // rare, and the next stops fill it again
        facts_.insert_or_assign(address, Known{shared, 0});
        return shared;
    }

    // To be called after each stop. Facts that were told without a read since the last call and are true no
    // more: the object was freed when the thread ran on, or, hardly, before. Their addresses are never steady
    // again. Errors: gone (nothing can be said any more).
    [[nodiscard]] Result<std::vector<std::shared_ptr<const Fact>>> confirm(const RemoteMemory& memory,
                                                                           const Layout& layout) {
        std::vector<std::shared_ptr<const Fact>> doubtful;
        for (const auto& [address, told] : std::exchange(told_, {})) {
            auto still = is_still(memory, layout, *told.fact);
            if (!still && still.error().code == Errc::gone) return std::move(still).error();
            const auto known = facts_.find(address);
            if (still.value_or(false)) {
                if (known != facts_.end() && !unsteady_.contains(address)) ++known->second.confirmed;
                continue;
            }
            if (told.unread) doubtful.push_back(told.fact);
            if (known != facts_.end()) facts_.erase(known);
            if (unsteady_.size() < max_facts_) unsteady_.insert(address);
        }
        return doubtful;
    }

    [[nodiscard]] std::size_t size() const { return facts_.size(); }

    static constexpr unsigned kSteady = 32;

private:
    struct Known {
        std::shared_ptr<const Fact> fact;
        unsigned confirmed = 0;
    };
    struct Told {
        std::shared_ptr<const Fact> fact;
        bool unread = false;
    };
    std::unordered_map<RemoteAddr, Known> facts_;
    std::unordered_map<RemoteAddr, Told> told_;  // since the last confirm()
    std::unordered_set<RemoteAddr> unsteady_;
    std::size_t max_facts_;
};

}  // namespace corotrace
