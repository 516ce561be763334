// SPDX-License-Identifier: MIT
#include "tracer/cli/exit_code.hpp"

#include "tests/support/catch.hpp"

namespace corotrace::cli::cli_exit_code_test {
namespace {

SessionEnd make_end(EndReason reason, std::uint64_t never_awaited, CoverageState state) {
    SessionEnd end;
    end.reason = reason;
    end.summary.never_awaited = never_awaited;
    end.summary.coverage.state = state;
    return end;
}

TEST_CASE("the numbers that scripts rely on") {
    CHECK(static_cast<int>(exit_code(Errc::usage)) == 2);
    CHECK(static_cast<int>(exit_code(Errc::not_found)) == 3);
    CHECK(static_cast<int>(exit_code(Errc::gone)) == 3);
    CHECK(static_cast<int>(exit_code(Errc::denied)) == 4);
    CHECK(static_cast<int>(exit_code(Errc::unsupported)) == 5);
    for (const Errc code : {Errc::unreadable, Errc::malformed, Errc::timeout, Errc::io, Errc::internal})
        CHECK(static_cast<int>(exit_code(code)) == 6);
}

TEST_CASE("a session that ended in any ordinary way is done") {
    for (const EndReason reason :
         {EndReason::kDeadline, EndReason::kMaxEvents, EndReason::kInterrupted, EndReason::kTerminated,
          EndReason::kStopAsked, EndReason::kTargetExited, EndReason::kTargetExec}) {
        CHECK(exit_code(make_end(reason, 5, CoverageState::kUnknown), {}) == ExitCode::kDone);
        CHECK(exit_code(make_end(reason, 5, CoverageState::kExact), {true, true}) == ExitCode::kFindings);
        CHECK(exit_code(make_end(reason, 0, CoverageState::kExact), {true, true}) == ExitCode::kDone);
    }
}

TEST_CASE("an incomplete count outweighs findings under --strict, a lost target always") {
    for (const CoverageState state : {CoverageState::kIncomplete, CoverageState::kUnknown}) {
        CHECK(exit_code(make_end(EndReason::kDeadline, 5, state), {true, true}) == ExitCode::kIncomplete);
        CHECK(exit_code(make_end(EndReason::kDeadline, 5, state), {true, false}) == ExitCode::kFindings);
    }
    CHECK(exit_code(make_end(EndReason::kTargetLost, 5, CoverageState::kExact), {true, false}) ==
          ExitCode::kIncomplete);
}

TEST_CASE("what was only read is a finding too, and never exact") {
    SessionEnd end = make_end(EndReason::kDeadline, 0, CoverageState::kUnknown);
    end.summary.never_awaited = std::nullopt;
    CHECK(exit_code(end, {true, false}) == ExitCode::kDone);
    end.summary.sites = 1;
    CHECK(exit_code(end, {true, false}) == ExitCode::kFindings);
    CHECK(exit_code(end, {true, true}) == ExitCode::kIncomplete);
}

TEST_CASE("a process tree has found something if one of its processes has") {
    RunEnd end;
    CHECK(exit_code(end, {true, false}) == ExitCode::kDone);
    end.total.never_awaited = 1;
    CHECK(exit_code(end, {true, false}) == ExitCode::kFindings);
    CHECK(exit_code(end, {}) == ExitCode::kDone);
    end.total.never_awaited = std::nullopt;
    CHECK(exit_code(end, {true, false}) == ExitCode::kDone);
    end.total.sites = 1;
    CHECK(exit_code(end, {true, false}) == ExitCode::kFindings);
    end.lost = true;
    CHECK(exit_code(end, {}) == ExitCode::kIncomplete);
}

}  // namespace
}  // namespace corotrace::cli::cli_exit_code_test
