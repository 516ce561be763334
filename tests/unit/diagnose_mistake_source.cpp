// SPDX-License-Identifier: MIT
// What the source adds to a mistake: the line that created the coroutine, and the one that registered it.
#include "tests/support/catch.hpp"
#include "tracer/diagnose/mistake_source.hpp"
#include "tracer/diagnose/registration.hpp"
#include "tracer/findings/own_place.hpp"

namespace corotrace::diagnose_mistake_source_test {

namespace {

const std::string kFile = "/srv/app.py";

SourceLines sources_of(const std::string& text) {
    SourceLines sources;
    sources.add(kFile, std::make_shared<const SourceText>(text));
    return sources;
}

Frame frame_of(const std::string& name, const std::string& file, int line) {
    Frame frame;
    frame.function = name;
    frame.name = name;
    frame.file = file;
    frame.line = line;
    return frame;
}

Frame frame_at(const SourceLines& sources, const std::string& name, int line) {
    Frame frame = frame_of(name, kFile, line);
    frame.source = sources.find_line(kFile, line);
    return frame;
}

// Of save(), defined in line `line`, as it was told at the drop.
Finding finding_of(int line, const std::string& id) {
    Finding finding;
    finding.coroutine.name = "save";
    finding.coroutine.qualname = "save";
    finding.coroutine.file = kFile;
    finding.coroutine.line = line;
    finding.dropped.frames = {frame_of("main", kFile, 90)};
    finding.mistake = Mistake{.id = id, .sentence = "as found at the drop"};
    return finding;
}

// Created at this line, and dropped by main() elsewhere.
Finding made_at(const SourceLines& sources, const std::string& function, int line, const std::string& id) {
    Finding finding = finding_of(100, id);
    finding.created = {.how = CreationSource::kOrigin, .frames = {frame_at(sources, function, line)}};
    return finding;
}

// Called by a library, and defined in line `line`.
Finding called_back(int line) {
    Finding finding = finding_of(line, "async_callback");
    finding.dropped.frames->push_back(frame_of("emit", "/usr/lib/python3/dist-packages/bus.py", 3));
    return finding;
}

}  // namespace

TEST_CASE("the variables of the loops around a line") {
    const SourceLines sources = sources_of(
        "for outside in range(3):\n"
        "    def f(rows):\n"
        "        for key, (left, _) in rows:\n"
        "            if key:\n"
        "                start(left)\n"
        "            async for row in left:\n"
        "                pass\n"
        "        [start(x) for x in rows]\n"
        "        before in rows\n");
    using Names = std::vector<std::string>;
    CHECK(sources.find_loop_names(kFile, 5) == Names{"key", "left"});
    CHECK(sources.find_loop_names(kFile, 7) == Names{"row", "key", "left"});
    CHECK(sources.find_loop_names(kFile, 8) == Names{"x"});
    CHECK(sources.find_loop_names(kFile, 9).empty());
    CHECK(sources.find_loop_names(kFile, 99).empty());
    CHECK(sources.find_loop_names("/other.py", 1).empty());
}

TEST_CASE("an async wrapper that gives back the coroutine has the fix") {
    const auto sources = sources_of(
        "def signed(function):\n    async def inner(*args):\n        check()\n"
        "        return function(*args)  # of the view\n    return inner\n");
    Finding finding = made_at(sources, "inner", 4, "awaited_result_discarded");
    refine_mistake(finding, false, sources, OwnCode());
    CHECK(finding.mistake->fix == "return await function(*args)");
    REQUIRE(finding.mistake->place);
    CHECK(finding.mistake->place->line == 4);
    CHECK(own_place(finding, OwnCode())->line == 4);
}

TEST_CASE("a plain wrapper, or one that still runs, is not to blame") {
    const auto plain = sources_of("def outer():\n    def inner(*args):\n        return function(*args)\n");
    Finding finding = made_at(plain, "inner", 3, "awaited_result_discarded");
    refine_mistake(finding, false, plain, OwnCode());
    CHECK_FALSE(finding.mistake->fix);
    const auto runs = sources_of("async def main(*args):\n    return function(*args)\n");
    finding = made_at(runs, "main", 2, "awaited_result_discarded");
    refine_mistake(finding, false, runs, OwnCode());
    CHECK_FALSE(finding.mistake->fix);
    const auto nested = sources_of("async def inner(*args):\n    return wrap(function(*args))\n");
    finding = made_at(nested, "inner", 2, "awaited_result_discarded");
    refine_mistake(finding, false, nested, OwnCode());
    CHECK_FALSE(finding.mistake->fix);
}

TEST_CASE("asyncio.wait() of a comprehension gets tasks") {
    const auto sources =
        sources_of("async def stop():\n    await asyncio.wait([w.save() for w in all_of])\n");
    Finding finding = made_at(sources, "<listcomp>", 2, "never_scheduled");
    refine_mistake(finding, false, sources, OwnCode());
    CHECK(finding.mistake->fix == "await asyncio.wait([asyncio.create_task(w.save()) for w in all_of])");
}

TEST_CASE("all() of a generator expression gets a list that awaits") {
    const auto sources = sources_of("async def may():\n    if all(save(x) for x in xs):\n        pass\n");
    Finding finding = made_at(sources, "<genexpr>", 2, "tested_for_truth");
    refine_mistake(finding, false, sources, OwnCode());
    CHECK(finding.mistake->fix == "if all([await save(x) for x in xs]):");
    const auto plain = sources_of("def may():\n    return all(save(x) for x in xs)\n");
    finding = made_at(plain, "<genexpr>", 2, "tested_for_truth");
    refine_mistake(finding, false, plain, OwnCode());
    CHECK_FALSE(finding.mistake->fix);
}

TEST_CASE("of an unknown mistake the creating line tells what got the coroutine") {
    const auto sources =
        sources_of("def connect(bus):\n    bus.listen_once(\"stop\", client.save())\n    put(save())\n");
    Finding finding = made_at(sources, "connect", 2, "unknown");
    refine_mistake(finding, false, sources, OwnCode());
    CHECK(finding.mistake->id == "passed_as_callback");
    finding = made_at(sources, "connect", 3, "unknown");
    refine_mistake(finding, false, sources, OwnCode());
    CHECK(finding.mistake->id == "passed_to_function");
    finding = made_at(sources, "connect", 3, "result_discarded");
    refine_mistake(finding, false, sources, OwnCode());
    CHECK(finding.mistake->id == "result_discarded");
}

TEST_CASE("what registered an async function with a library is the place") {
    const std::string text =
        "from app import save\nasync def save(x):\n    save(1)\ndef setup():\n    bus.on(\"x\", save)  # "
        "here\n";
    const auto sources = sources_of(text);
    Finding finding = called_back(2);
    refine_mistake(finding, true, sources, OwnCode());
    REQUIRE(finding.mistake->place);
    CHECK(finding.mistake->place->line == 5);
    CHECK(finding.mistake->place->function == "setup");
    CHECK(finding.mistake->fix ==
          "bus.on(\"x\", lambda *args, **kwargs: asyncio.run(save(*args, **kwargs)))");
    // What it gives back is wanted: a task in its place would not do.
    finding = called_back(2);
    refine_mistake(finding, false, sources, OwnCode());
    CHECK_FALSE(finding.mistake->fix);
    // Twice: either may be it.
    const auto twice = sources_of(text + "    bus.on(\"y\", save)\n");
    finding = called_back(2);
    refine_mistake(finding, true, twice, OwnCode());
    CHECK_FALSE(finding.mistake->fix);
    REQUIRE(finding.mistake->place);
    CHECK(finding.mistake->place->line == 2);
}

TEST_CASE("a decorator is what registered the function") {
    const auto sources = sources_of("@app.on_event(\"startup\")\nasync def save():\n    pass\n");
    Finding finding = called_back(1);
    refine_mistake(finding, true, sources, OwnCode());
    REQUIRE(finding.mistake->place);
    CHECK(finding.mistake->place->source == "@app.on_event(\"startup\")");
    CHECK_FALSE(finding.mistake->fix);
}

TEST_CASE("sources that do not fit what was noted tell nothing") {
    for (const char* text :
         {"", "\n", "return (", "async def f():\n  return f(", "((((\n))))", "all(save() for"}) {
        const auto sources = sources_of(text);
        for (const char* id :
             {"unknown", "awaited_result_discarded", "never_scheduled", "tested_for_truth"}) {
            for (const int line : {-1, 0, 1, 2, 99}) {
                Finding finding = made_at(sources, "f", line, id);
                refine_mistake(finding, true, sources, OwnCode());
                CHECK_FALSE(finding.mistake->fix);
            }
        }
    }
}

TEST_CASE("a mock that was given the coroutine is told by the creating line") {
    const auto sources = sources_of("def test():\n    service = Mock(load=save())\n");
    Finding finding = made_at(sources, "test", 2, "kept_in_cycle");
    refine_mistake(finding, false, sources, OwnCode());
    CHECK(finding.mistake->id == "held_by_mock");
}

TEST_CASE("a program that is installed as a library is its own, where --own says so") {
    const std::string file = "/srv/site-packages/shop/app.py";
    SourceLines sources;
    sources.add(file, std::make_shared<const SourceText>("async def main():\n    asyncio.wait([save()])\n"));
    Finding finding = finding_of(100, "never_scheduled");
    Frame made = frame_of("main", file, 2);
    made.source = sources.find_line(file, 2);
    finding.created = {.how = CreationSource::kOrigin, .frames = {made}};
    refine_mistake(finding, false, sources, OwnCode());
    CHECK_FALSE(finding.mistake->fix);
    refine_mistake(finding, false, sources, OwnCode({"*/shop/*"}));
    CHECK(finding.mistake->fix == "asyncio.wait([asyncio.create_task(save())])");
}

TEST_CASE("a mistake is set anew by what the drop itself told, each time") {
    const auto sources =
        sources_of("async def main():\n    asyncio.wait([save()])\n    queue.append(save())\n");
    Finding finding = made_at(sources, "main", 3, "unknown");
    finding.seen = SeenMistake{.mistake = finding.mistake};
    diagnose_by_creation(finding, sources, OwnCode());
    CHECK(finding.mistake->id == "kept_in_container");
    finding.created.frames = {frame_at(sources, "main", 2)};
    diagnose_by_creation(finding, sources, OwnCode());
    CHECK(finding.mistake->id == "unknown");  // nothing of the line before is left
    CHECK_FALSE(finding.mistake->place);
    CHECK(list_diagnosis_files(finding, OwnCode()) == std::vector<std::string>{kFile});
}

}  // namespace corotrace::diagnose_mistake_source_test
