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

using namespace corotrace;

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
        CHECK(row->code == 0x1001);
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
