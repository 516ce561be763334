// SPDX-License-Identifier: MIT
// MadeCode: a function's bytecode as a test writes it, by the names of CPython's own instructions.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cpython_layouts/registry.hpp"
#include "tests/support/catch.hpp"
#include "tracer/diagnose/drop_evidence.hpp"
#include "tracer/diagnose/finding_maker.hpp"

namespace corotrace {

inline const Layout& layout_named(std::string_view name) {
    const auto all = supported_layouts();
    const auto found = std::ranges::find_if(all, [&](const Layout* layout) { return layout->name == name; });
    REQUIRE(found != all.end());
    return **found;
}

inline const Layout& made_layout() {
    return layout_named("3.11");
}

class MadeCode {
public:
    MadeCode(const Layout& layout, std::string name, std::uint32_t flags = 0)
        : layout_(layout), name_(std::move(name)), flags_(flags) {
        bytecode_.stack_size = 8;
    }

    // Returns the instruction's byte offset. Its caches are zeros.
    std::int64_t add(std::string_view opcode, std::uint8_t arg = 0) {
        const auto& rows = layout_.opcodes->rows;
        const auto row = std::ranges::find_if(
            rows, [&](const OpcodeRow* one) { return one != nullptr && one->name == opcode; });
        REQUIRE(row != rows.end());
        const auto offset = static_cast<std::int64_t>(bytecode_.units.size());
        bytecode_.units.push_back(std::byte{(*row)->number});
        bytecode_.units.push_back(std::byte{arg});
        bytecode_.units.resize(bytecode_.units.size() + std::size_t{2} * (*row)->caches);
        return offset;
    }
    // `name()`, as 3.11 compiles it: up to and with the call, whose offset it returns.
    std::int64_t call(const std::string& name) {
        load_callee(name);
        return finish_call(0);
    }
    void load_callee(const std::string& name) {
        bytecode_.names.push_back(name);
        add("LOAD_GLOBAL", static_cast<std::uint8_t>(2 * (bytecode_.names.size() - 1) + 1));
    }
    std::int64_t finish_call(std::uint8_t arguments) {
        add("PRECALL", arguments);
        return add("CALL", arguments);
    }
    std::uint8_t variable(const std::string& name) {
        bytecode_.variables.push_back(name);
        return static_cast<std::uint8_t>(bytecode_.variables.size() - 1);
    }

    // Stopped there; all of it is on line 2 of app.py. `operands` are the depths that hold the object.
    [[nodiscard]] SiteFrame at(std::int64_t offset, std::vector<std::uint32_t> operands) const {
        Code code;
        code.name = code.qualname = name_;
        code.filename = "/srv/app.py";
        code.first_line = 1;
        code.flags = flags_;
        code.bytecode_bytes = static_cast<std::int64_t>(bytecode_.units.size());
        code.line_table = line_table(bytecode_.units.size() / 2);
        HeldSlots held;
        held.operands = std::move(operands);
        return {.code = std::make_shared<const Code>(std::move(code)),
                .bytecode = std::make_shared<const Bytecode>(bytecode_),
                .byte_offset = offset,
                .held = std::move(held)};
    }

private:
    // Lines without columns. Source: CPython 3.11 Objects/locations.md, code 13.
    static std::vector<std::byte> line_table(std::size_t units) {
        constexpr std::size_t kMost = 8;
        std::vector<std::byte> table;
        for (std::size_t done = 0; done < units; done += kMost) {
            const std::size_t count = std::min(kMost, units - done);
            table.push_back(static_cast<std::byte>(0x80U | (13U << 3U) | (count - 1)));
            table.push_back(done == 0 ? std::byte{2} : std::byte{0});
        }
        return table;
    }

    const Layout& layout_;
    std::string name_;
    std::uint32_t flags_;
    Bytecode bytecode_;
};

// A coroutine of save() that was dropped by `frame`, in /srv/app.py with this as its second line.
inline DropEvidence evidence_of(const Layout& layout, const SiteFrame& frame, const std::string& line) {
    DropEvidence evidence;
    evidence.layout = &layout;
    Code code;
    code.name = code.qualname = "save";
    code.filename = "/srv/store.py";
    evidence.coroutine.emplace();
    evidence.coroutine->name = evidence.coroutine->qualname = "save";
    evidence.coroutine->code = std::make_shared<const Code>(std::move(code));
    evidence.site.coroutine = evidence.coroutine->code;
    evidence.site.frames.push_back(frame);
    evidence.site.refcount = 1;
    evidence.site.finalizing = false;
    evidence.site.main_thread = true;
    evidence.stack.emplace();
    evidence.stack->frames.push_back(
        {.address = {}, .code = frame.code, .byte_offset = frame.byte_offset, .in_generator = false});
    evidence.sources.add("/srv/app.py", std::make_shared<const SourceText>("def main():\n" + line + "\n"));
    return evidence;
}

// `return None`
inline void add_end(MadeCode& code) {
    code.add("LOAD_CONST");
    code.add("RETURN_VALUE");
}

inline Mistake judge_made(const DropEvidence& evidence) {
    const Finding finding = make_finding(evidence, PreviewCaps{});
    REQUIRE(finding.mistake);
    return *finding.mistake;
}

}  // namespace corotrace
