// SPDX-License-Identifier: MIT
// The stub's walk over frames, run here on frames of every layout made up for it, and the same from outside.
#include <array>
#include <cstring>
#include <span>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/local_stub.hpp"
#include "tracer/probes/site_walk.hpp"

namespace corotrace::process_site_walk_test {

namespace {

// Two functions that run, and behind the inner one's frame that of one that has ended.
struct FakeCode {
    std::uint64_t head = 0;
    std::int32_t slots = 1;
    std::int32_t stack_size = 1;
};
struct FakeFrame {
    const FakeCode* executable = nullptr;
    const FakeFrame* previous = nullptr;
    std::uint64_t instruction = 0;
    std::int8_t owner = 0;
    std::array<std::uint64_t, 2> words{};  // slots and operands
};
struct FakeThread {
    const FakeFrame* frame = nullptr;
    const void* stack_chunk = nullptr;
    const void* stack_top = nullptr;
};
struct FakeFrameObject {  // as up to 3.10
    const FakeFrameObject* back = nullptr;
    std::uint64_t code = 0;
    std::int32_t lasti = 0;
};
struct FakeIndirect {
    std::uint64_t head = 0;
    const FakeFrame* current = nullptr;
};

thread_local const void* g_thread = nullptr;
extern "C" const void* current_fake_thread() {
    return g_thread;
}

arch::StubWalk frame_walk() {
    return {.current_thread = {reinterpret_cast<std::uint64_t>(&current_fake_thread)},
            .frame = offsetof(FakeThread, frame),
            .indirect = kAbsent,
            .previous = offsetof(FakeFrame, previous),
            .code = kAbsent,
            .instruction = offsetof(FakeFrame, instruction),
            .executable = offsetof(FakeFrame, executable),
            .ended = arch::StubEndedWalk{.owner = offsetof(FakeFrame, owner),
                                         .executable = offsetof(FakeFrame, executable),
                                         .slots = offsetof(FakeCode, slots),
                                         .stack_size = offsetof(FakeCode, stack_size),
                                         .locals = offsetof(FakeFrame, words),
                                         .stack_chunk = offsetof(FakeThread, stack_chunk),
                                         .stack_top = offsetof(FakeThread, stack_top)},
            .collecting = {}};
}

// The same process seen from outside.
class OwnMemory : public RemoteMemory {
public:
    Status read(RemoteAddr address, std::span<std::byte> out) const override {
        std::memcpy(out.data(), reinterpret_cast<const void*>(address.value), out.size());
        return {};
    }
};

std::uint64_t key_from_outside(const arch::StubWalk& walk, std::uint64_t code, std::uint32_t depth,
                               const FakeObject* object = nullptr) {
    const auto key = make_site_key(OwnMemory(), walk,
                                   {.thread_state = {reinterpret_cast<std::uint64_t>(g_thread)},
                                    .object = {reinterpret_cast<std::uint64_t>(object)},
                                    .code = code},
                                   depth);
    REQUIRE(key);
    return *key;
}

}  // namespace

TEST_CASE("a key of frames is one for each place, the same from outside, and as deep as the block says") {
    FakeCode code;
    FakeFrame outer{.executable = &code, .instruction = 0x1111};
    std::array<FakeFrame, 2> stack{FakeFrame{.executable = &code, .previous = &outer, .instruction = 0x2222},
                                   FakeFrame{.executable = &code, .instruction = 0x3333}};
    const FakeThread thread{.frame = &stack[0], .stack_chunk = &stack[0], .stack_top = &stack[1]};
    g_thread = &thread;
    arch::StubEntry entry = direct_entry();
    entry.key_tag = 1;
    LocalStub stub(entry, &fake_finalizer, frame_walk());
    const FakeObject object{.code = 0x1000, .state = kCreated};
    stub.finalize(object);
    REQUIRE(stub.row(0x1001).has_value());  // no depth yet
    stub.header().walk_depth = 8;
    const auto drop_at = [&](std::uint64_t instruction) {
        stack[0].instruction = instruction;
        stub.finalize(object);
        const auto row = stub.row(key_from_outside(frame_walk(), 0x1001, stub.header().walk_depth));
        REQUIRE(row.has_value());
        CHECK(row->key % 4 == 1);
        return row->count;
    };
    CHECK(drop_at(0x2222) == 1);
    CHECK(drop_at(0x2222) == 2);
    CHECK(drop_at(0x2224) == 1);
    CHECK(stub.rows().size() == 3);
    // The same innermost frame, called from elsewhere: told apart only if so many frames count.
    stub.header().walk_depth = 1;
    CHECK(drop_at(0x2222) == 1);
    outer.instruction = 0x1113;
    CHECK(drop_at(0x2222) == 2);
    CHECK(stub.header().coroutines == 6);
    CHECK(parse_row(stub.header().overflow).count == 0);
}

TEST_CASE("coroutines that lie as far apart as the functions that drop them have keys of their own") {
    FakeCode code;
    FakeFrame frame{.executable = &code, .instruction = 0x2222};
    const FakeThread thread{.frame = &frame, .stack_chunk = &frame, .stack_top = &frame};
    g_thread = &thread;
    LocalStub stub(direct_entry(), &fake_finalizer, frame_walk());
    stub.header().walk_depth = 8;
    for (const std::uint64_t distance : {0x0000U, 0x1000U, 0x4000U}) {
        frame.instruction = 0x80'0022 + distance;
        stub.finalize({.code = 0x10'0000 + distance, .state = kCreated});
    }
    CHECK(stub.rows().size() == 3);
}

TEST_CASE("the function that has just ended is part of the key") {
    FakeCode code;
    std::array<FakeFrame, 2> stack{FakeFrame{.executable = &code, .instruction = 0x2222},
                                   FakeFrame{.executable = &code, .instruction = 0x3333}};
    const FakeThread thread{.frame = &stack[0], .stack_chunk = &stack[0], .stack_top = &stack[0] + 2};
    g_thread = &thread;
    LocalStub stub(direct_entry(), &fake_finalizer, frame_walk());
    stub.header().walk_depth = 8;
    for (const std::uint64_t ended : {0x3333U, 0x3335U, 0x3333U}) {
        stack[1].instruction = ended;
        stub.finalize({.code = 0x1000, .state = kCreated});
        CHECK(stub.row(key_from_outside(frame_walk(), 0x1000, 8)).has_value());
    }
    CHECK(stub.rows().size() == 2);
}

TEST_CASE("frame objects, and frames behind one more pointer, are walked too") {
    const FakeFrameObject outer{.code = 0x5000, .lasti = 6};
    FakeFrameObject inner{.back = &outer, .code = 0x6000, .lasti = -1};
    const void* thread = &inner;
    g_thread = &thread;
    const arch::StubWalk objects{.current_thread = frame_walk().current_thread,
                                 .frame = 0,
                                 .indirect = kAbsent,
                                 .previous = offsetof(FakeFrameObject, back),
                                 .code = offsetof(FakeFrameObject, code),
                                 .instruction = offsetof(FakeFrameObject, lasti),
                                 .ended = {},
                                 .collecting = {}};
    LocalStub first(direct_entry(), &fake_finalizer, objects);
    first.header().walk_depth = 8;
    for (const int lasti : {-1, 4}) {
        inner.lasti = lasti;
        first.finalize({.code = 0x1000, .state = kCreated});
        CHECK(first.row(key_from_outside(objects, 0x1000, 8)).has_value());
    }
    CHECK(first.rows().size() == 2);

    FakeCode code;
    FakeFrame frame{.executable = &code, .instruction = 0x2222};
    FakeIndirect indirect{.current = &frame};
    const void* head = &indirect;
    g_thread = &head;
    arch::StubWalk walk = objects;
    walk.indirect = offsetof(FakeIndirect, current);
    walk.previous = offsetof(FakeFrame, previous);
    walk.code = kAbsent;
    walk.instruction = offsetof(FakeFrame, instruction);
    LocalStub second(direct_entry(), &fake_finalizer, walk);
    second.header().walk_depth = 8;
    second.finalize({.code = 0x1000, .state = kCreated});
    CHECK(second.row(key_from_outside(walk, 0x1000, 8)).has_value());
    indirect.current = nullptr;  // no frame
    second.finalize({.code = 0x1000, .state = kCreated});
    CHECK(second.row(key_from_outside(walk, 0x1000, 8)).has_value());
    CHECK(second.rows().size() == 2);
}

TEST_CASE("what the collector finalizes has one key wherever it runs; what goes with it is told by place") {
    FakeCode code;
    FakeFrame frame{.executable = &code, .instruction = 0x2222};
    struct Interpreter {
        std::uint64_t head = 0;
        std::int32_t collecting = 0;
    } interpreter;
    struct Thread {
        FakeThread thread;
        const Interpreter* interpreter = nullptr;
    } thread{.thread = {.frame = &frame, .stack_chunk = &frame, .stack_top = &frame},
             .interpreter = &interpreter};
    g_thread = &thread;
    const bool has_own_flag = GENERATE(false, true);  // 3.8
    arch::StubWalk walk = frame_walk();
    walk.collecting = arch::StubCollecting{
        .flag = {has_own_flag ? reinterpret_cast<std::uint64_t>(&interpreter.collecting) : 0},
        .interpreter = offsetof(Thread, interpreter),
        .collecting = offsetof(Interpreter, collecting),
        .refcount = offsetof(FakeObject, refcount)};
    LocalStub stub(direct_entry(), &fake_finalizer, walk);
    stub.header().walk_depth = 8;
    const auto drop = [&](std::uint64_t refcount, std::uint64_t instruction) {
        frame.instruction = instruction;
        const FakeObject object{.refcount = refcount, .code = 0x1000, .state = kCreated};
        stub.finalize(object);
        const auto key = key_from_outside(walk, 0x1000, 8, &object);
        CHECK(stub.row(key).has_value());
        return key;
    };
    const auto outside = drop(1, 0x2222);
    CHECK(drop(2, 0x2222) == outside);
    interpreter.collecting = 1;
    const auto collected = drop(2, 0x2222);
    CHECK(collected != outside);
    CHECK(drop(3, 0x3333) == collected);
    const auto freed = drop(1, 0x2222);
    CHECK(freed != collected);
    CHECK(freed != outside);
    CHECK(stub.rows().size() == 3);
}

TEST_CASE("without a thread state, with a ring of frames or a wild pointer the walk ends") {
    FakeCode code;
    std::array<FakeFrame, 2> ring{FakeFrame{.executable = &code, .instruction = 1},
                                  FakeFrame{.executable = &code, .instruction = 2}};
    ring[0].previous = &ring[1];
    ring[1].previous = &ring[0];
    FakeThread thread{.frame = &ring[0], .stack_chunk = &ring[0], .stack_top = &ring[0]};
    LocalStub stub(direct_entry(), &fake_finalizer, frame_walk());
    stub.header().walk_depth = 32;
    g_thread = nullptr;
    stub.finalize({.code = 0x1000, .state = kCreated});
    CHECK(stub.row(0x1000).has_value());
    g_thread = &thread;
    stub.finalize({.code = 0x1000, .state = kCreated});
    for (const std::uint64_t wild : {std::uint64_t{0x12345}, std::uint64_t{0xdead'0000'0000'0000}}) {
        std::memcpy(&thread.frame, &wild, sizeof(wild));
        stub.finalize({.code = 0x1000, .state = kCreated});
    }
    CHECK(stub.rows().size() == 3);
    CHECK(stub.header().coroutines == 4);
}

TEST_CASE("the first drop of a place is captured with its frames, while there is room") {
    FakeCode code;
    const auto at_code = reinterpret_cast<std::uint64_t>(&code);
    FakeFrame outer{.executable = &code, .instruction = at_code + 40};
    FakeFrame inner{.executable = &code, .previous = &outer, .instruction = at_code + 200};
    const FakeThread thread{.frame = &inner, .stack_chunk = &inner, .stack_top = &inner};
    g_thread = &thread;
    LocalStub stub(direct_entry(), &fake_finalizer, frame_walk());
    stub.header().walk_depth = 8;
    stub.header().initial_stops = 1;
    stub.header().capture_only = 1;
    // Two are free, the last of one part of the ring and the first of the next.
    stub.header().capture_next = arch::CaptureLayout::kPerPart - 1;
    stub.header().capture_freed = stub.header().capture_next + 2 - kCaptures;
    const FakeObject object{.code = 0x1000, .state = kCreated};
    for (int i = 0; i < 3; ++i) stub.finalize(object);
    REQUIRE(stub.captures().size() == 1);
    const StubCapture capture = stub.captures().front();
    CHECK(capture.key == stub.rows().front().key);
    CHECK(capture.code == 0x1000);
    CHECK(capture.depth == 2);
    REQUIRE(capture.frames.size() == 2);
    CHECK(capture.frames[0].code.value == at_code);
    CHECK(capture.frames[0].place == 100);
    CHECK(capture.frames[1].place == 20);
    CHECK(stub.header().attempts == 0);
    // An instruction that is nowhere near its code, and then a ring that is full.
    inner.instruction = 0x1234;
    stub.finalize(object);
    REQUIRE(stub.captures().size() == 2);
    CHECK_FALSE(stub.captures().back().frames[0].place.has_value());
    inner.instruction = at_code + 202;
    for (int i = 0; i < 3; ++i) stub.finalize(object);
    CHECK(stub.header().captures_lost == 3);
    stub.free_captures();
    for (int i = 0; i < 3; ++i) stub.finalize(object);
    REQUIRE(stub.captures().size() == 1);
    CHECK(stub.captures().front().frames[0].place == 101);
    CHECK(stub.header().coroutines == 10);
    CHECK(stub.header().budget == 0);
}

TEST_CASE("where stops are asked for the first is captured, too, and a deep stack is cut") {
    FakeCode code;
    std::array<FakeFrame, arch::CaptureLayout::kFrames + 3> stack{};
    for (std::size_t i = 0; i < stack.size(); ++i) {
        stack[i].executable = &code;
        stack[i].instruction = reinterpret_cast<std::uint64_t>(&code);
        if (i + 1 < stack.size()) stack[i].previous = &stack[i + 1];
    }
    const FakeThread thread{.frame = stack.data(), .stack_chunk = stack.data(), .stack_top = stack.data()};
    g_thread = &thread;
    LocalStub stub(direct_entry(), &fake_finalizer, frame_walk());
    stub.header().walk_depth = 64;
    stub.header().initial_stops = 2;
    stub.header().budget = 10;
    for (int i = 0; i < 3; ++i) stub.finalize({.code = 0x1000, .state = kCreated});
    CHECK(stub.header().attempts == 2);
    REQUIRE(stub.captures().size() == 1);
    CHECK(stub.captures().front().frames.size() == arch::CaptureLayout::kFrames);
    CHECK(stub.captures().front().depth == stack.size());
}

TEST_CASE("far beyond the budget the first drop of a place is only captured; it stops if there is no room") {
    FakeCode code;
    FakeFrame frame{.executable = &code, .instruction = reinterpret_cast<std::uint64_t>(&code)};
    const FakeThread thread{.frame = &frame, .stack_chunk = &frame, .stack_top = &frame};
    g_thread = &thread;
    LocalStub stub(direct_entry(), &fake_finalizer, frame_walk());
    stub.header().walk_depth = 8;
    stub.header().initial_stops = 1;
    stub.header().budget = -arch::kMostDebt;
    const FakeObject object{.code = 0x1000, .state = kCreated};
    stub.finalize(object);
    stub.finalize(object);
    CHECK(stub.header().attempts == 0);
    CHECK(stub.captures().size() == 1);
    // What is granted later is a stop.
    stub.header().initial_stops = 2;
    stub.header().budget = 1;
    stub.finalize(object);
    CHECK(stub.header().attempts == 1);
    CHECK(stub.header().budget == 0);
    stub.header().initial_stops = 1;
    stub.header().capture_freed = stub.header().capture_next - kCaptures;
    frame.instruction += 2;
    stub.finalize(object);
    CHECK(stub.header().captures_lost == 1);
    CHECK(stub.header().attempts == 2);
    // A small debt does not matter yet.
    stub.free_captures();
    stub.header().budget = 1 - arch::kMostDebt;
    frame.instruction += 2;
    stub.finalize(object);
    CHECK(stub.header().attempts == 3);
}

TEST_CASE("while the collector is at work a capture has no frames") {
    struct Interpreter {
        std::int32_t collecting = 1;
    } interpreter;
    struct Thread {
        FakeThread base;
        const Interpreter* interpreter = nullptr;
    };
    FakeCode code;
    const FakeFrame frame{.executable = &code, .instruction = 2};
    const Thread thread{.base = {.frame = &frame, .stack_chunk = &frame, .stack_top = &frame},
                        .interpreter = &interpreter};
    g_thread = &thread;
    arch::StubWalk walk = frame_walk();
    walk.collecting = arch::StubCollecting{.flag = {},
                                           .interpreter = offsetof(Thread, interpreter),
                                           .collecting = offsetof(Interpreter, collecting),
                                           .refcount = kAbsent};
    LocalStub stub(direct_entry(), &fake_finalizer, walk);
    stub.header().walk_depth = 8;
    stub.header().initial_stops = 1;
    stub.header().capture_only = 1;
    stub.finalize({.code = 0x1000, .state = kCreated});
    REQUIRE(stub.captures().size() == 1);
    CHECK(stub.captures().front().depth == 0);
    CHECK(stub.captures().front().frames.empty());
}

TEST_CASE("the stub's code as the assembler lists it") {
    arch::StubEntry entry = direct_entry();
    entry.original = {0x5555'0000'1000};
    arch::StubWalk walk = frame_walk();
    walk.current_thread = {0x5555'0000'2000};
    const auto listing = arch::list_stub({.data = {0x5555'0000'3000},
                                          .offsets = stub_data_offsets(64),
                                          .stop_signal = SIGURG,
                                          .entries = {entry},
                                          .walk = walk});
    REQUIRE(listing);
    test::check_golden("stub_x86_64.txt", *listing);
}

}  // namespace corotrace::process_site_walk_test
