// SPDX-License-Identifier: MIT
#include "cpython_layouts/validate.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/code.hpp"
#include "cpython_layouts/coroutine.hpp"
#include "cpython_layouts/frame.hpp"
#include "cpython_layouts/integer.hpp"
#include "cpython_layouts/objects.hpp"
#include "cpython_layouts/runtime.hpp"
#include "cpython_layouts/version.hpp"

namespace corotrace {

namespace {

struct Expected {
    std::string_view name;
    Offset offset;
};

class Validator {
public:
    Validator(const RemoteMemory& memory, const Layout& layout, RemoteAddr runtime, RemoteAddr coroutine_type)
        : memory_(memory), layout_(layout), runtime_(runtime), coroutine_type_(coroutine_type) {}

    Status run() {
        using Check = Status (Validator::*)();
        constexpr std::array<Check, 7> kChecks = {
            &Validator::check_types,  &Validator::check_threads, &Validator::check_modules,
            &Validator::check_sizes,  &Validator::check_code,    &Validator::check_coroutine_members,
            &Validator::check_frames,
        };
        for (const Check check : kChecks) {
            if (auto done = (this->*check)(); !done) return fail(std::move(done).error());
        }
        return {};
    }

private:
    // What cannot be read where the table says is as wrong as a wrong value.
    [[nodiscard]] Error fail(Error error) const {
        if (error.code == Errc::gone || error.code == Errc::denied) return error;
        return {Errc::unsupported, 0,
                "this process does not fit the layout of CPython " + std::string(layout_.name) + ": " +
                    error.what};
    }
    static Error belief(std::string what) { return {Errc::malformed, 0, std::move(what)}; }

    Status check_types() {
        CT_TRY(const auto name, read_type_name(memory_, layout_, coroutine_type_));
        if (name != "coroutine") return belief("PyCoro_Type is named '" + name + "'");
        CT_TRY(const auto meta, read_type_name_of(memory_, layout_, coroutine_type_));
        if (meta != "type") return belief("the type of PyCoro_Type is named '" + meta + "'");
        CT_TRY(const auto finalize, memory_.read_pointer(at(coroutine_type_, layout_.type.finalize)));
        if (finalize.is_null()) return belief("PyCoro_Type has no tp_finalize");
        return {};
    }

    Status check_threads() {
        CT_TRY(const auto interpreters, read_interpreters(memory_, layout_, runtime_));
        if (interpreters.empty()) return belief("no interpreter");
        const bool has_main = std::any_of(interpreters.begin(), interpreters.end(),
                                          [](const Interpreter& i) { return i.id == 0; });
        if (!has_main) return belief("no interpreter has id 0");
        CT_TRY(threads_, read_thread_states(memory_, layout_, runtime_));
        if (threads_.empty()) return belief("no thread state");
        for (const ThreadState& thread : threads_) {
            // pthread_t is the address of the thread's control block in glibc and musl.
            const auto control = memory_.read_pointer({thread.thread_id});
            if (!control) return belief("thread id of thread state " + to_hex(thread.address));
            constexpr std::uint64_t kMaxTid = 1U << 22U;  // PID_MAX_LIMIT of Linux
            if (thread.native_id && *thread.native_id > kMaxTid) {
                return belief("native thread id of thread state " + to_hex(thread.address));
            }
            CT_TRY(const auto depth,
                   memory_.read_as<std::int32_t>(at(thread.address, layout_.thread_state.origin_depth)));
            if (depth < 0 || depth > 1'000'000) return belief("coroutine origin tracking depth");
            CT_TRY(const auto collecting, memory_.read_as<std::int32_t>(collecting_of(thread)));
            if (collecting != 0 && collecting != 1) return belief("state of the garbage collector");
        }
        CT_TRY(const auto main, memory_.read_pointer(at(runtime_, layout_.runtime.main_thread)));
        if (main.is_null() || !memory_.read_pointer(main)) return belief("main thread of the runtime");
        interpreter_ =
            std::min_element(interpreters.begin(), interpreters.end(), [](const auto& a, const auto& b) {
                return a.id < b.id;
            })->address;
        return {};
    }

    RemoteAddr collecting_of(const ThreadState& thread) const {
        return layout_.interpreter.gc_collecting == kAbsent
                   ? at(runtime_, layout_.runtime.gc_collecting)
                   : at(thread.interpreter, layout_.interpreter.gc_collecting);
    }

    Status check_modules() {
        CT_TRY(const auto hexversion, find_attribute("sys", "hexversion"));
        CT_TRY(const auto hex, read_int(memory_, layout_, hexversion));
        const auto version = parse_version_hex(static_cast<std::uint32_t>(hex));
        if (!version) return belief("sys.hexversion is " + std::to_string(hex));
        CT_TRY(const auto text, find_attribute("sys", "version"));
        CT_TRY(const auto words, read_str(memory_, layout_, text));
        if (parse_version(words).value_or(PythonVersion{}).minor != version->minor) {
            return belief("sys.version is '" + words.substr(0, 40) + "'");
        }
        CT_TRY(const auto path, find_attribute("sys", "meta_path"));
        CT_TRY(const auto items, read_list(memory_, layout_, path, 1));
        for (const RemoteAddr item : items.items) {
            if (auto type = read_type_name_of(memory_, layout_, item); !type) return std::move(type).error();
        }
        return {};
    }

    // The size of an instance is where its last field ends. Source: CPython Objects/*object.c, tp_basicsize.
    Status check_sizes() {
        constexpr Offset kPointer = sizeof(std::uint64_t);
        const std::array<Expected, 7> sizes = {{
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
            CT_TRY(const auto size, memory_.read_as<std::int64_t>(at(type, layout_.type.basicsize)));
            if (size != expected)
                return belief("an empty " + std::string(name) + " has " + std::to_string(size) + " bytes");
        }
        return {};
    }

    // A function that every interpreter has, from its object down to its first line.
    Status check_code() {
        CT_TRY(const auto function, find_attribute("_frozen_importlib", "_find_and_load"));
        CT_TRY(const auto function_type, read_type(memory_, layout_, function));
        CT_TRY(const auto vectorcall,
               memory_.read_as<std::int64_t>(at(function_type, layout_.type.vectorcall_offset)));
        if (vectorcall != layout_.function.vectorcall) return belief("offset of a function's vectorcall");
        CT_TRY(const auto address, memory_.read_pointer(at(function, layout_.function.code)));
        CT_TRY(const auto code, read_code(memory_, layout_, address));
        if (code.name != "_find_and_load" || code.qualname != code.name)
            return belief("name of a code object");
        if (code.filename.find("importlib") == std::string::npos) return belief("file of a code object");
        const auto position = find_position(layout_.line_table_rule, code.line_table, code.first_line,
                                            2 * std::int64_t{code.first_traceable});
        if (!position.line || *position.line < code.first_line || *position.line > code.first_line + 100) {
            return belief("line of an instruction");
        }
        CT_TRY(const auto code_type, read_type(memory_, layout_, address));
        return check_members(code_type, "code",
                             std::array<Expected, 8>{{
                                 {"co_argcount", layout_.code.argcount},
                                 {"co_kwonlyargcount", layout_.code.kwonly_argcount},
                                 {"co_flags", layout_.code.flags},
                                 {"co_firstlineno", layout_.code.first_line},
                                 {"co_filename", layout_.code.filename},
                                 {"co_name", layout_.code.name},
                                 {"co_qualname", layout_.code.qualname},
                                 {"co_nlocals", layout_.code.nlocals},
                             }});
    }

    Status check_coroutine_members() {
        return check_members(coroutine_type_, "coroutine",
                             std::array<Expected, 3>{{
                                 {"cr_origin", layout_.coroutine.origin},
                                 {"cr_frame", layout_.coroutine.frame},
                                 {"cr_code", layout_.coroutine.code},
                             }});
    }

    // Python's own list of the fields of a type. Those it does not have are not checked.
    // Source: CPython Include/structmember.h (descrobject.h), struct PyMemberDef: name, type, offset, flags,
    // doc.
    template <std::size_t N>
    Status check_members(RemoteAddr type, std::string_view type_name, const std::array<Expected, N>& fields) {
        constexpr std::uint64_t kMemberBytes = 40;
        constexpr int kMaxMembers = 64;
        CT_TRY(RemoteAddr member, memory_.read_pointer(at(type, layout_.type.members)));
        for (int i = 0; i < kMaxMembers && !member.is_null(); ++i, member = member + kMemberBytes) {
            CT_TRY(const auto words, (memory_.read_as<std::array<std::uint64_t, 3>>(member)));
            if (words[0] == 0) break;
            CT_TRY(const auto name, read_c_string(memory_, {words[0]}, kMaxTypeNameBytes));
            for (const Expected& field : fields) {
                if (field.name != name || field.offset == kAbsent) continue;
                if (static_cast<std::int64_t>(words[2]) != field.offset) {
                    return belief("offset of " + name + " in " + std::string(type_name));
                }
            }
        }
        return {};
    }

    // A thread that runs changes its stack while it is read: one good look at each is enough.
    Status check_frames() {
        constexpr int kTries = 20;
        Status last;
        for (const ThreadState& thread : threads_) {
            bool good = false;
            for (int i = 0; i < kTries && !good; ++i) {
                CodeCache codes;
                const auto stack = copy_stack(memory_, layout_, codes, thread);
                good = stack.ok() && (!stack->truncated || stack->frames.size() == kMaxFrames);
                if (!stack) last = stack.error();
                if (stack && !good) last = belief(stack->note);
            }
            if (good) return {};
        }
        return last;
    }

    Result<RemoteAddr> find_attribute(std::string_view module, std::string_view name) const {
        auto found = find_module_attribute(memory_, layout_, interpreter_, module, name);
        if (!found) return std::move(found).error().in(std::string(module) + '.' + std::string(name));
        return found;
    }

    const RemoteMemory& memory_;
    const Layout& layout_;
    RemoteAddr runtime_;
    RemoteAddr coroutine_type_;
    RemoteAddr interpreter_;
    std::vector<ThreadState> threads_;
};

}  // namespace

Status validate_layout(const RemoteMemory& memory, const Layout& layout, RemoteAddr runtime,
                       RemoteAddr coroutine_type) {
    return Validator(memory, layout, runtime, coroutine_type).run();
}

}  // namespace corotrace
