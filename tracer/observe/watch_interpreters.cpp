// SPDX-License-Identifier: MIT
// What a Watch does about several interpreters in one process.
#include <algorithm>

#include "cpython_layouts/runtime.hpp"
#include "tracer/observe/watch.hpp"

namespace corotrace {

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

std::vector<Interpreter> Watch::forget_gone_interpreters() {
    auto now = read_interpreters(subject_.memory, *subject_.python.layout, subject_.python.runtime);
    if (!now) return {};
    std::erase_if(interpreters_, [&](const WatchedInterpreter& old) {
        const bool is_gone = std::ranges::find(*now, old.id, &Interpreter::id) == now->end();
        if (is_gone && !old.slot.is_null()) static_cast<void>(probes_->forget_witness(old.slot));
        return is_gone;
    });
    return *std::move(now);
}

void Watch::watch_interpreter(RemoteAddr interpreter) {
    constexpr std::int64_t kMain = 0;
    const auto known = std::ranges::find(interpreters_, interpreter, &WatchedInterpreter::address);
    // The main interpreter is there as long as Python is.
    if (interpreter.is_null() || (known != interpreters_.end() && known->id == kMain)) return;
    const auto now = forget_gone_interpreters();
    const auto here = std::ranges::find(now, interpreter, &Interpreter::address);
    if (here == now.end()) return;
    const auto same = std::ranges::find(interpreters_, here->id, &WatchedInterpreter::id);
    if (same != interpreters_.end() && !same->slot.is_null()) return;
    const ProbeContext context{subject_.memory, *subject_.python.layout, subject_.python, subject_.symbols};
    const auto slot = plan_warning_slot(context, interpreter);
    if (!slot || !probes_->add_witness(*slot)) {
        dropped_elsewhere_ = true;
        return;
    }
    if (same != interpreters_.end()) {
        same->slot = slot->slot;
    } else {
        interpreters_.push_back({interpreter, here->id, slot->slot});
    }
}

}  // namespace corotrace
