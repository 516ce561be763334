// SPDX-License-Identifier: MIT
#include "tests/images/drop_reading.hpp"

#include "cpython_layouts/coroutine.hpp"
#include "cpython_layouts/frame.hpp"
#include "cpython_layouts/registry.hpp"
#include "cpython_layouts/runtime.hpp"

namespace corotrace {

namespace {

RemoteAddr address(const nlohmann::json& facts, const char* name) {
    return {facts.at(name).get<std::uint64_t>()};
}

nlohmann::json or_null(const std::optional<std::string>& text) {
    return text ? nlohmann::json(*text) : nlohmann::json(nullptr);
}

nlohmann::json read_stack(const RemoteMemory& memory, const Layout& layout, const ThreadState& thread) {
    CodeCache codes;
    const auto stack = copy_stack(memory, layout, codes, thread);
    if (!stack) return stack.error().what;
    auto frames = nlohmann::json::array();
    for (const StackFrame& frame : resolve_stack(layout, *stack)) {
        frames.push_back({frame.function, frame.name, frame.file, frame.position.line.value_or(0)});
    }
    return frames;
}

void read_coroutine_into(nlohmann::json& found, const RemoteMemory& memory, const Layout& layout,
                         RemoteAddr object) {
    CodeCache codes;
    TypeCache types;
    const auto reading = read_coroutine(memory, layout, codes, types, object, PreviewCaps{});
    const auto created = read_is_created(memory, layout, object);
    const auto origin = read_origin(memory, layout, object);
    if (!reading || !created || !origin || !reading->code) return;
    found["qualname"] = or_null(reading->qualname);
    found["created"] = *created;
    found["code_line"] = reading->code->first_line;
    for (const ArgumentFacts& argument : reading->arguments) {
        found["arguments"].push_back(
            {argument.name, or_null(argument.type),
             argument.value ? nlohmann::json(show_value(*argument.value, {})) : nlohmann::json()});
    }
    for (const OriginFrame& frame : *origin)
        found["origin"].push_back({frame.file, frame.line, frame.function});
}

}  // namespace

nlohmann::json read_drop(const RemoteMemory& memory, const nlohmann::json& facts) {
    const RemoteAddr runtime = address(facts, "runtime");
    const auto version = parse_version(facts.at("version").get<std::string>());
    const auto chosen =
        choose_layout(memory, version.value_or(PythonVersion{}), runtime, address(facts, "coroutine_type"));
    if (!chosen) return chosen.error().what;
    if (chosen->experimental) return "the table does not fit";
    const Layout& layout = chosen->layout;
    const auto thread =
        find_thread_state(memory, layout, runtime, facts.at("thread_id").get<std::uint64_t>(), std::nullopt);
    if (!thread) return thread.error().what;
    nlohmann::json found;
    read_coroutine_into(found, memory, layout, address(facts, "coroutine"));
    found["stack"] = read_stack(memory, layout, *thread);
    if (const auto collecting = read_gc_collecting(memory, layout, runtime, *thread))
        found["collecting"] = *collecting;
    const auto warn =
        find_module_attribute(memory, layout, thread->interpreter, "warnings", "_warn_unawaited_coroutine");
    if (warn) found["warn_function"] = warn->value;
    return found;
}

}  // namespace corotrace
