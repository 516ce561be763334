// SPDX-License-Identifier: MIT
#include "cpython_layouts/unittest_case.hpp"

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/dict.hpp"
#include "cpython_layouts/objects.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMaxMethodChars = 200;

// As written in these functions' signatures.
constexpr std::size_t kSelf = 0;
constexpr std::size_t kTest = 1;

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kPhases = {
    {{"_callSetUp", "setup"},
     {"_callTestMethod", "call"},
     {"_callTearDown", "teardown"},
     {"_callCleanup", "cleanup"},
     {"doCleanups", "cleanup"}}};

Result<RemoteAddr> read_variable(const RemoteMemory& memory, const Layout& layout, const RawFrame& frame,
                                 std::size_t index) {
    const bool objects = layout.frame_rule == FrameRule::kFrameObjects;
    const Offset first = objects ? layout.frame_object.locals : layout.interpreter_frame.locals;
    CT_TRY(const auto word, memory.read_pointer(at(frame.address, first) + index * sizeof(std::uint64_t)));
    const RemoteAddr value{word.value & ~layout.stackref_mask};
    if (value.is_null()) return Error{Errc::not_found, 0, "a variable of unittest"};
    return value;
}

Result<std::string> read_class_name(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    CT_TRY(const auto type, read_type(memory, layout, object));
    return read_full_type_name(memory, layout, type);
}

Result<std::string> read_case(const RemoteMemory& memory, const Layout& layout, const RawFrame& frame,
                              std::string_view phase) {
    CT_TRY(const auto self, read_variable(memory, layout, frame, kSelf));
    CT_TRY(auto name, read_class_name(memory, layout, self));
    CT_TRY(const auto method, find_instance_attribute(memory, layout, self, "_testMethodName"));
    CT_TRY(const auto text, read_str(memory, layout, method, kMaxMethodChars));
    name += "." + text;
    if (!phase.empty()) name += " (" + std::string(phase) + ")";
    return name;
}

bool is_in(const RawFrame& frame, std::string_view file) {
    return frame.code->filename.ends_with(file);
}

}  // namespace

Result<std::string> read_unittest_name(const RemoteMemory& memory, const Layout& layout,
                                       const RawStack& stack) {
    std::string_view phase;
    for (const RawFrame& frame : stack.frames) {
        if (!frame.code) continue;
        const std::string& name = frame.code->name;
        if (is_in(frame, "/unittest/case.py") || is_in(frame, "/unittest/async_case.py")) {
            if (name == "run" && is_in(frame, "/case.py")) return read_case(memory, layout, frame, phase);
            for (const auto& [function, says] : kPhases) {
                if (name == function) phase = says;
            }
        } else if (name == "_handleClassSetUp" && is_in(frame, "/unittest/suite.py")) {
            CT_TRY(const auto test, read_variable(memory, layout, frame, kTest));
            CT_TRY(const auto type, read_class_name(memory, layout, test));
            return "setUpClass (" + type + ")";
        }
    }
    return Error{Errc::not_found, 0, "no test of unittest"};
}

}  // namespace corotrace
