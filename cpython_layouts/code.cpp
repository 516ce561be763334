// SPDX-License-Identifier: MIT
#include "cpython_layouts/code.hpp"

#include <algorithm>
#include <string_view>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/limits.hpp"
#include "cpython_layouts/objects.hpp"

namespace corotrace {

namespace {

constexpr std::uint8_t kLocalIsCell = 0x40;  // co_localspluskinds: CO_FAST_CELL

// All that a code object holds by itself, in one read.
Result<Block> read_code_block(const RemoteMemory& memory, const Layout& layout, RemoteAddr address) {
    const CodeLayout& f = layout.code;
    return Block::read(memory, address, {layout.object.type, layout.object.size,
                                         f.argcount,         f.kwonly_argcount,
                                         f.nlocals,          f.flags,
                                         f.first_line,       f.first_traceable,
                                         f.version,          f.varnames,
                                         f.cellvars,         f.cell2arg,
                                         f.localsplus_names, f.localsplus_kinds,
                                         f.filename,         f.name,
                                         f.qualname,         f.line_table,
                                         f.bytecode,         f.slots,
                                         f.stack_size},
                       "code");
}

Result<std::vector<std::string>> read_names(const RemoteMemory& memory, const Layout& layout,
                                            RemoteAddr tuple, std::size_t count) {
    CT_TRY(const auto items, read_tuple(memory, layout, tuple, count));
    std::vector<std::string> names;
    for (const RemoteAddr item : items.items) {
        CT_TRY(auto name, read_str(memory, layout, item));
        names.push_back(std::move(name));
    }
    return names;
}

// Marks the arguments that were moved into cells behind the locals (up to 3.10).
// Source: CPython 3.8 Python/ceval.c _PyEval_EvalCodeWithName, "Allocate and initialize storage for cell
// vars".
Status place_cell2arg(const RemoteMemory& memory, const Layout& layout, const Block& block,
                      std::vector<ArgumentSlot>& slots) {
    const RemoteAddr cell2arg = block.pointer(layout.code.cell2arg);
    CT_TRY(const auto cells, read_tuple(memory, layout, block.pointer(layout.code.cellvars), 0));
    if (cell2arg.is_null()) return {};
    if (cells.length == 0 || cells.length > kMaxLocals)
        return Error{Errc::malformed, 0, "number of cell variables"};
    std::vector<std::int64_t> arguments(static_cast<std::size_t>(cells.length));
    if (auto done = memory.read(cell2arg, std::as_writable_bytes(std::span(arguments))); !done) return done;
    const auto nlocals = static_cast<std::size_t>(std::max(block.as<std::int32_t>(layout.code.nlocals), 0));
    for (std::size_t cell = 0; cell < arguments.size(); ++cell) {
        for (ArgumentSlot& slot : slots) {
            if (slot.in_cell || static_cast<std::int64_t>(slot.local) != arguments[cell]) continue;
            slot.local = nlocals + cell;
            slot.in_cell = true;
        }
    }
    return {};
}

Status place_kinds(const RemoteMemory& memory, const Layout& layout, const Block& block,
                   std::vector<ArgumentSlot>& slots) {
    CT_TRY(const auto kinds,
           read_bytes(memory, layout, block.pointer(layout.code.localsplus_kinds), kMaxLocals));
    CT_TRY(const auto names, read_tuple(memory, layout, block.pointer(layout.code.localsplus_names), 0));
    if (names.length != kinds.size()) return Error{Errc::malformed, 0, "kinds of variables"};
    for (ArgumentSlot& slot : slots) {
        slot.in_cell =
            slot.local < kinds.size() && (static_cast<std::uint8_t>(kinds[slot.local]) & kLocalIsCell) != 0;
    }
    return {};
}

// Locals begin with positional arguments, keyword-only ones, then *args and **kwargs; a signature shows *args
// before the keyword-only ones. Source: CPython Lib/inspect.py, _signature_from_function.
Result<std::vector<ArgumentSlot>> read_arguments_of(const RemoteMemory& memory, const Layout& layout,
                                                    const Block& block) {
    const auto flags = block.as<std::uint32_t>(layout.code.flags);
    const auto positional = block.as<std::uint32_t>(layout.code.argcount);
    const auto kwonly = block.as<std::uint32_t>(layout.code.kwonly_argcount);
    if (positional > kMaxLocals || kwonly > kMaxLocals)
        return Error{Errc::malformed, 0, "number of arguments"};
    const bool varargs = (flags & kCodeVarargs) != 0;
    const bool varkeywords = (flags & kCodeVarkeywords) != 0;
    const std::size_t total = positional + kwonly + (varargs ? 1U : 0U) + (varkeywords ? 1U : 0U);
    const bool plus = layout.locals_rule == LocalsRule::kLocalsPlus;
    const RemoteAddr tuple = block.pointer(plus ? layout.code.localsplus_names : layout.code.varnames);
    CT_TRY(const auto names, read_names(memory, layout, tuple, total));
    if (names.size() != total) return Error{Errc::malformed, 0, "fewer names than arguments"};
    std::vector<ArgumentSlot> slots;
    const auto add = [&](const char* stars, std::size_t local) {
        slots.push_back({stars + names[local], local, false});
    };
    for (std::size_t i = 0; i < positional; ++i) add("", i);
    if (varargs) add("*", positional + kwonly);
    for (std::size_t i = 0; i < kwonly; ++i) add("", positional + i);
    if (varkeywords) add("**", total - 1);
    auto placed =
        plus ? place_kinds(memory, layout, block, slots) : place_cell2arg(memory, layout, block, slots);
    if (!placed) return std::move(placed).error();
    return slots;
}

void append(std::string& identity, std::string_view text) {
    identity += text;
    identity += '\0';
}

Result<std::string> read_identity(const RemoteMemory& memory, const Layout& layout, const Block& block) {
    const CodeLayout& fields = layout.code;
    std::string identity;
    for (const Offset field : {fields.name, fields.filename, fields.line_table}) {
        append(identity, to_hex(block.pointer(field)));
    }
    for (const Offset field : {fields.first_line, fields.flags, fields.version}) {
        append(identity, std::to_string(block.as<std::uint32_t>(field)));
    }
    if (block.as<std::uint32_t>(fields.version) != 0) return identity;
    CT_TRY(const auto name, read_str(memory, layout, block.pointer(fields.name)));
    CT_TRY(const auto file, read_str(memory, layout, block.pointer(fields.filename)));
    CT_TRY(const auto table,
           read_bytes(memory, layout, block.pointer(fields.line_table), kMaxLineTableBytes));
    append(identity, name);
    append(identity, file);
    for (const std::byte byte : table) identity += static_cast<char>(byte);
    return identity;
}

Result<Code> read_code_with(const RemoteMemory& memory, const Layout& layout, RemoteAddr address,
                            const Block& block) {
    const CodeLayout& fields = layout.code;
    CT_TRY(const auto type, read_type_name(memory, layout, block.pointer(layout.object.type)));
    if (type != "code") return Error{Errc::malformed, 0, "not a code object, but a " + type};
    Code code;
    code.address = address;
    CT_TRY(code.identity, read_identity(memory, layout, block));
    code.name_object = block.pointer(fields.name);
    CT_TRY(code.name, read_str(memory, layout, block.pointer(fields.name)));
    code.qualname = code.name;
    if (fields.qualname != kAbsent) {
        code.qualname_object = block.pointer(fields.qualname);
        CT_TRY(code.qualname, read_str(memory, layout, block.pointer(fields.qualname)));
    }
    CT_TRY(code.filename, read_str(memory, layout, block.pointer(fields.filename)));
    CT_TRY(code.line_table, read_bytes(memory, layout, block.pointer(fields.line_table), kMaxLineTableBytes));
    code.first_line = block.as<std::int32_t>(fields.first_line);
    code.flags = block.as<std::uint32_t>(fields.flags);
    code.parameters = std::size_t{block.as<std::uint32_t>(fields.argcount)} +
                      block.as<std::uint32_t>(fields.kwonly_argcount) +
                      ((code.flags & kCodeVarargs) != 0 ? 1U : 0U) +
                      ((code.flags & kCodeVarkeywords) != 0 ? 1U : 0U);
    if (fields.slots != kAbsent) code.slots = block.as<std::int32_t>(fields.slots);
    code.stack_size = block.as<std::int32_t>(fields.stack_size);
    code.first_traceable = block.as<std::int32_t>(fields.first_traceable);
    if (fields.instructions != kAbsent) {
        code.instructions = at(address, fields.instructions);
        code.bytecode_bytes =
            2 * std::int64_t{block.as<std::int32_t>(layout.object.size)};  // it counts units
    } else {
        CT_TRY(const auto length, read_length(memory, layout, block.pointer(fields.bytecode)));
        code.bytecode_bytes = static_cast<std::int64_t>(length);
    }
    if ((code.flags & kCodeCoroutine) != 0) {
        CT_TRY(code.arguments, read_arguments_of(memory, layout, block));
    }
    return code;
}

}  // namespace

Result<Code> Code::read(const RemoteMemory& memory, const Layout& layout, RemoteAddr address) {
    CT_TRY(const auto block, read_code_block(memory, layout, address));
    auto code = read_code_with(memory, layout, address, block);
    if (!code) return std::move(code).error().in("code " + to_hex(address));
    return code;
}

Result<bool> is_still(const RemoteMemory& memory, const Layout& layout, const Code& code) {
    CT_TRY(const auto block, read_code_block(memory, layout, code.address));
    CT_TRY(const auto identity, read_identity(memory, layout, block));
    if (identity == code.identity) return true;
    // CPython numbers a code object when it is first called often: the same one may have got another
    // identity.
    CT_TRY(auto now, Code::read(memory, layout, code.address));
    now.identity = code.identity;
    return now == code;
}

Result<std::vector<ArgumentSlot>> read_arguments(const RemoteMemory& memory, const Layout& layout,
                                                 RemoteAddr address) {
    CT_TRY(const auto block, read_code_block(memory, layout, address));
    return read_arguments_of(memory, layout, block);
}

}  // namespace corotrace
