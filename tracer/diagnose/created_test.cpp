// SPDX-License-Identifier: MIT
#include "tracer/diagnose/created_test.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace corotrace {

namespace {

// Functions of runners that call a test, or a part of one.
struct Caller {
    std::string_view file;
    std::string_view function;
    std::string_view phase;
};
constexpr std::array kCallers = {
    Caller{"/_pytest/python.py", "pytest_pyfunc_call", "call"},
    Caller{"/_pytest/fixtures.py", "call_fixture_func", "fixture"},
    Caller{"/_pytest/fixtures.py", "_teardown_yield_fixture", "fixture"},
    Caller{"/unittest/case.py", "_callTestMethod", "call"},
    Caller{"/unittest/case.py", "_callSetUp", "setup"},
    Caller{"/unittest/case.py", "_callTearDown", "teardown"},
    Caller{"/unittest/case.py", "_callCleanup", "cleanup"},
    Caller{"/unittest/async_case.py", "_callTestMethod", "call"},
    Caller{"/unittest/async_case.py", "_callSetUp", "setup"},
    Caller{"/unittest/async_case.py", "_callTearDown", "teardown"},
    Caller{"/unittest/async_case.py", "_callCleanup", "cleanup"},
    Caller{"/unittest/suite.py", "_handleClassSetUp", "setup"},
};

const Caller* find_caller(const Frame& frame) {
    const auto* found = std::find_if(kCallers.begin(), kCallers.end(), [&](const Caller& caller) {
        return frame.name == caller.function && frame.file.ends_with(caller.file);
    });
    return found == kCallers.end() ? nullptr : found;
}

// What stands between a runner and the test: the runner's own, its plugins', the event loop's.
bool is_between(const Frame& frame) {
    constexpr std::array<std::string_view, 7> kParts = {"/site-packages/", "/dist-packages/", "/unittest/",
                                                        "/asyncio/",       "/contextlib.py",  "/concurrent/",
                                                        "<frozen "};
    return std::any_of(kParts.begin(), kParts.end(),
                       [&](std::string_view part) { return frame.file.find(part) != std::string::npos; });
}

// "tests/test_a.py::TestA::test_x[1-2] (call)" without what stands behind the function; empty: it is of
// another function.
std::string_view strip_if_same(std::string_view id, const Frame& frame) {
    const auto path = id.substr(0, id.find("::"));
    if (path.size() == id.size() || !frame.file.ends_with(path)) return {};
    // Parameters may hold anything, but no name has a bracket or a blank.
    const auto end = id.find_first_of("[ ", path.size());
    const auto whole = id.substr(0, end);
    return whole.substr(whole.rfind("::") + 2) == frame.name ? whole : std::string_view();
}

}  // namespace

std::optional<std::string> find_created_test(const Finding& finding) {
    const CreatedFacts& created = finding.created;
    if (created.how == CreationSource::kInferred) return finding.test;
    const auto& frames = created.frames;
    for (auto at = frames.rbegin(); at != frames.rend(); ++at) {
        const Caller* const caller = find_caller(*at);
        if (caller == nullptr) continue;
        const auto test = std::find_if_not(at.base(), frames.end(), is_between);
        if (test == frames.end()) return std::nullopt;
        const std::string_view same = finding.test ? strip_if_same(*finding.test, *test) : std::string_view();
        return (same.empty() ? test->file + "::" + test->name : std::string(same)) + " (" +
               std::string(caller->phase) + ")";
    }
    return std::nullopt;
}

}  // namespace corotrace
