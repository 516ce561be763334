// SPDX-License-Identifier: MIT
#include "tracer/findings/fingerprint.hpp"

#include "tests/support/catch.hpp"

namespace corotrace::findings_fingerprint_test {
namespace {

Frame frame(std::string name, std::string file, int line, std::string source) {
    Frame frame;
    frame.function = frame.name = std::move(name);
    frame.file = std::move(file);
    frame.line = line;
    if (!source.empty()) frame.source = std::move(source);
    return frame;
}

// The same drop under `root`, with the standard library of a Python below `prefix`.
Finding make_finding(const std::string& root, const std::string& prefix) {
    Finding finding;
    finding.pid = 4711;
    finding.coroutine.name = "save";
    finding.coroutine.qualname = "Store.save";
    finding.coroutine.file = root + "/store.py";
    finding.coroutine.line = 41;
    finding.dropped.frames = {frame("<module>", root + "/main.py", 88, "asyncio.run(main())\n"),
                              frame("run", prefix + "/asyncio/runners.py", 190, "return runner.run(main)"),
                              frame("handle", root + "/handlers.py", 17, "    save(record)")};
    return finding;
}

const Finding& here() {
    static const Finding finding = make_finding("/srv/app", "/usr/lib/python3.11");
    return finding;
}

TEST_CASE("a fingerprint is what it always was") {
    CHECK(make_fingerprint(here()) == "d73f82bd424c6a35");
}

TEST_CASE("a fingerprint is the same on another machine, in another venv, under another Python") {
    Finding there = make_finding("/home/me/work/site", "/opt/python3.14/lib/python3.14");
    there.pid = 1;
    there.tid = 12;
    there.time += std::chrono::hours(1);
    there.coroutine.line = 50;
    there.coroutine.arguments.emplace();
    there.dropped.frames->front().line = 91;
    there.dropped.frames->at(1).line = 204;
    there.dropped.frames->insert(
        there.dropped.frames->begin() + 2,
        frame("run_until_complete", "/opt/python3.14/lib/python3.14/asyncio/x.py", 7, ""));
    there.dropped.frames->back().function = "Server.handle";  // the qualified name, from 3.11 on
    there.dropped.frames->back().source = "\tsave(record)  ";
    CHECK(make_fingerprint(there) == make_fingerprint(here()));
}

TEST_CASE("a comprehension is part of its function, as it is from Python 3.12 on") {
    Finding inlined = here();
    inlined.dropped.frames->back().source = "  [save(x)";
    Finding framed = here();
    framed.dropped.frames->back().source = "  found = all(";
    framed.dropped.frames->push_back(frame("<listcomp>", "/srv/app/handlers.py", 18, "   [save(x)"));
    CHECK(make_fingerprint(framed) == make_fingerprint(inlined));
    CHECK(make_fingerprint(framed) != make_fingerprint(here()));
}

TEST_CASE("how deep a recursion went is no other site") {
    Finding deeper = here();
    deeper.dropped.frames->push_back(deeper.dropped.frames->back());
    CHECK(make_fingerprint(deeper) == make_fingerprint(here()));
}

TEST_CASE("another line, function, kind or coroutine is another site") {
    const std::string known = make_fingerprint(here());
    Finding other = here();
    other.dropped.frames->back().source = "save(other)";
    CHECK(make_fingerprint(other) != known);
    other = here();
    other.dropped.frames->back().name = "other";
    CHECK(make_fingerprint(other) != known);
    other = here();
    other.kind = FindingKind::kAsyncGenAsend;
    CHECK(make_fingerprint(other) != known);
    other = here();
    other.coroutine.qualname = "Other.save";
    CHECK(make_fingerprint(other) != known);
    other = here();
    other.dropped.ended = frame("gone", "/srv/app/handlers.py", 3, "return");
    CHECK(make_fingerprint(other) != known);
}

TEST_CASE("lines whose text is unknown are told apart by number, those of libraries by nothing") {
    Finding one = here();
    one.dropped.frames->back().source.reset();
    Finding two = one;
    two.dropped.frames->back().line = 18;
    CHECK(make_fingerprint(one) != make_fingerprint(two));

    Finding in_library = here();
    in_library.dropped.frames = {frame("run", "/usr/lib/python3.11/threading.py", 5, "x")};
    Finding of_other_python = here();
    of_other_python.dropped.frames = {frame("run", "/opt/lib/python3.14/threading.py", 6, "y")};
    CHECK(make_fingerprint(in_library) == make_fingerprint(of_other_python));
}

TEST_CASE("files that --own names count as frames of the program") {
    const OwnCode own({"*/asyncio/*"});
    CHECK(make_fingerprint(here(), own) != make_fingerprint(here()));
}

}  // namespace
}  // namespace corotrace::findings_fingerprint_test
