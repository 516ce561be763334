// SPDX-License-Identifier: MIT
#include "tests/support/catch.hpp"
#include "tracer/diagnose/created_test.hpp"

namespace corotrace::diagnose_created_test_test {
namespace {

Frame frame(const std::string& file, const std::string& name) {
    Frame made;
    made.file = file;
    made.name = made.function = name;
    return made;
}

Finding created_on(std::vector<Frame> frames) {
    Finding finding;
    finding.created.how = CreationSource::kOrigin;
    finding.created.frames = std::move(frames);
    return finding;
}

const Frame kPytest = frame("/usr/lib/python3/dist-packages/_pytest/python.py", "pytest_pyfunc_call");
const Frame kLoop = frame("/usr/lib/python3.11/asyncio/events.py", "_run");

TEST_CASE("the test that made a coroutine stands below its runner") {
    Finding finding =
        created_on({kPytest, kLoop, frame("/ci/tests/test_a.py", "test_x"), frame("/ci/shop.py", "place")});
    CHECK(find_created_test(finding) == "/ci/tests/test_a.py::test_x (call)");
    SECTION("by its id, if it is the current one, and without parameters") {
        finding.test = "tests/test_a.py::TestA::test_x[a::b (c)] (teardown)";
        CHECK(find_created_test(finding) == "tests/test_a.py::TestA::test_x (call)");
    }
    SECTION("a later one is another") {
        finding.test = "tests/test_a.py::test_y (call)";
        CHECK(find_created_test(finding) == "/ci/tests/test_a.py::test_x (call)");
        finding.test = "tests/test_b.py::test_x (call)";
        CHECK(find_created_test(finding) == "/ci/tests/test_a.py::test_x (call)");
    }
}

TEST_CASE("fixtures and parts of a unittest are told apart") {
    const Frame fixture = frame("/x/_pytest/fixtures.py", "call_fixture_func");
    CHECK(find_created_test(created_on({fixture, frame("/ci/conftest.py", "store")})) ==
          "/ci/conftest.py::store (fixture)");
    const Frame set_up = frame("/usr/lib/python3.8/unittest/case.py", "_callSetUp");
    CHECK(find_created_test(created_on({set_up, frame("/ci/test_a.py", "setUp")})) ==
          "/ci/test_a.py::setUp (setup)");
}

TEST_CASE("what made it is in no test, or not known") {
    CHECK(find_created_test(Finding()) == std::nullopt);
    CHECK(find_created_test(created_on({frame("/ci/tests/test_a.py", "test_x")})) == std::nullopt);
    CHECK(find_created_test(created_on({kPytest, kLoop})) == std::nullopt);
}

TEST_CASE("the frame that dropped it made it: in the same test") {
    Finding finding;
    finding.created.how = CreationSource::kInferred;
    finding.test = "tests/test_a.py::test_x[1] (call)";
    CHECK(find_created_test(finding) == finding.test);
}

}  // namespace
}  // namespace corotrace::diagnose_created_test_test
