// SPDX-License-Identifier: MIT
// A table that does not fit is noticed before anybody trusts it, and the message says what is wrong.
#include <cstddef>
#include <cstring>
#include <set>

#include "cpython_layouts/debug_offsets.hpp"
#include "cpython_layouts/registry.hpp"
#include "cpython_layouts/validate.hpp"
#include "symbols/page_cache.hpp"
#include "tests/layouts/live_target.hpp"
#include "tests/support/catch.hpp"

namespace corotrace {

namespace {

Status validate(const LiveTarget& target, const Layout& layout) {
    const PageCache cache(target.memory);
    return validate_layout(cache, layout, target.address("runtime"), target.address("coroutine_type"));
}

// Where in a Layout the numbers are that no live process is bound to show: objects of these kinds need not be
// there, or what is there looks the same.
std::set<std::size_t> unchecked(const Layout& l) {
    const auto at = [&](const auto& field) {
        return static_cast<std::size_t>(reinterpret_cast<const char*>(&field) -
                                        reinterpret_cast<const char*>(&l));
    };
    std::set<std::size_t> fields = {
        at(l.asend.generator),  at(l.asend.state),       at(l.athrow.generator),
        at(l.athrow.arguments), at(l.athrow.state),      at(l.code.first_traceable),
        at(l.code.version),     at(l.dict.values_items), at(l.thread_state.active_bit)};
    // What no instruction of a quiet function is hidden behind, where nothing is stored yet, and a number
    // that is the same as its neighbour in a function without cells.
    fields.insert({at(l.code.slots), at(l.code.monitoring), at(l.code.executors), at(l.monitoring.lines),
                   at(l.monitoring.instructions), at(l.executor.items), at(l.executor.opcode),
                   at(l.thread_state.datastack_top)});
    // What only a drop, a task or the end of an interpreter has; each is checked where it is read.
    fields.insert({at(l.object.refcount), at(l.object.ref_local), at(l.object.ref_shared),
                   at(l.frame_object.zombie), at(l.thread_state.running_task), at(l.task.coroutine),
                   at(l.task.name), at(l.task.exception), at(l.task.log_traceback), at(l.traceback.next),
                   at(l.traceback.frame), at(l.traceback.instruction), at(l.exception.traceback)});
    // What only instances of classes of the program have.
    fields.insert({at(l.type.dict_offset), at(l.type.heap_keys)});
    // What only a suspended frame or a traceback has.
    fields.insert({at(l.frame_object.value_stack), at(l.frame_object.stack_top),
                   at(l.frame_object.stack_depth), at(l.frame_object.interpreter_frame),
                   at(l.interpreter_frame.stack_count), at(l.interpreter_frame.stack_pointer)});
    if (l.debug_offsets_rule == DebugOffsetsRule::kNone) {
        fields.insert({at(l.runtime.finalizing), at(l.thread_state.datastack_chunk)});
    }
    // Frames that stand for C calls are hidden there for another reason, too: they never come to a line.
    if (l.frame_rule == FrameRule::kCFrame) fields.insert(at(l.interpreter_frame.owner));
    if (l.debug_offsets_rule == DebugOffsetsRule::kNone) {
        // One interpreter has no next one, and a collector that rests looks like many other fields.
        fields.insert({at(l.interpreter.next), at(l.interpreter.id), at(l.interpreter.gc_collecting),
                       at(l.runtime.gc_collecting)});
    }
    return fields;
}

}  // namespace

TEST_CASE("the table of its version fits every interpreter") {
    for (const LiveTarget& target : live_targets()) {
        INFO(target.id);
        const auto fits = validate(target, *target.layout);
        INFO((fits ? "" : fits.error().what));
        CHECK(fits.ok());
    }
}

TEST_CASE("the table of another version does not fit") {
    for (const LiveTarget& target : live_targets()) {
        for (const Layout* layout : supported_layouts()) {
            if (layout == target.layout) continue;
            INFO(target.id << " with " << layout->name);
            const auto fits = validate(target, *layout);
            REQUIRE(!fits.ok());
            CHECK(fits.error().code == Errc::unsupported);
        }
    }
}

TEST_CASE("a newer version is read by its own debug offsets, or refused") {
    for (const LiveTarget& target : live_targets()) {
        INFO(target.id);
        const PythonVersion newer{.major = 3,
                                  .minor = 99,
                                  .micro = 0,
                                  .free_threaded = target.version.free_threaded,
                                  .prerelease = false};
        const PageCache cache(target.memory);
        const auto chosen =
            choose_layout(cache, newer, target.address("runtime"), target.address("coroutine_type"));
        const Layout* newest = supported_layouts().back();
        if (target.layout->minor == newest->minor) {
            REQUIRE(chosen.ok());
            CHECK(chosen->experimental);
        } else {
            REQUIRE(!chosen.ok());
            CHECK(chosen.error().code == Errc::unsupported);
            CHECK(chosen.error().what.find("supported are 3.8 3.9") != std::string::npos);
        }
    }
}

TEST_CASE("a build that moved its fields is read by its own debug offsets") {
    for (const LiveTarget& target : live_targets()) {
        if (target.layout->debug_offsets_rule == DebugOffsetsRule::kNone) continue;
        INFO(target.id);
        Layout moved = *target.layout;
        moved.thread_state.thread_id += 8;
        moved.interpreter.gc_collecting += 8;
        moved.code.filename += 8;
        moved.interpreter_frame.previous += 16;
        const auto adjusted = read_adjusted_layout(target.memory, moved, target.address("runtime"));
        REQUIRE(adjusted.ok());
        CHECK(!validate(target, moved).ok());
        CHECK(validate(target, *adjusted).ok());
    }
}

TEST_CASE("the version in the debug offsets is that of the interpreter") {
    for (const LiveTarget& target : live_targets()) {
        INFO(target.id);
        const auto version = read_debug_version(target.memory, target.address("runtime"));
        if (target.layout->debug_offsets_rule == DebugOffsetsRule::kNone) {
            CHECK(version.error().code == Errc::not_found);
        } else {
            REQUIRE(version.ok());
            CHECK(*version == target.version);
        }
    }
}

TEST_CASE("one wrong number in a table is noticed") {
    constexpr std::size_t kEnd = offsetof(Layout, exception) + sizeof(ExceptionLayout);
    for (const LiveTarget& target : live_targets()) {
        const auto exempt = unchecked(*target.layout);
        for (std::size_t at = offsetof(Layout, object); at < kEnd; at += sizeof(Offset)) {
            Layout layout = *target.layout;
            auto* bytes = reinterpret_cast<std::byte*>(&layout) + at;
            Offset number = 0;
            std::memcpy(&number, bytes, sizeof number);
            if (number == kAbsent || exempt.count(at) != 0) continue;
            number += 8;
            std::memcpy(bytes, &number, sizeof number);
            INFO(target.id << " byte " << at);
            CHECK(!validate(target, layout).ok());
        }
    }
}

}  // namespace corotrace
