// SPDX-License-Identifier: MIT
#include "tracer/findings/coverage.hpp"

namespace corotrace {

Coverage judge_coverage(const CoverageEvidence& evidence) {
    Coverage coverage{
        .state = CoverageState::kUnknown, .dealloc = evidence.dealloc, .warned = evidence.warned, .why = {}};
    if (!evidence.warned && evidence.never_imported && evidence.dealloc == 0) {
        coverage.state = CoverageState::kExact;
        coverage.why = "Python warned of nothing: it had not imported the module warnings";
        return coverage;
    }
    if (!evidence.warned) {
        coverage.why = "the warning path could not be watched";
        return coverage;
    }
    const std::uint64_t warned = *evidence.warned;
    if (warned == evidence.dealloc) {
        coverage.state = CoverageState::kExact;
        return coverage;
    }
    coverage.state = CoverageState::kIncomplete;
    const bool lacks = warned < evidence.dealloc;
    if (evidence.replaced) {
        coverage.why =
            "warnings._warn_unawaited_coroutine was replaced, or imported by a further interpreter, "
            "meanwhile";
    } else if (lacks && evidence.dealloc - warned <= evidence.at_shutdown) {
        // CPython then warns without calling the function: its module is gone.
        coverage.state = CoverageState::kExact;
        coverage.why = std::to_string(evidence.dealloc - warned) +
                       " were dropped at interpreter shutdown, when the warning path no longer exists";
    } else if (lacks && evidence.dropped_elsewhere) {
        coverage.why =
            "interpreters that started while we watched warn by functions of their own, not counted";
    } else if (evidence.target_ended) {
        coverage.why = "the target ended before both counts could be compared at rest";
    } else {
        coverage.why = "the two counts differ";
    }
    return coverage;
}

}  // namespace corotrace
