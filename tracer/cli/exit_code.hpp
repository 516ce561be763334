// SPDX-License-Identifier: MIT
// ExitCode: how corotrace tells a script what happened. The one place where reasons become numbers; the
// table in corotrace.1 and in --help is this one.
#pragma once

#include <cstdint>

#include "tracer/session/attach_session.hpp"

namespace corotrace::cli {

enum class ExitCode : std::uint8_t {
    kDone = 0,
    kFindings = 1,     // and --fail-on was given
    kUsage = 2,        // wrong flag or value, an output file that cannot be created
    kNoProcess = 3,    // no such process, a zombie, or it ended while being attached to
    kDenied = 4,       // permission, or another tracer is attached
    kUnsupported = 5,  // not CPython, or a build or version that is not supported
    // 130 and 143 are made by the signal that ends corotrace, where it no longer waits for one.
    kIncomplete = 6,  // target lost, report not written to its end, coverage incomplete under --strict
};

// Why run_attach() could not begin or go on.
[[nodiscard]] ExitCode exit_code(Errc code);

struct ExitPolicy {
    bool fail_on_any = false;  // --fail-on
    bool strict = false;       // --strict
};

// How a session ended. A lost target outweighs findings: their number is not the whole truth.
[[nodiscard]] ExitCode exit_code(const SessionEnd& end, const ExitPolicy& policy);
// How a run over several processes ended.
[[nodiscard]] ExitCode exit_code(const RunEnd& end, const ExitPolicy& policy);

}  // namespace corotrace::cli
