// SPDX-License-Identifier: MIT
// Functions that take coroutines, told by their source.
#include "tracer/diagnose/helper_source.hpp"

#include <memory>

#include "tests/support/catch.hpp"

namespace corotrace::diagnose_helper_source_test {

namespace {

bool takes(const std::string& text, const std::string& name) {
    SourceLines sources;
    sources.add("/srv/app.py", std::make_shared<const SourceText>(text));
    return takes_coroutines(sources, "/srv/app.py", name);
}

}  // namespace

TEST_CASE("a function that awaits or schedules a parameter takes coroutines") {
    CHECK(takes("async def limited(work):\n    async with sem:\n        return await work\n", "limited"));
    CHECK(takes("class App:\n    def spawn(self, work: object = None):\n\n        create_task(work)\n",
                "spawn"));
    CHECK(takes("def run_sync(x=f(1), *, coroutine):\n    return asyncio.run(coroutine)\n", "run_sync"));
}

TEST_CASE("others do not") {
    CHECK_FALSE(takes("def log(work):\n    print(work)\n", "log"));
    CHECK_FALSE(takes("async def save(work):\n    await works\n    await other(work)\n", "save"));
    CHECK_FALSE(takes("def log(work):\n    pass\nasync def other(work):\n    await work\n", "log"));
    CHECK_FALSE(takes("def save(self):\n    asyncio.run(self)\n", "save"));
    CHECK_FALSE(takes("def spawn(work):\n    create_task(work)\n", ""));
    CHECK_FALSE(takes("spawn = other\n", "spawn"));
}

TEST_CASE("a parameter's name tells what is wanted") {
    SourceLines sources;
    sources.add("/srv/app.py", std::make_shared<const SourceText>(
                                   "class App:\n    def every(self, seconds, job):\n        pass\n"
                                   "def on(name, callback=None): pass\n"
                                   "def twice(job): pass\ndef twice(job): pass\n"));
    const auto kind = [&](const std::string& name, std::size_t position, const std::string& keyword = "") {
        return kind_of_parameter(sources, "/srv/app.py", name, position, keyword);
    };
    CHECK(kind("every", 0) == ParameterKind::kPlain);
    CHECK(kind("every", 1) == ParameterKind::kEither);
    CHECK(kind("on", 1) == ParameterKind::kFunction);
    CHECK(kind("on", 2) == ParameterKind::kPlain);
    CHECK(kind("elsewhere", 0, "on_message_callback") == ParameterKind::kFunction);
    CHECK(kind("elsewhere", 0) == ParameterKind::kPlain);
    CHECK(kind("twice", 0) == ParameterKind::kPlain);
}

}  // namespace corotrace::diagnose_helper_source_test
