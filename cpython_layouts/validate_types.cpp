// SPDX-License-Identifier: MIT
#include "cpython_layouts/validate_types.hpp"

#include <array>
#include <string>
#include <utility>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/code.hpp"
#include "cpython_layouts/line_table.hpp"
#include "cpython_layouts/objects.hpp"
#include "cpython_layouts/runtime.hpp"

namespace corotrace {

namespace {

class TypeValidator {
public:
    TypeValidator(const RemoteMemory& memory, const Layout& layout, RemoteAddr interpreter,
                  RemoteAddr coroutine_type)
        : memory_(memory), layout_(layout), interpreter_(interpreter), coroutine_type_(coroutine_type) {}

    Status run() {
        for (const auto check : {&TypeValidator::check_heap_type, &TypeValidator::check_sizes,
                                 &TypeValidator::check_function, &TypeValidator::check_coroutine}) {
            if (auto done = (this->*check)(); !done) return done;
        }
        return {};
    }

private:
    Status check_heap_type() {
        CT_TRY(const auto importer, find_attribute("_frozen_importlib", "BuiltinImporter"));
        CT_TRY(const auto name, read_full_type_name(memory_, layout_, importer));
        if (name != "_frozen_importlib.BuiltinImporter") return belief("a class is named '" + name + "'");
        CT_TRY(const auto base, memory_.read_pointer(at(importer, layout_.type.base)));
        CT_TRY(const auto object, find_attribute("builtins", "object"));
        return base == object ? Status{} : belief("base of a class");
    }

    // The size of an instance is where its last field ends. Source: CPython Objects/*object.c, tp_basicsize.
    Status check_sizes() {
        const std::array<MemberOffset, 7> sizes = {{
            {"str", layout_.unicode.indirect_data + kPointer},
            {"bytes", layout_.bytes.data + 1},
            {"tuple", layout_.tuple.items},
            {"list", layout_.list.items + 2 * kPointer},
            {"dict", layout_.dict.values + kPointer},
            {"float", layout_.floating.value + kPointer},
            {"int", layout_.integer.digits},
        }};
        for (const auto& [name, expected] : sizes) {
            CT_TRY(const auto type, find_attribute("builtins", name));
            if (auto done = check_instance_size(memory_, layout_, type, name, expected); !done) return done;
        }
        const auto cell = find_attribute("types", "CellType");  // not every program has this module
        if (cell) {
            if (auto done =
                    check_instance_size(memory_, layout_, *cell, "cell", layout_.cell.content + kPointer);
                !done)
                return done;
        }
        // Source: Include/cpython/unicodeobject.h: each structure begins with the one before.
        const UnicodeLayout& str = layout_.unicode;
        const bool nested = str.compact_data == str.indirect_data &&
                            (str.wide == kAbsent || (str.wide + kPointer == str.ascii_data &&
                                                     str.wide_length + kPointer == str.compact_data));
        return nested ? Status{} : belief("sizes of the structures of a str");
    }

    // A function that every interpreter has, from its object down to its first line.
    Status check_function() {
        CT_TRY(const auto function, find_attribute("_frozen_importlib", "_verbose_message"));
        CT_TRY(const auto type, read_type(memory_, layout_, function));
        CT_TRY(const auto vectorcall,
               memory_.read_as<std::int64_t>(at(type, layout_.type.vectorcall_offset)));
        if (vectorcall != layout_.function.vectorcall) return belief("offset of a function's vectorcall");
        if (layout_.function.call_version != kAbsent) {
            const Offset size = layout_.function.call_version + kPointer;  // the last field, padded
            if (auto done = check_instance_size(memory_, layout_, type, "function", size); !done) return done;
        }
        CT_TRY(const auto address, memory_.read_pointer(at(function, layout_.function.code)));
        CT_TRY(const auto code, Code::read(memory_, layout_, address));
        if (code.name != "_verbose_message" || code.qualname != code.name)
            return belief("name of a code object");
        if (code.filename.find("importlib") == std::string::npos) return belief("file of a code object");
        const auto position = find_position(layout_.line_table_rule, code.line_table, code.first_line,
                                            std::int64_t{2} * code.first_traceable);
        if (!position.line || *position.line < code.first_line || *position.line > code.first_line + 100) {
            return belief("line of an instruction");
        }
        CT_TRY(const auto arguments, read_arguments(memory_, layout_, address));
        const bool right = arguments.size() == 3 && arguments[0].name == "message" &&
                           arguments[1].name == "*args" && arguments[2].name == "verbosity";
        if (!right) return belief("arguments of a code object");
        if (layout_.code.slots != kAbsent) {
            CT_TRY(const auto slots, memory_.read_as<std::int32_t>(at(address, layout_.code.slots)));
            CT_TRY(const auto names, memory_.read_pointer(at(address, layout_.code.localsplus_names)));
            CT_TRY(const auto length, read_length(memory_, layout_, names));
            if (static_cast<std::uint64_t>(slots) != length)
                return belief("number of variables of a code object");
        }
        return check_code_type(address);
    }

    Status check_code_type(RemoteAddr code) {
        CT_TRY(const auto type, read_type(memory_, layout_, code));
        const CodeLayout& fields = layout_.code;
        if (fields.instructions != kAbsent) {
            if (auto done = check_instance_size(memory_, layout_, type, "code object", fields.instructions);
                !done)
                return done;
        }
        const bool lnotab = layout_.line_table_rule == LineTableRule::kLnotab;
        return check_members(memory_, layout_, type,
                             {{"co_argcount", fields.argcount},
                              {"co_kwonlyargcount", fields.kwonly_argcount},
                              {"co_nlocals", fields.nlocals},
                              {"co_flags", fields.flags},
                              {"co_firstlineno", fields.first_line},
                              {"co_filename", fields.filename},
                              {"co_name", fields.name},
                              {"co_qualname", fields.qualname},
                              {"co_varnames", fields.varnames},
                              {"co_cellvars", fields.cellvars},
                              {"co_code", fields.bytecode},
                              {"co_names", fields.names},
                              {"co_consts", fields.consts},
                              {"co_stacksize", fields.stack_size},
                              {"co_freevars", fields.freevars},
                              {"co_exceptiontable", fields.exception_table},
                              {lnotab ? "co_lnotab" : "co_linetable", fields.line_table}});
    }

    // There may be no coroutine to look at, but its type tells much. Source: CPython Objects/genobject.c,
    // PyCoro_Type, and _PyGenObject_HEAD: weakreflist, name, qualname; origin, four flags, iframe.
    Status check_coroutine() {
        const CoroutineLayout& fields = layout_.coroutine;
        CT_TRY(const auto weaklist,
               memory_.read_as<std::int64_t>(at(coroutine_type_, layout_.type.weaklist_offset)));
        if (fields.name != weaklist + kPointer || fields.qualname != fields.name + kPointer) {
            return belief("offset of a coroutine's name");
        }
        if (fields.iframe != kAbsent) {
            if (fields.iframe != fields.origin + 2 * kPointer ||
                fields.frame_state != fields.origin + kPointer + 3) {
                return belief("offset of a coroutine's state");
            }
            const Offset size = fields.iframe + layout_.interpreter_frame.locals;
            if (auto done = check_instance_size(memory_, layout_, coroutine_type_, "coroutine", size); !done)
                return done;
        }
        return check_members(
            memory_, layout_, coroutine_type_,
            {{"cr_origin", fields.origin}, {"cr_frame", fields.frame}, {"cr_code", fields.code}});
    }

    Result<RemoteAddr> find_attribute(std::string_view module, std::string_view name) const {
        return find_module_attribute(memory_, layout_, interpreter_, module, name);
    }

    const RemoteMemory& memory_;
    const Layout& layout_;
    RemoteAddr interpreter_;
    RemoteAddr coroutine_type_;
};

}  // namespace

Error belief(std::string what) {
    return {Errc::malformed, 0, std::move(what)};
}

Status check_types(const RemoteMemory& memory, const Layout& layout, RemoteAddr interpreter,
                   RemoteAddr coroutine_type) {
    return TypeValidator(memory, layout, interpreter, coroutine_type).run();
}

Status check_instance_size(const RemoteMemory& memory, const Layout& layout, RemoteAddr type,
                           std::string_view name, std::int64_t expected) {
    CT_TRY(const auto size, memory.read_as<std::int64_t>(at(type, layout.type.basicsize)));
    if (size == expected) return {};
    return belief("a " + std::string(name) + " has " + std::to_string(size) + " bytes and not " +
                  std::to_string(expected));
}

// Source: CPython Include/descrobject.h, struct PyMemberDef: name, type, offset, flags, doc.
Status check_members(const RemoteMemory& memory, const Layout& layout, RemoteAddr type,
                     std::initializer_list<MemberOffset> fields) {
    constexpr std::uint64_t kMemberBytes = 40;
    constexpr int kMaxMembers = 64;
    std::size_t wanted = 0;
    for (const MemberOffset& field : fields) wanted += field.offset != kAbsent ? 1U : 0U;
    CT_TRY(RemoteAddr member, memory.read_pointer(at(type, layout.type.members)));
    for (int i = 0; i < kMaxMembers && wanted > 0; ++i, member = member + kMemberBytes) {
        CT_TRY(const auto words, (memory.read_as<std::array<std::uint64_t, 3>>(member)));
        if (words[0] == 0) break;
        CT_TRY(const auto name, read_c_string(memory, {words[0]}, 64));
        for (const MemberOffset& field : fields) {
            if (field.name != name || field.offset == kAbsent) continue;
            if (static_cast<std::int64_t>(words[2]) != field.offset) return belief("offset of " + name);
            --wanted;
        }
    }
    return wanted == 0 ? Status{} : belief("a type has not the members that it should have");
}

}  // namespace corotrace
