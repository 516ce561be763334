// SPDX-License-Identifier: MIT
// What a Watch does about several interpreters in one process.
#include <algorithm>

#include "cpython_layouts/runtime.hpp"
#include "tracer/session/watch.hpp"

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
        interpreters_.push_back({.address = interpreter.address,
                                 .id = interpreter.id,
                                 .slot = is_watched ? slot->slot : RemoteAddr{}});
    }
}

// Where the C module _asyncio is missing, all tasks are such.
void Watch::note_tasks_in_python(RemoteAddr interpreter) {
    const Layout& layout = *subject_.python.layout;
    if (find_module_attribute(subject_.memory, layout, interpreter, "_asyncio", "Task")) return;
    notes_.push_back("asyncio's tasks are those in Python here, and of CPython " + std::string(layout.name) +
                     " those that get lost are not seen");
}

// A module that is being imported is in sys.modules before it has all it will have: one more look after the
// next has come is enough, for asyncio.base_events is not the last that asyncio imports.
void Watch::watch_tasks() {
    const ProbeContext context{subject_.memory, *subject_.python.layout, subject_.python, subject_.symbols};
    for (WatchedInterpreter& one : interpreters_) {
        if (!one.task_slot.is_null()) continue;
        const auto length = count_modules(subject_.memory, context.layout, one.address);
        if (!length || *length == one.modules_looked_at) continue;
        one.modules_looked_at = *length;
        const auto slot = plan_lost_task_slot(context, one.address);
        if (!slot && slot.error().code == Errc::not_found) continue;
        const auto done = slot ? probes_->add_slot(*slot) : Status(slot.error());
        if (!done) {
            const std::string note = "lost tasks are not seen: " + done.error().what;
            if (std::ranges::find(notes_, note) == notes_.end()) notes_.push_back(note);
            continue;
        }
        one.task_slot = slot->slot;
        counts_tasks_ = true;
        if (!context.layout.calls_by_vectorcall) note_tasks_in_python(one.address);
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
        if (is_gone && !old.slot.is_null()) static_cast<void>(probes_->forget_slot(old.slot));
        if (is_gone && !old.task_slot.is_null()) static_cast<void>(probes_->forget_slot(old.task_slot));
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
    if (!slot || !probes_->add_slot(*slot)) {
        dropped_elsewhere_ = true;
        return;
    }
    // One that is being finalised is still in the list when its memory is already another's.
    for (WatchedInterpreter& old : interpreters_) {
        if (old.slot == slot->slot) old.slot = {};
        if (old.task_slot == slot->slot) old.task_slot = {};
    }
    if (same != interpreters_.end()) {
        same->slot = slot->slot;
    } else {
        interpreters_.push_back({.address = interpreter, .id = here->id, .slot = slot->slot});
    }
}

}  // namespace corotrace
