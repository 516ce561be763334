// SPDX-License-Identifier: MIT
// The one line of the program that can have done it, where the stack does not tell.
#include "tests/support/catch.hpp"
#include "tracer/diagnose/mistake_search.hpp"

namespace corotrace::diagnose_mistake_search_test {

namespace {

const std::string kFile = "/srv/app.py";

Finding finding_of(const std::string& id) {
    Finding finding;
    finding.coroutine.name = "login";
    finding.coroutine.qualname = "Api.login";
    finding.coroutine.file = kFile;
    finding.coroutine.line = 90;
    finding.coroutine.arguments.emplace().push_back({.name = "self", .type = "Api", .value = {}});
    finding.mistake = Mistake{.id = id, .sentence = "as found at the drop"};
    return finding;
}

Finding kept(const std::string& text, std::optional<int> created = {}) {
    SourceLines sources;
    sources.add(kFile, std::make_shared<const SourceText>(text));
    Finding finding = finding_of("kept_in_cycle");
    find_own_attribute(finding, created, sources, OwnCode{});
    return finding;
}

Finding given(const std::string& text, const std::string& innermost = "_run_once") {
    SourceLines sources;
    sources.add(kFile, std::make_shared<const SourceText>(text));
    Finding finding = finding_of("unknown");
    Frame frame;
    frame.name = frame.function = innermost;
    frame.file = "/usr/lib/python3.11/asyncio/base_events.py";
    finding.dropped.frames = {frame};
    find_given_to_executor(finding, sources, OwnCode{});
    return finding;
}

}  // namespace

TEST_CASE("an attribute that keeps the coroutine of a method of its object") {
    const Finding async = kept("async def start(self):\n    self.token = self.login()\n");
    CHECK(async.mistake->fix == "self.token = await self.login()");
    REQUIRE(async.mistake->place);
    CHECK(async.mistake->place->line == 2);
    CHECK(async.mistake->sentence.find("kept in self.token by line 2") != std::string::npos);

    const Finding plain = kept("def start(self):\n    self.token = self.login()\n");
    CHECK_FALSE(plain.mistake->fix);
    CHECK(plain.mistake->advice == "await it in an async function: self.token = await self.login()");

    const Finding list = kept("async def start(self):\n    self.jobs.append(self.login())\n");
    CHECK(list.mistake->fix == "self.jobs.append(await self.login())");

    const Finding later = kept(
        "async def start(self):\n    self.token = self.login()\n"
        "async def use(self):\n    return await self.token\n");
    CHECK_FALSE(later.mistake->fix);
    CHECK(later.mistake->advice);
}

TEST_CASE("other lines keep none, or are not told apart") {
    const auto untouched = [](const std::string& text) {
        return kept(text).mistake->sentence == "as found at the drop";
    };
    CHECK(untouched("async def start(self):\n    self.token = await self.login()\n"));
    CHECK(untouched("async def start(self):\n    self.login()\n"));
    CHECK(untouched("async def start(self):\n    token = self.login()\n"));
    CHECK(untouched("async def start(self):\n    self.show(self.login())\n"));
    const std::string two = "async def start(self):\n    self.a = self.login()\n    self.b = self.login()\n";
    CHECK(untouched(two));
    CHECK(kept(two, 3).mistake->fix == "self.b = await self.login()");
}

TEST_CASE("a line that gives the async function to an executor") {
    const Finding found =
        given("async def show(self):\n    x = await loop.run_in_executor(None, self.login)\n");
    CHECK(found.mistake->id == "given_to_executor");
    REQUIRE(found.mistake->place);
    CHECK(found.mistake->place->line == 2);
    CHECK(given("async def show(self):\n    x = await asyncio.to_thread(self.login, 1)\n").mistake->id ==
          "given_to_executor");
    CHECK(given("def show(self):\n    bus.on(self.login)\n").mistake->id == "unknown");
    CHECK(given("async def show(self):\n    x = await asyncio.to_thread(self.login)\n", "main").mistake->id ==
          "unknown");
    CHECK(given("def show(self):\n    return 1\n").mistake->id == "unknown");
}

}  // namespace corotrace::diagnose_mistake_search_test
