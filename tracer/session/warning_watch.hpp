// SPDX-License-Identifier: MIT
// WarningWatch: a session that only reads. It traces nobody and writes nothing, so no drop can be seen; what
// can be is the record that Python keeps of the warnings it gave (cpython_layouts/warning_registry.hpp), also
// of those from before the session. Each is told once as a finding: which coroutine, and the line that the
// warning blamed. How often is not known, so no count is told.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "cpython_layouts/unawaited_warning.hpp"
#include "cpython_layouts/warning_registry.hpp"
#include "symbols/page_cache.hpp"
#include "tracer/findings/run_report.hpp"
#include "tracer/findings/site_filter.hpp"
#include "tracer/findings/stop_request.hpp"
#include "tracer/session/session_end.hpp"
#include "tracer/session/source_reader.hpp"
#include "tracer/session/target_subject.hpp"

namespace corotrace {

class WarningWatch {
public:
    // All references must outlive the watch.
    WarningWatch(const AttachOptions& options, const TargetSubject& subject, RunReport& report,
                 const StopRequest& stop);

    // Looks at once, and then each second if that takes at most a twentieth of our time. Cost of a look: 0.3
    // us a name of each module, none of it the target's. Precondition: SIGINT and SIGTERM are blocked.
    [[nodiscard]] SessionEnd run();

private:
    using Clock = std::chrono::steady_clock;

    [[nodiscard]] TargetId id() const { return {.pid = options_.pid, .generation = 1}; }
    void begin();
    [[nodiscard]] std::optional<EndReason> wait_for_next_look();
    [[nodiscard]] std::optional<EndReason> find_end(Clock::time_point now) const;
    void look();
    void look_at(const Interpreter& interpreter, Clock::time_point until);
    void look_at_module(const ImportedModule& module);
    void take(const ImportedModule& module, const RegisteredWarning& warning);
    [[nodiscard]] Finding make_finding(const ImportedModule& module, const RegisteredWarning& warning,
                                       const UnawaitedWarning& parsed);
    void note_filters();
    [[nodiscard]] Progress progress() const;
    [[nodiscard]] SessionEnd finish(EndReason reason);

    const AttachOptions& options_;
    const TargetSubject& subject_;
    RunReport& report_;
    const StopRequest& stop_;
    SiteFilter filter_;
    SourceReader sources_;
    PageCache pages_;

    std::unordered_set<std::size_t> known_;  // hashes of records: module, line, text
    std::unordered_set<std::string> fingerprints_;
    std::vector<SiteCount> sites_;
    std::vector<std::string> notes_;
    std::uint64_t filtered_ = 0;
    bool is_first_look_ = true;
    bool was_cut_ = false;  // there is more than was examined or kept
    Clock::time_point started_;
    Clock::time_point next_look_;
};

}  // namespace corotrace
