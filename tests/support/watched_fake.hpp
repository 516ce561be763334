// SPDX-License-Identifier: MIT
// WatchedFake: a session of a fake target, and what it told.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/fake_target.hpp"
#include "tests/support/recording_report.hpp"
#include "tracer/session/target_session.hpp"

namespace corotrace {

inline SessionSetup make_fake_setup() {
    SessionSetup setup;
    setup.id = {.pid = 100, .generation = 1};
    setup.options.pid = 100;
    setup.options.origin = OriginMode::kOff;
    setup.stop_signal = SIGURG;
    setup.pid_in_namespace = 100;
    setup.seccomp_filters = 0;
    return setup;
}

struct WatchedFake {
    explicit WatchedFake(const SessionSetup& setup = make_fake_setup())
        : session(setup, target.live(), report) {}

    Status begin() {
        target.probes.slots.insert(RemoteAddr{0x108});
        return session.begin([] {});
    }
    SessionEnd leave() {
        for (int i = 0; i < 10 && session.phase() != TargetSession::Phase::kLeft; ++i) {
            session.step(std::chrono::steady_clock::now() + (i / 2) * std::chrono::seconds(1), [] {});
        }
        REQUIRE(session.phase() == TargetSession::Phase::kLeft);
        return session.finish();
    }

    FakeTarget target;
    RecordingReport report;
    TargetSession session;
};

inline bool has_note(const SessionEnd& end, const std::string& text) {
    return std::ranges::find(end.summary.notes, text) != end.summary.notes.end();
}

}  // namespace corotrace
