// SPDX-License-Identifier: MIT
#include "tracer/session/interpreter_watch.hpp"

#include <algorithm>
#include <utility>

namespace corotrace {

namespace {

constexpr std::int64_t kMainInterpreter = 0;
constexpr int kLooksToWait = 20;  // for a stop that was asked for; its thread may not be traced

}  // namespace

void InterpreterWatch::begin(bool has_cross_check) {
    has_cross_check_ = has_cross_check;
    add_all();
    look();
}

void InterpreterWatch::add_all() {
    const auto now = target_.reader.read_interpreters();
    if (!now) return;
    for (const Interpreter& interpreter : *now) {
        const auto slot = target_.reader.plan_warning_slot(interpreter.address);
        const bool is_watched = slot && target_.probes.has_slot(slot->slot);
        interpreters_.push_back({.address = interpreter.address,
                                 .id = interpreter.id,
                                 .slot = is_watched ? slot->slot : RemoteAddr{}});
    }
}

// A module that is being imported is in sys.modules before it has all it will have: one more look after the
// next has come is enough, for asyncio.base_events is not the last that asyncio imports.
void InterpreterWatch::look() {
    // A program that is watched from its first instruction on may have had none yet.
    if (interpreters_.empty()) add_all();
    for (Watched& one : interpreters_) {
        // Of another interpreter at a drop, for it may go away at any time.
        if (one.slot.is_null() && one.id == kMainInterpreter) watch_warnings(one, 0);
        if (!one.task_slot.is_null()) continue;
        const auto length = target_.reader.count_modules(one.address);
        if (!length || *length == one.modules_looked_at) continue;
        one.modules_looked_at = *length;
        watch_tasks(one);
    }
}

void InterpreterWatch::watch_warnings(Watched& one, std::uint64_t under_way) {
    const auto slot = target_.reader.plan_warning_slot(one.address);
    const auto before = target_.probes.read_counters();
    // An interpreter that ends has emptied its list of modules, and tells nothing.
    const bool is_missing = !slot && slot.error().code == Errc::not_found;
    if (is_missing && target_.reader.count_modules(one.address).value_or(0) > 0)
        never_imported_warnings_ = true;
    if (slot) never_imported_warnings_ = false;
    if (!slot || !before) return;
    // A thread that stands at its drop warns of it afterwards: at that stop it is known what is under way.
    const bool one_stands = under_way == 0 && !has_cross_check_ && before->attempts > looked_at_;
    if (one_stands && ++waited_ < kLooksToWait) return;
    if (!target_.probes.add_slot(*slot)) return;
    one.slot = slot->slot;
    if (has_cross_check_) return;
    has_cross_check_ = true;
    // What was dropped before is proved by nothing, and counted as if it had been warned of. Of a drop that
    // is between both counts just now nobody can tell whether it is among these.
    unchecked_ = before->coroutines - std::min(before->coroutines, under_way);
    if (unchecked_ > 0) static_cast<void>(target_.probes.align_cross_check(unchecked_));
}

void InterpreterWatch::watch_tasks(Watched& one) {
    const auto slot = target_.reader.plan_task_slot(one.address);
    if (!slot && slot.error().code == Errc::not_found) return;
    const auto done = slot ? target_.probes.add_slot(*slot) : Status(slot.error());
    if (!done) {
        note("lost tasks are not seen: " + done.error().what);
        return;
    }
    one.task_slot = slot->slot;
    counts_tasks_ = true;
    // Where the C module _asyncio is missing, all tasks are such.
    if (target_.reader.sees_calls_of_python()) return;
    if (target_.reader.has_attribute(one.address, "_asyncio", "Task")) return;
    note("asyncio's tasks are those in Python here, and of CPython " + target_.reader.layout_name() +
         " those that get lost are not seen");
}

void InterpreterWatch::let_cross_check_count() {
    if (!has_cross_check_ || counts_independently_) return;
    counts_independently_ = target_.probes.let_cross_check_count().ok();
}

// The list can change while we walk it. Accept a walk only if it ends at the main interpreter, the oldest and
// last, and passes the one that is known to be there.
std::vector<Interpreter> InterpreterWatch::find_all(std::optional<RemoteAddr> present) const {
    constexpr int kTries = 50;
    for (int i = 0; i < kTries; ++i) {
        auto now = target_.reader.read_interpreters();
        if (!now || now->empty() || now->back().id != kMainInterpreter) continue;
        if (present && std::ranges::find(*now, *present, &Interpreter::address) == now->end()) continue;
        return *std::move(now);
    }
    return {};
}

// The functions of those that are not in `now` went with them, and somebody else has the memory.
void InterpreterWatch::forget_gone(const std::vector<Interpreter>& now) {
    if (now.empty()) return;
    std::erase_if(interpreters_, [&](const Watched& old) {
        const bool is_gone = std::ranges::find(now, old.id, &Interpreter::id) == now.end();
        if (is_gone && !old.slot.is_null()) target_.probes.forget_slot(old.slot);
        if (is_gone && !old.task_slot.is_null()) target_.probes.forget_slot(old.task_slot);
        return is_gone;
    });
}

// One that is being finalised is still in the list when its memory is already another's.
void InterpreterWatch::take_over(RemoteAddr slot) {
    for (Watched& old : interpreters_) {
        if (old.slot == slot) old.slot = {};
        if (old.task_slot == slot) old.task_slot = {};
    }
}

void InterpreterWatch::on_drop(RemoteAddr interpreter) {
    ++looked_at_;
    const auto known = std::ranges::find(interpreters_, interpreter, &Watched::address);
    if (interpreter.is_null()) return;
    // The main interpreter is there as long as Python is.
    if (known != interpreters_.end() && known->id == kMainInterpreter) {
        if (known->slot.is_null()) watch_warnings(*known, 1);
        return;
    }
    const auto now = find_all(interpreter);
    if (now.empty()) {
        dropped_elsewhere_ = true;
        return;
    }
    forget_gone(now);
    const auto here = std::ranges::find(now, interpreter, &Interpreter::address);
    const auto same = std::ranges::find(interpreters_, here->id, &Watched::id);
    if (same != interpreters_.end() && !same->slot.is_null()) return;
    const auto slot = target_.reader.plan_warning_slot(interpreter);
    if (!slot || !target_.probes.add_slot(*slot)) {
        dropped_elsewhere_ = true;
        return;
    }
    take_over(slot->slot);
    if (same != interpreters_.end()) {
        same->slot = slot->slot;
    } else {
        interpreters_.push_back({.address = interpreter, .id = here->id, .slot = slot->slot});
    }
}

void InterpreterWatch::check_before_leaving() {
    if (has_cross_check_) check_cross_check();
    check_task_slots();
    forget_gone(find_all());
}

// It counts calls of one function object; if the program put another in its place it went blind.
void InterpreterWatch::check_cross_check() {
    const auto now = target_.reader.read_interpreters();
    if (!now) return;
    for (const Interpreter& interpreter : *now) {
        const auto slot = target_.reader.plan_warning_slot(interpreter.address);
        if (!slot && slot.error().code != Errc::not_found) return;
        if (slot && !target_.probes.has_slot(slot->slot)) was_replaced_ = true;
    }
}

// What the count of lost tasks may have missed.
void InterpreterWatch::check_task_slots() {
    for (const Watched& one : interpreters_) {
        if (target_.reader.has_attribute(one.address, "uvloop", "Loop")) {
            note("uvloop is loaded: lost tasks of its event loops are not seen");
        }
        const auto now = target_.reader.plan_task_slot(one.address);
        if (!now || target_.probes.has_slot(now->slot)) continue;
        note(
            "asyncio's exception handler was replaced, or imported, just before the end: some "
            "lost tasks may not have been counted");
        return;
    }
}

void InterpreterWatch::note(std::string text) {
    if (std::ranges::find(notes_, text) == notes_.end()) notes_.push_back(std::move(text));
}

}  // namespace corotrace
