// SPDX-License-Identifier: MIT
// Objects of live interpreters, read from outside, are what the interpreters themselves say.
#include "cpython_layouts/dict.hpp"
#include "cpython_layouts/integer.hpp"
#include "cpython_layouts/objects.hpp"
#include "cpython_layouts/preview.hpp"
#include "cpython_layouts/runtime.hpp"
#include "tests/layouts/live_target.hpp"
#include "tests/support/catch.hpp"

namespace corotrace {

namespace {

PreviewCaps caps_from(const nlohmann::json& caps) {
    return {.max_level = caps[0],
            .max_tuple = caps[1],
            .max_list = caps[2],
            .max_dict = caps[3],
            .max_string = caps[4],
            .max_long = caps[5],
            .max_other = caps[6],
            .max_objects = 100'000,
            .named = {"*"}};
}

template <typename T>
std::string text_of(const Result<T>& result) {
    return result ? std::string(*result) : "error: " + result.error().what;
}

}  // namespace

TEST_CASE("every interpreter found has a table") {
    REQUIRE(!live_targets().empty());
    for (const LiveTarget& target : live_targets()) {
        INFO(target.id);
        CHECK(target.layout != nullptr);
    }
}

TEST_CASE("previews are what reprlib prints") {
    for (const LiveTarget& target : live_targets()) {
        INFO(target.id);
        const auto& all_caps = target.facts.at("caps");
        for (const auto& told : target.facts.at("objects")) {
            for (std::size_t i = 0; i < all_caps.size(); ++i) {
                INFO("caps " << all_caps[i].dump() << " type " << told.at("type"));
                const auto shown =
                    preview(target.memory, *target.layout, address_of(told), caps_from(all_caps[i]));
                CHECK(text_of(shown) == told.at("previews")[i].get<std::string>());
            }
        }
    }
}

TEST_CASE("a redacted object shows its type and length only") {
    for (const LiveTarget& target : live_targets()) {
        INFO(target.id);
        TypeCache types;
        for (const auto& told : target.facts.at("objects")) {
            const auto described = describe_type(target.memory, *target.layout, types, address_of(told));
            CHECK(text_of(described) == told.at("type").get<std::string>());
        }
        const auto replaced = types.confirm(target.memory, *target.layout);
        REQUIRE(replaced.ok());
        CHECK(replaced->empty());
    }
}

TEST_CASE("a preview looks at no more objects than it may") {
    for (const LiveTarget& target : live_targets()) {
        INFO(target.id);
        for (const auto& told : target.facts.at("objects")) {
            if (told.at("type") != "list[100]") continue;
            const PreviewCaps caps{.max_list = 100, .max_objects = 3};
            const auto shown = preview(target.memory, *target.layout, address_of(told), caps);
            CHECK(text_of(shown).substr(0, 14) == "[0, 1, ..., ..");
        }
    }
}

TEST_CASE("strings of every kind and age are read") {
    for (const LiveTarget& target : live_targets()) {
        INFO(target.id);
        for (const auto& told : target.facts.at("strings")) {
            const auto text = read_str(target.memory, *target.layout, address_of(told));
            CHECK(text_of(text) == told.at("text").get<std::string>());
        }
    }
}

TEST_CASE("readers refuse objects of another type") {
    for (const LiveTarget& target : live_targets()) {
        INFO(target.id);
        const RemoteAddr type = target.address("coroutine_type");
        const Layout& layout = *target.layout;
        CHECK(read_str(target.memory, layout, type).error().code == Errc::malformed);
        CHECK(read_bytes(target.memory, layout, type, 10).error().code == Errc::malformed);
        CHECK(read_tuple(target.memory, layout, type, 10).error().code == Errc::malformed);
        CHECK(read_list(target.memory, layout, type, 10).error().code == Errc::malformed);
        CHECK(read_dict(target.memory, layout, type, 10).error().code == Errc::malformed);
        CHECK(read_int(target.memory, layout, type).error().code == Errc::malformed);
        CHECK(read_str(target.memory, layout, {1}).error().code == Errc::unreadable);
    }
}

TEST_CASE("a module's attribute is found through sys.modules") {
    for (const LiveTarget& target : live_targets()) {
        INFO(target.id);
        const auto interpreters = read_interpreters(target.memory, *target.layout, target.address("runtime"));
        REQUIRE(interpreters.ok());
        REQUIRE(interpreters->size() == 1);
        CHECK(interpreters->front().id == 0);
        const RemoteAddr interpreter = interpreters->front().address;
        const auto warn = find_module_attribute(target.memory, *target.layout, interpreter, "warnings",
                                                "_warn_unawaited_coroutine");
        REQUIRE(warn.ok());
        CHECK(*warn == target.address("warn_function"));
        const auto none =
            find_module_attribute(target.memory, *target.layout, interpreter, "warnings", "nothing");
        CHECK(none.error().code == Errc::not_found);
    }
}

}  // namespace corotrace
