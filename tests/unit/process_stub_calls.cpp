// SPDX-License-Identifier: MIT
// The stub at calls of a function, run here on dicts made up for it.
#include <unistd.h>

#include <array>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/local_stub.hpp"
#include "tracer/probes/stub_data.hpp"

namespace corotrace::process_stub_calls_test {

namespace {

// A dict, its table, and the calls with it, as far as the stub looks at them.
struct FakeTable {
    std::uint64_t slots = 8;
    std::uint64_t entry_count = 0;
    std::array<std::uint64_t, 6> words{};  // key, value of three entries
};
struct FakeDict {
    std::uint64_t type = 0;
    const FakeTable* table = nullptr;
};

struct FakeType {
    std::uint64_t finalizer = 0;
};
struct FakeCoroutine {
    std::uint64_t type = 0;
    std::uint64_t code = 0;
};
struct FakeTask {
    const FakeType* type = nullptr;
    const FakeCoroutine* coroutine = nullptr;
};
constexpr std::uint64_t kCoroutineType = 0x7777'1000;
constexpr std::uint64_t kTaskFinalizer = 0x7777'2000;

std::vector<std::array<std::uint64_t, 4>> g_calls;

extern "C" std::uint64_t fake_vectorcall(std::uint64_t function, std::uint64_t arguments, std::uint64_t count,
                                         std::uint64_t names) {
    g_calls.push_back({function, arguments, count, names});
    return 42;
}

constexpr std::uint64_t kDictType = 0x7777'0000;

arch::StubEntry call_entry() {
    arch::StubEntry entry = direct_entry();
    entry.condition = {};
    entry.key_path = {};
    entry.call_key = arch::StubCallKey{
        .dict_type = {kDictType},
        .type = offsetof(FakeDict, type),
        .keys = offsetof(FakeDict, table),
        .table = {{.through = kAbsent, .field = offsetof(FakeTable, slots), .width = 4, .value = 8}},
        .entry_count = offsetof(FakeTable, entry_count),
        .second_key = offsetof(FakeTable, words) + 2 * sizeof(std::uint64_t),
        .second_value = offsetof(FakeTable, words) + 3 * sizeof(std::uint64_t),
        .third_value = offsetof(FakeTable, words) + 5 * sizeof(std::uint64_t),
        .task = arch::StubTaskKey{.finalizer = offsetof(FakeType, finalizer),
                                  .coroutine = offsetof(FakeTask, coroutine),
                                  .coroutine_type = {kCoroutineType},
                                  .code = offsetof(FakeCoroutine, code)}};
    return entry;
}

}  // namespace

TEST_CASE("a call is counted by the dict that is its second argument, and goes on with all its arguments") {
    LocalStub stub(call_entry(), &fake_vectorcall);
    const FakeDict third{.type = 0x5550, .table = nullptr};  // an object, of which only the type is examined
    FakeTable pair{.entry_count = 2, .words = {0x3330, 1, 0x4440, 2, 0, 0}};
    FakeTable triple{.entry_count = 3,
                     .words = {0x3330, 1, 0x4440, 2, 3, reinterpret_cast<std::uint64_t>(&third)}};
    FakeTable deleted{.entry_count = 3, .words = {0x3330, 1, 0x4440, 2, 0, 0}};
    FakeTable empty;
    FakeTable large{.slots = 16, .entry_count = 2, .words = {0x3330, 1, 0x4440, 2, 0, 0}};
    constexpr std::uint64_t kOffsetBit = std::uint64_t{1} << 63;
    const auto call = [&](const FakeDict& dict, std::uint64_t count) {
        const std::array<std::uint64_t, 2> arguments = {0x1111, reinterpret_cast<std::uint64_t>(&dict)};
        const auto before = g_calls.size();
        CHECK(stub.call(0xf00, arguments.data(), count, 0xaaaa) == 42);
        REQUIRE(g_calls.size() == before + 1);
        CHECK(g_calls.back() == std::array<std::uint64_t, 4>{
                                    0xf00, reinterpret_cast<std::uint64_t>(arguments.data()), count, 0xaaaa});
    };
    call({kDictType, &pair}, 2);
    call({kDictType, &pair}, 2 | kOffsetBit);
    call({kDictType, &triple}, 2);
    CHECK(stub.header().handled == 3);
    constexpr auto kTag = arch::StubCallKey::kTag;
    REQUIRE(stub.row(0x4440 | kTag).has_value());
    CHECK(stub.row(0x4440 | kTag)->count == 2);
    REQUIRE(stub.row(0x5550 | kTag).has_value());
    CHECK(stub.row(0x5550 | kTag)->count == 1);
    for (const FakeTable* table : {&deleted, &empty, &large}) call({kDictType, table}, 2);
    REQUIRE(stub.row(kTag).has_value());
    CHECK(stub.row(kTag)->count == 3);
    // What is no such call is none of ours.
    call({kDictType + 8, &pair}, 2);
    call({kDictType, &pair}, 1);
    call({kDictType, &pair}, 3 | kOffsetBit);
    CHECK(stub.header().handled == 6);
    CHECK(stub.header().attempts == 0);
}

TEST_CASE(
    "a call that tells of a task is counted by what the task runs, and apart by where the dict has it") {
    LocalStub stub(call_entry(), &fake_vectorcall);
    const FakeType task_type{.finalizer = kTaskFinalizer};
    const FakeType other_type{.finalizer = kTaskFinalizer + 8};
    const FakeCoroutine coroutine{.type = kCoroutineType, .code = 0x5550 | 1};
    const FakeCoroutine generator{.type = kCoroutineType + 8, .code = 0x5550};
    const FakeCoroutine unlikely{.type = kCoroutineType, .code = std::uint64_t{1} << 47U};
    const FakeTask task{&task_type, &coroutine};
    const FakeTask of_generator{&task_type, &generator};
    const FakeTask of_unlikely{&task_type, &unlikely};
    const FakeTask ended{&task_type, nullptr};
    const FakeTask no_task{&other_type, &coroutine};
    const auto address = [](const auto& object) { return reinterpret_cast<std::uint64_t>(&object); };
    const auto call = [&](std::uint64_t entries, const FakeTask& second, const FakeTask& third) {
        const FakeTable table{.entry_count = entries,
                              .words = {0x3330, 1, 0x4440, address(second), 3, address(third)}};
        const FakeDict dict{kDictType, &table};
        const std::array<std::uint64_t, 2> arguments = {0x1111, address(dict)};
        CHECK(stub.call(0xf00, arguments.data(), 2, 0xaaaa) == 42);
        CHECK(g_calls.back() == std::array<std::uint64_t, 4>{0xf00, address(arguments), 2, 0xaaaa});
    };
    constexpr auto kTag = arch::StubCallKey::kTag;
    constexpr auto kThird = arch::StubCallKey::kThird;
    const auto count = [&](std::uint64_t key) { return stub.row(key | kTag).value_or(StubRow{}).count; };
    call(2, task, task);  // nobody said yet what tasks are
    CHECK(count(0x4440) == 1);
    stub.header().task_finalizer = kTaskFinalizer;
    call(2, task, no_task);
    call(3, task, no_task);
    CHECK(count(0x5550) == 2);
    call(3, no_task, task);
    call(4, task, task);
    CHECK(count(0x5550 | kThird) == 2);
    for (const FakeTask* other : {&no_task, &of_generator, &of_unlikely, &ended}) call(2, *other, task);
    CHECK(count(0x4440) == 5);
    for (const FakeTask* other : {&of_generator, &of_unlikely, &ended}) call(3, no_task, *other);
    CHECK(count(address(task_type)) == 3);
    CHECK(stub.header().handled == 12);
}

TEST_CASE("an entry for calls as the assembler lists it") {
    arch::StubEntry entry = call_entry();
    entry.original = {0x5555'0000'1000};
    const auto listing = arch::list_stub({.data = {0x5555'0000'3000},
                                          .offsets = stub_data_offsets(64),
                                          .stop_signal = SIGURG,
                                          .entries = {entry},
                                          .walk = std::nullopt});
    REQUIRE(listing);
    test::check_golden("stub_of_calls_x86_64.txt", *listing);
}

TEST_CASE("calls ask for stops, and those that find no room have an overflow row of their own") {
    LocalStub stub(call_entry(), &fake_vectorcall);
    stub.header().initial_stops = 1;
    stub.header().budget = 100;
    std::array<FakeTable, kCapacity + 2> tables;
    for (std::size_t i = 0; i < tables.size(); ++i) {
        tables[i] = {.entry_count = 2, .words = {8, 1, (i + 1) << 12, 2, 0, 0}};
        const FakeDict dict{.type = kDictType, .table = &tables[i]};
        const std::array<std::uint64_t, 2> arguments = {0, reinterpret_cast<std::uint64_t>(&dict)};
        CHECK(stub.call(0, arguments.data(), 2, 0) == 42);
        CHECK(g_calls.back()[3] == 0);
    }
    CHECK(parse_row(stub.header().overflow).count == 0);
    CHECK(parse_row(stub.header().call_overflow).count == 2);
    CHECK(stub.header().attempts == kCapacity + 1);
}

TEST_CASE("an entry that announces stops at each call, whatever the budgets, and counts nothing") {
    arch::StubEntry entry;
    entry.announces = true;
    LocalStub stub(entry, &fake_vectorcall);
    const auto call = [&] {
        CHECK(stub.call(0xf00, nullptr, 3, 0xaaaa) == 42);
        CHECK(g_calls.back() == std::array<std::uint64_t, 4>{0xf00, 0, 3, 0xaaaa});
    };
    call();
    call();
    CHECK(stub.header().attempts == 2);
    CHECK(stub.header().budget == 0);
    CHECK(stub.header().coroutines == 0);
    CHECK(stub.rows().empty());
    CHECK(parse_row(stub.header().call_overflow).stops == 0);
    // Where no stop may be asked for, and in a forked child.
    stub.header().capture_only = 1;
    call();
    stub.header().capture_only = 0;
    stub.header().pid = static_cast<std::uint32_t>(getpid()) + 1;
    call();
    CHECK(stub.header().attempts == 2);
}

}  // namespace corotrace::process_stub_calls_test
