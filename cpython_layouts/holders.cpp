// SPDX-License-Identifier: MIT
#include "cpython_layouts/holders.hpp"

#include <algorithm>

#include "cpython_layouts/objects.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMaxWords = 64;  // examined of those that point to one object
constexpr std::chrono::seconds kTimeToName{2};

struct Word {
    RemoteAddr place;
    std::uint64_t word = 0;
};

// The way to one object, as far as it is known.
struct Way {
    HolderPath path;
    bool is_namespace = false;  // the object is the dict of something: its keys are names
    std::size_t steps = 0;
};

Way begin_way(const HolderSlot& slot) {
    Way way;
    way.path.path = way.path.general = slot.root_name;
    way.path.root = slot.root;
    way.path.frame = slot.frame;
    way.is_namespace = slot.root == HolderRoot::kModule;
    return way;
}

Way go_on(Way way, const HolderSlot& slot) {
    const bool was_namespace = std::exchange(way.is_namespace, false);
    ++way.steps;
    switch (slot.step) {
        case StepKind::kIndex:
            way.path.path += '[' + slot.text + ']';
            way.path.general += "[...]";
            return way;
        case StepKind::kKey:
            way.path.path += was_namespace ? '.' + slot.text : '[' + slot.shown_key + ']';
            way.path.general += was_namespace ? '.' + slot.text : "[...]";
            return way;
        case StepKind::kMember:
            way.path.path += "{...}";
            way.path.general += "{...}";
            return way;
        case StepKind::kField: {
            const bool is_first = way.path.path.empty();  // the variable of a frame
            way.path.path += (is_first ? "" : ".") + slot.text;
            way.path.general += (is_first ? "" : ".") + slot.text;
            return way;
        }
        case StepKind::kDict:
            way.is_namespace = true;
            return way;
        case StepKind::kCell:
            return way;
    }
    return way;
}

class Search {
public:
    Search(TimedMemory& memory, const PythonProcess& python, std::span<const AddressSpan> spans,
           CodeCache& codes, const HolderLimits& limits)
        : memory_(memory),
          python_(python),
          spans_(spans),
          limits_(limits),
          reader_(memory, python, codes, limits.values),
          containers_(find_container_types(memory, python)) {}

    Result<HolderSearch> run(std::span<const RemoteAddr> objects) {
        std::vector<RemoteAddr> sought(objects.begin(), objects.end());
        for (std::size_t depth = 0; depth < limits_.max_depth && !sought.empty(); ++depth) {
            if (memory_.ran_out()) break;
            levels_.push_back(sought);
            CT_TRY(sought, look(sought));
        }
        result_.ended_early = memory_.ran_out();
        memory_.allow_exactly(kTimeToName);
        reader_.find_running_frames();
        for (auto level = levels_.rbegin(); level != levels_.rend(); ++level) {
            for (const RemoteAddr object : *level) choose_way(object);
        }
        for (const RemoteAddr object : objects) {
            const auto way = ways_.find(object);
            if (way != ways_.end()) result_.paths.emplace(object, way->second.path);
        }
        return std::move(result_);
    }

private:
    // One step outwards. Gives the holders whose own holders are not known yet.
    Result<std::vector<RemoteAddr>> look(const std::vector<RemoteAddr>& objects) {
        for (const RemoteAddr object : objects) slots_.try_emplace(object);
        CT_TRY(const auto words, find_words(objects));
        std::vector<RemoteAddr> places;
        for (const auto& [object, found] : words) {
            for (const Word& word : found) places.push_back(word.place);
        }
        CT_TRY(const auto owners,
               BlockOwners::find(memory_, python_, spans_, containers_, std::move(places), limits_.threads));
        ++result_.looks;
        std::vector<RemoteAddr> holders;
        for (const auto& [object, found] : words) {
            if (memory_.ran_out()) break;
            auto& slots = slots_[object];
            for (const Word& word : found) {
                auto slot = reader_.read(word.place, word.word, owners);
                if (!slot || slot->holder == object) continue;
                slots.push_back(std::move(*slot));
            }
            // What has a root needs no other holder.
            if (std::ranges::any_of(slots, [](const auto& slot) { return slot.root != HolderRoot::kNone; })) {
                continue;
            }
            for (const HolderSlot& slot : slots) {
                if (slots_.try_emplace(slot.holder).second) holders.push_back(slot.holder);
            }
        }
        return holders;
    }

    Result<std::unordered_map<RemoteAddr, std::vector<Word>>> find_words(
        const std::vector<RemoteAddr>& objects) {
        const std::uint64_t mask = python_.layout->stackref_mask;
        std::vector<RemoteAddr> targets;
        for (const RemoteAddr object : objects) {
            for (std::uint64_t tag = 0; tag <= mask; ++tag) targets.push_back({object.value | tag});
        }
        std::unordered_map<RemoteAddr, std::vector<Word>> words;
        const auto visit = [&](RemoteAddr place, std::uint64_t word) {
            auto& found = words[{word & ~mask}];
            if (found.size() < kMaxWords) found.push_back({place, word});
            return true;
        };
        const auto done = scan_words(memory_, spans_, std::move(targets), visit, limits_.threads);
        if (!done) return done.error();
        ++result_.looks;
        return words;
    }

    // Whether the word still leads to the object.
    [[nodiscard]] bool holds_still(const HolderSlot& slot, RemoteAddr object) const {
        const auto word = memory_.read_pointer(slot.place);
        if (!word || (word->value & ~python_.layout->stackref_mask) != object.value) return false;
        return slot.root != HolderRoot::kRunningFrame || reader_.is_running(slot.holder);
    }

    void choose_way(RemoteAddr object) {
        std::optional<Way> best;
        for (const HolderSlot& slot : slots_[object]) {
            if (!holds_still(slot, object)) continue;
            Way way;
            if (slot.root != HolderRoot::kNone) {
                way = go_on(begin_way(slot), slot);
            } else if (const auto known = ways_.find(slot.holder); known != ways_.end()) {
                way = go_on(known->second, slot);
            } else {
                const auto type = read_type(memory_, *python_.layout, slot.holder);
                const auto name = type ? read_full_type_name(memory_, *python_.layout, *type) : type.error();
                if (!name) continue;
                way.path.path = way.path.general = '<' + *name + '>';
                way = go_on(std::move(way), slot);
            }
            if (!best || is_better(way, *best)) best = std::move(way);
        }
        if (best) ways_.insert_or_assign(object, std::move(*best));
    }

    static bool is_better(const Way& a, const Way& b) {
        const bool a_has_root = a.path.root != HolderRoot::kNone;
        const bool b_has_root = b.path.root != HolderRoot::kNone;
        if (a_has_root != b_has_root) return a_has_root;
        if (a.steps != b.steps) return a.steps < b.steps;
        return a.path.root < b.path.root;
    }

    TimedMemory& memory_;
    const PythonProcess& python_;
    std::span<const AddressSpan> spans_;
    const HolderLimits& limits_;
    HolderSlotReader reader_;
    ContainerTypes containers_;
    std::vector<std::vector<RemoteAddr>> levels_;
    std::unordered_map<RemoteAddr, std::vector<HolderSlot>> slots_;
    std::unordered_map<RemoteAddr, Way> ways_;
    HolderSearch result_;
};

}  // namespace

Result<HolderSearch> find_holders(const RemoteMemory& memory, const PythonProcess& python,
                                  std::span<const AddressSpan> spans, CodeCache& codes,
                                  std::span<const RemoteAddr> objects, const HolderLimits& limits) {
    if (python.layout->free_threaded) {
        return Error{Errc::unsupported, 0, "what holds an object cannot be found in a free-threaded build"};
    }
    if (objects.empty()) return HolderSearch{};
    // All that is read is read by this, so that a heap that lies ends the search too.
    TimedMemory timed(memory, limits.clock);
    timed.allow_exactly(limits.max_time);
    return Search(timed, python, spans, codes, limits).run(objects);
}

}  // namespace corotrace
