// SPDX-License-Identifier: MIT
// What a Watch does about several interpreters in one process.
#include <algorithm>

#include "cpython_layouts/runtime.hpp"
#include "tracer/observe/watch.hpp"

namespace corotrace {

namespace {

constexpr std::int64_t kMainInterpreter = 0;

}  // namespace

void Watch::remember_interpreters() {
    const ProbeContext context{subject_.memory, *subject_.python.layout, subject_.python, subject_.symbols};
    const auto now = read_interpreters(subject_.memory, context.layout, subject_.python.runtime);
    if (!now) return;
    for (const Interpreter& interpreter : *now) {
        const auto slot = plan_warning_slot(context, interpreter.address);
        const bool is_watched = slot && probes_->has_slot(slot->slot);
        interpreters_.push_back(
            {interpreter.address, interpreter.id, is_watched ? slot->slot : RemoteAddr{}});
    }
}

// The list may change while it is read, and a reader that is led astray loses some of it. A good look comes
// to the main interpreter, which is the oldest and the last, and to the one that is known to be there.
std::vector<Interpreter> Watch::look_for_interpreters(std::optional<RemoteAddr> present) const {
    constexpr int kTries = 50;
    for (int i = 0; i < kTries; ++i) {
        auto now = read_interpreters(subject_.memory, *subject_.python.layout, subject_.python.runtime);
        if (!now || now->empty() || now->back().id != kMainInterpreter) continue;
        if (present && std::ranges::find(*now, *present, &Interpreter::address) == now->end()) continue;
        return *std::move(now);
    }
    return {};
}

void Watch::forget_gone_interpreters(const std::vector<Interpreter>& now) {
    if (now.empty()) return;
    std::erase_if(interpreters_, [&](const WatchedInterpreter& old) {
        const bool is_gone = std::ranges::find(now, old.id, &Interpreter::id) == now.end();
        if (is_gone && !old.slot.is_null()) static_cast<void>(probes_->forget_witness(old.slot));
        return is_gone;
    });
}

void Watch::watch_interpreter(RemoteAddr interpreter) {
    const auto known = std::ranges::find(interpreters_, interpreter, &WatchedInterpreter::address);
    // The main interpreter is there as long as Python is.
    if (interpreter.is_null() || (known != interpreters_.end() && known->id == kMainInterpreter)) return;
    const auto now = look_for_interpreters(interpreter);
    if (now.empty()) {
        dropped_elsewhere_ = true;
        return;
    }
    forget_gone_interpreters(now);
    const auto here = std::ranges::find(now, interpreter, &Interpreter::address);
    const auto same = std::ranges::find(interpreters_, here->id, &WatchedInterpreter::id);
    if (same != interpreters_.end() && !same->slot.is_null()) return;
    const ProbeContext context{subject_.memory, *subject_.python.layout, subject_.python, subject_.symbols};
    const auto slot = plan_warning_slot(context, interpreter);
    if (!slot || !probes_->add_witness(*slot)) {
        dropped_elsewhere_ = true;
        return;
    }
    // One that is being finalised is still in the list when its memory is already another's.
    for (WatchedInterpreter& old : interpreters_) {
        if (old.slot == slot->slot) old.slot = {};
    }
    if (same != interpreters_.end()) {
        same->slot = slot->slot;
    } else {
        interpreters_.push_back({interpreter, here->id, slot->slot});
    }
}

}  // namespace corotrace
