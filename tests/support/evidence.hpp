// SPDX-License-Identifier: MIT
// Evidence of a drop as a test needs it: made up, of no process.
#pragma once

#include <memory>
#include <string>

#include "cpython_layouts/registry.hpp"
#include "tracer/diagnose/drop_evidence.hpp"

namespace corotrace {

inline std::shared_ptr<const Code> make_code(const std::string& name, const std::string& file) {
    Code code;
    code.name = name;
    code.qualname = name;
    code.filename = file;
    code.first_line = 1;
    return std::make_shared<const Code>(std::move(code));
}

// main() of app.py drops a coroutine of this name.
inline DropEvidence make_evidence(const std::string& coroutine) {
    DropEvidence evidence;
    evidence.layout = supported_layouts().front();
    evidence.coroutine.emplace();
    evidence.coroutine->name = evidence.coroutine->qualname = coroutine;
    evidence.coroutine->code = make_code(coroutine, "app.py");
    evidence.stack.emplace();
    evidence.stack->frames.push_back(
        {.address = {}, .code = make_code("main", "app.py"), .byte_offset = 0, .in_generator = false});
    return evidence;
}

}  // namespace corotrace
