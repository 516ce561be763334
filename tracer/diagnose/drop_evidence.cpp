// SPDX-License-Identifier: MIT
#include "tracer/diagnose/drop_evidence.hpp"

#include <memory>
#include <unordered_set>

namespace corotrace {

std::vector<std::string> list_files(const DropEvidence& evidence) {
    std::unordered_set<std::string> files;
    const auto add_code = [&](const std::shared_ptr<const Code>& code) {
        if (code != nullptr && can_be_file(code->filename)) files.insert(code->filename);
    };
    const auto add_frames = [&](const std::vector<RawFrame>& frames) {
        for (const RawFrame& frame : frames) add_code(frame.code);
    };
    const auto add_origin = [&](const std::vector<OriginFrame>& origin) {
        for (const OriginFrame& frame : origin) {
            if (can_be_file(frame.file)) files.insert(frame.file);
        }
    };
    if (evidence.stack) add_frames(evidence.stack->frames);
    add_origin(evidence.origin);
    add_origin(evidence.task_origin);
    if (const auto& lost = evidence.lost_task) {
        if (lost->awaiting) add_frames(lost->awaiting->frames);
        if (lost->raised) add_frames(*lost->raised);
        add_origin(lost->origin);
    }
    for (const SiteFrame& frame : evidence.site.frames) add_code(frame.code);
    for (const SiteFrame& frame : evidence.site.raised) add_code(frame.code);
    if (evidence.site.ended) add_code(evidence.site.ended->code);
    add_code(evidence.site.coroutine);
    return {files.begin(), files.end()};
}

}  // namespace corotrace
