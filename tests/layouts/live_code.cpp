// SPDX-License-Identifier: MIT
// Code objects, stacks and coroutines of live interpreters, read from outside, are what they themselves say.
#include <algorithm>

#include "cpython_layouts/code.hpp"
#include "cpython_layouts/coroutine.hpp"
#include "cpython_layouts/frame.hpp"
#include "cpython_layouts/line_table.hpp"
#include "tests/layouts/live_target.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_memory.hpp"

namespace corotrace {

namespace {

std::optional<int> number(const nlohmann::json& value) {
    return value.is_null() ? std::nullopt : std::optional<int>(value.get<int>());
}

Position position_from(const nlohmann::json& told, std::size_t first) {
    return {number(told[first]), number(told[first + 1]), number(told[first + 2]), number(told[first + 3])};
}

std::string text(const Position& position) {
    std::string all;
    for (const auto& part : {position.line, position.end_line, position.col, position.end_col}) {
        all += (part ? std::to_string(*part) : "-") + " ";
    }
    return all;
}

// The innermost frame moved on a little after it told of itself: its columns are not compared.
std::vector<std::string> stack_texts(const nlohmann::json& told) {
    std::vector<std::string> lines;
    for (const auto& frame : told) {
        Position position = position_from(frame, 3);
        if (&frame == &told.back())
            position = {.line = position.line, .end_line = {}, .col = {}, .end_col = {}};
        lines.push_back(frame[0].get<std::string>() + " " + frame[1].get<std::string>() + " " +
                        frame[2].get<std::string>() + " " + text(position));
    }
    return lines;
}

std::vector<std::string> stack_texts(const std::vector<StackFrame>& frames) {
    std::vector<std::string> lines;
    for (const StackFrame& frame : frames) {
        Position position = frame.position;
        if (&frame == &frames.back())
            position = {.line = position.line, .end_line = {}, .col = {}, .end_col = {}};
        lines.push_back(frame.function + " " + frame.name + " " + frame.file + " " + text(position));
    }
    return lines;
}

}  // namespace

TEST_CASE("code objects are read, and the place of each of their instructions") {
    for (const LiveTarget& target : live_targets()) {
        INFO(target.id);
        for (const auto& told : target.facts.at("codes")) {
            const auto code = Code::read(target.memory, *target.layout, address_of(told));
            INFO(told.at("file") << " " << told.at("qualname"));
            REQUIRE(code.ok());
            CHECK(code->name == told.at("name").get<std::string>());
            CHECK(code->qualname == told.at("qualname").get<std::string>());
            CHECK(code->filename == told.at("file").get<std::string>());
            CHECK(code->first_line == told.at("line").get<int>());
            CHECK(code->flags == told.at("flags").get<std::uint32_t>());
            std::int64_t offset = 0;
            bool all_right = true;
            for (const auto& expected : told.at("positions")) {
                const auto found =
                    find_position(target.layout->line_table_rule, code->line_table, code->first_line, offset);
                all_right = all_right && found == position_from(expected, 0);
                if (!all_right) {
                    FAIL_CHECK("offset " << offset << " found " << text(found) << " expected "
                                         << expected.dump());
                    break;
                }
                offset += 2;
            }
        }
    }
}

TEST_CASE("the cache gives the same code, without a read, and confirms it afterwards") {
    for (const LiveTarget& target : live_targets()) {
        INFO(target.id);
        CodeCache cache(4);
        const auto address = address_of(target.facts.at("codes")[0]);
        const auto first = cache.find_or_read(target.memory, *target.layout, address);
        const auto again = cache.find_or_read(target.memory, *target.layout, address);
        REQUIRE(first.ok());
        REQUIRE(again.ok());
        CHECK(first->get() == again->get());
        for (unsigned i = 0; i < CodeCache::kSteady; ++i) {
            CHECK(cache.find_or_read(target.memory, *target.layout, address).ok());
            CHECK(cache.confirm(target.memory, *target.layout).ok());
        }
        const FakeMemory nothing({0}, {});
        CHECK(cache.find_or_read(nothing, *target.layout, address).ok());
        const auto replaced = cache.confirm(target.memory, *target.layout);
        REQUIRE(replaced.ok());
        CHECK(replaced->empty());
        for (const auto& told : target.facts.at("codes")) {
            REQUIRE(cache.find_or_read(target.memory, *target.layout, address_of(told)).ok());
            CHECK(cache.size() <= 4);
        }
        CHECK(!cache.find_or_read(target.memory, *target.layout, target.address("coroutine_type")).ok());
    }
}

TEST_CASE("threads are found by their thread pointer and by their native id") {
    for (const LiveTarget& target : live_targets()) {
        INFO(target.id);
        const RemoteAddr runtime = target.address("runtime");
        const auto all = read_thread_states(target.memory, *target.layout, runtime);
        REQUIRE(all.ok());
        CHECK(all->size() == target.facts.at("threads").size());
        for (const auto& told : target.facts.at("threads")) {
            const auto id = told.at("id").get<std::uint64_t>();
            const auto found = find_thread_state(target.memory, *target.layout, runtime, id, std::nullopt);
            REQUIRE(found.ok());
            CHECK(found->thread_id == id);
            CHECK(*target.memory.read_pointer(found->link) == found->address);
            const auto collecting = read_gc_collecting(target.memory, *target.layout, runtime, *found);
            REQUIRE(collecting.ok());
            CHECK_FALSE(*collecting);
            if (!found->native_id) continue;
            CHECK(*found->native_id == told.at("native").get<std::uint64_t>());
            const auto by_native =
                find_thread_state(target.memory, *target.layout, runtime, 1, found->native_id);
            REQUIRE(by_native.ok());
            CHECK(by_native->address == found->address);
        }
        const auto none = find_thread_state(target.memory, *target.layout, runtime, 1, std::nullopt);
        CHECK(none.error().code == Errc::not_found);
    }
}

TEST_CASE("stacks are those that the threads have") {
    for (const LiveTarget& target : live_targets()) {
        INFO(target.id);
        CodeCache cache;
        for (const auto& told : target.facts.at("threads")) {
            const auto thread = find_thread_state(target.memory, *target.layout, target.address("runtime"),
                                                  told.at("id").get<std::uint64_t>(), std::nullopt);
            REQUIRE(thread.ok());
            const auto stack = copy_stack(target.memory, *target.layout, cache, *thread);
            REQUIRE(stack.ok());
            CHECK(stack->note.empty());
            CHECK(stack_texts(resolve_stack(*target.layout, *stack)) == stack_texts(told.at("stack")));
        }
    }
}

TEST_CASE("coroutines tell their names, code and arguments") {
    for (const LiveTarget& target : live_targets()) {
        INFO(target.id);
        CodeCache cache;
        TypeCache types;
        for (const auto& told : target.facts.at("coroutines")) {
            const auto created = read_is_created(target.memory, *target.layout, address_of(told));
            REQUIRE(created.ok());
            CHECK(*created == told.at("created").get<bool>());
            if (!*created) continue;
            INFO(told.at("qualname"));
            const auto reading =
                read_coroutine(target.memory, *target.layout, cache, types, address_of(told), PreviewCaps{});
            REQUIRE(reading.ok());
            CHECK(reading->notes.empty());
            CHECK(reading->name == told.at("name").get<std::string>());
            CHECK(reading->qualname == told.at("qualname").get<std::string>());
            REQUIRE(reading->code);
            CHECK(reading->code->address.value == told.at("code").get<std::uint64_t>());
            REQUIRE(reading->arguments.size() == told.at("arguments").size());
            for (std::size_t i = 0; i < reading->arguments.size(); ++i) {
                const ArgumentFacts& found = reading->arguments[i];
                const auto& expected = told.at("arguments")[i];
                CHECK(found.name == expected[0].get<std::string>());
                CHECK(found.type == expected[1].get<std::string>());
                REQUIRE(found.value);
                CHECK(show_value(*found.value, PreviewCaps{}) == expected[2].get<std::string>());
            }
            const auto redacted =
                read_coroutine(target.memory, *target.layout, cache, types, address_of(told), std::nullopt);
            REQUIRE(redacted.ok());
            for (const ArgumentFacts& found : redacted->arguments) CHECK(!found.value);
        }
    }
}

TEST_CASE("cr_origin is read") {
    for (const LiveTarget& target : live_targets()) {
        INFO(target.id);
        for (const auto& told : target.facts.at("origins")) {
            const auto origin = read_origin(target.memory, *target.layout, address_of(told));
            REQUIRE(origin.ok());
            auto found = nlohmann::json::array();
            for (const auto& frame : *origin) found.push_back({frame.file, frame.line, frame.function});
            CHECK(found == told.at("origin"));
        }
    }
}

TEST_CASE("asend, athrow and aclose objects are told apart") {
    for (const LiveTarget& target : live_targets()) {
        INFO(target.id);
        for (const auto& told : target.facts.at("agen_methods")) {
            const auto reading = read_agen_method(target.memory, *target.layout, address_of(told));
            REQUIRE(reading.ok());
            const std::string method = reading->method == AgenMethod::kAsend    ? "asend"
                                       : reading->method == AgenMethod::kAthrow ? "athrow"
                                                                                : "aclose";
            CHECK(method == told.at("method").get<std::string>());
            CHECK(reading->generator.value == told.at("generator").get<std::uint64_t>());
            CHECK(reading->created == told.at("created").get<bool>());
        }
    }
}

}  // namespace corotrace
