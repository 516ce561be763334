// SPDX-License-Identifier: MIT
// Recall: facts of objects that cannot change (code, types), kept from one stop of the target to the next.
// While a thread is stopped a known fact costs no read at all. That the object was still the same one, and
// not another at the address of one that was freed, is found out when the thread runs again: confirm() reads
// what was recalled once more. An address where that failed once is read at each stop from then on.
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
    // stack keeps its facts while they may be forgotten here. Cost: nothing if known. Errors: of reading.
    [[nodiscard]] Result<std::shared_ptr<const Fact>> find_or_read(const RemoteMemory& memory,
                                                                   const Layout& layout, RemoteAddr address) {
        const auto known = facts_.find(address);
        if (known != facts_.end()) {
            recalled_.emplace(address, known->second);
            return known->second;
        }
        CT_TRY(auto fact, Fact::read(memory, layout, address));
        auto shared = std::make_shared<const Fact>(std::move(fact));
        if (unsteady_.contains(address)) return shared;
        if (facts_.size() >= max_facts_) facts_.clear();  // rare, and the next stops fill it again
        facts_.emplace(address, shared);
        return shared;
    }

    // To be called after each stop. The recalled addresses that hold another object now; what was told of
    // them since the last call may be wrong. Errors: gone (nothing can be said any more).
    [[nodiscard]] Result<std::vector<RemoteAddr>> confirm(const RemoteMemory& memory, const Layout& layout) {
        std::vector<RemoteAddr> replaced;
        for (const auto& [address, fact] : std::exchange(recalled_, {})) {
            auto still = is_still(memory, layout, *fact);
            if (!still && still.error().code == Errc::gone) return std::move(still).error();
            if (still.value_or(false)) continue;
            replaced.push_back(address);
            facts_.erase(address);
            if (unsteady_.size() < max_facts_) unsteady_.insert(address);
        }
        return replaced;
    }

    [[nodiscard]] std::size_t size() const { return facts_.size(); }

private:
    std::unordered_map<RemoteAddr, std::shared_ptr<const Fact>> facts_;
    std::unordered_map<RemoteAddr, std::shared_ptr<const Fact>> recalled_;  // since the last confirm()
    std::unordered_set<RemoteAddr> unsteady_;
    std::size_t max_facts_;
};

}  // namespace corotrace
