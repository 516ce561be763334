// SPDX-License-Identifier: MIT
#include "cpython_layouts/runtime.hpp"

#include <unordered_set>
#include <utility>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/dict.hpp"
#include "cpython_layouts/limits.hpp"
#include "cpython_layouts/objects.hpp"

namespace corotrace {

namespace {

Result<ThreadState> read_thread_state(const RemoteMemory& memory, const Layout& layout, RemoteAddr address,
                                      RemoteAddr& next) {
    const ThreadStateLayout& fields = layout.thread_state;
    CT_TRY(const auto block, Block::read(memory, address,
                                         {fields.next, fields.interpreter, fields.status, fields.thread_id,
                                          fields.native_thread_id},
                                         "thread state"));
    next = block.pointer(fields.next);
    ThreadState state{.address = address,
                      .interpreter = block.pointer(fields.interpreter),
                      .thread_id = block.as<std::uint64_t>(fields.thread_id),
                      .native_id = std::nullopt,
                      .active = false,
                      .link = {}};
    if (fields.native_thread_id != kAbsent)
        state.native_id = block.as<std::uint64_t>(fields.native_thread_id);
    if (layout.current_thread_rule == CurrentThreadRule::kStatusActive) {
        state.active = ((block.as<std::uint32_t>(fields.status) >> fields.active_bit) & 1U) != 0;
    }
    return state;
}

Status read_threads_of(const RemoteMemory& memory, const Layout& layout, RemoteAddr interpreter,
                       std::vector<ThreadState>& threads) {
    CT_TRY(RemoteAddr next, memory.read_pointer(at(interpreter, layout.interpreter.threads_head)));
    std::unordered_set<RemoteAddr> seen;
    RemoteAddr link = at(interpreter, layout.interpreter.threads_head);
    while (!next.is_null()) {
        if (!seen.insert(next).second || seen.size() > kMaxThreadStates) {
            return Error{Errc::malformed, 0,
                         "endless list of thread states of interpreter " + to_hex(interpreter)};
        }
        const RemoteAddr address = next;
        CT_TRY(auto state, read_thread_state(memory, layout, address, next));
        state.link = std::exchange(link, at(address, layout.thread_state.next));
        if (state.interpreter != interpreter) {
            return Error{Errc::malformed, 0,
                         "thread state " + to_hex(address) + " is not of interpreter " + to_hex(interpreter)};
        }
        threads.push_back(state);
    }
    return {};
}

}  // namespace

Result<std::vector<Interpreter>> read_interpreters(const RemoteMemory& memory, const Layout& layout,
                                                   RemoteAddr runtime) {
    std::vector<Interpreter> interpreters;
    std::unordered_set<RemoteAddr> seen;
    CT_TRY(RemoteAddr next, memory.read_pointer(at(runtime, layout.runtime.interpreters_head)));
    while (!next.is_null()) {
        if (!seen.insert(next).second || seen.size() > kMaxInterpreters) {
            return Error{Errc::malformed, 0, "endless list of interpreters of runtime " + to_hex(runtime)};
        }
        CT_TRY(const auto block,
               Block::read(memory, next, {layout.interpreter.next, layout.interpreter.id}, "interpreter"));
        interpreters.push_back({next, block.as<std::int64_t>(layout.interpreter.id)});
        next = block.pointer(layout.interpreter.next);
    }
    return interpreters;
}

Result<std::vector<ThreadState>> read_thread_states(const RemoteMemory& memory, const Layout& layout,
                                                    RemoteAddr runtime) {
    CT_TRY(const auto interpreters, read_interpreters(memory, layout, runtime));
    std::vector<ThreadState> threads;
    for (const Interpreter& interpreter : interpreters) {
        if (auto done = read_threads_of(memory, layout, interpreter.address, threads); !done) {
            return std::move(done).error();
        }
    }
    if (layout.current_thread_rule == CurrentThreadRule::kRuntimeCurrent) {
        CT_TRY(const auto current, memory.read_pointer(at(runtime, layout.runtime.current_thread_state)));
        for (ThreadState& thread : threads) thread.active = thread.address == current;
    }
    return threads;
}

Result<ThreadState> find_thread_state(const RemoteMemory& memory, const Layout& layout, RemoteAddr runtime,
                                      std::uint64_t thread_pointer, std::optional<std::uint64_t> native_id) {
    CT_TRY(const auto threads, read_thread_states(memory, layout, runtime));
    std::optional<ThreadState> found;
    for (const ThreadState& thread : threads) {
        const bool same_native = native_id && thread.native_id && *thread.native_id == *native_id;
        if (thread.thread_id != thread_pointer && !same_native) continue;
        if (!found || thread.active) found = thread;
    }
    if (!found) {
        return Error{Errc::not_found, 0,
                     "no thread state for the thread with pointer " + to_hex({thread_pointer})};
    }
    return *found;
}

// With one lock for all, its holder is the current thread. Else the one found before, if a living one still
// leads to it: whoever frees a thread state takes it off the list, and malloc writes over what leads on from
// a freed one (prev and next come first).
std::optional<ThreadState> ThreadStateFinder::look_again(const RemoteMemory& memory,
                                                         std::uint64_t thread_pointer) const {
    RemoteAddr from = at(runtime_, layout_.runtime.current_thread_state);
    const auto known = known_.find(thread_pointer);
    const bool is_one_lock = layout_.current_thread_rule == CurrentThreadRule::kRuntimeCurrent;
    if (!is_one_lock) {
        if (known == known_.end()) return std::nullopt;
        from = known->second.link;
    }
    const auto address = memory.read_pointer(from);
    if (!address || address->is_null()) return std::nullopt;
    if (!is_one_lock && *address != known->second.address) return std::nullopt;
    RemoteAddr next;
    auto state = read_thread_state(memory, layout_, *address, next);
    if (!state || state->thread_id != thread_pointer) return std::nullopt;
    if (is_one_lock) state->active = true;
    if (!state->active) return std::nullopt;
    return *state;
}

Result<ThreadState> ThreadStateFinder::find(const RemoteMemory& memory, std::uint64_t thread_pointer) {
    if (auto again = look_again(memory, thread_pointer)) return *again;
    CT_TRY(const auto found, find_thread_state(memory, layout_, runtime_, thread_pointer, std::nullopt));
    if (known_.size() >= kMaxKnown) known_.clear();
    known_.insert_or_assign(thread_pointer, Known{found.address, found.link});
    return found;
}

Result<bool> read_gc_collecting(const RemoteMemory& memory, const Layout& layout, RemoteAddr runtime,
                                const ThreadState& thread) {
    const bool in_runtime = layout.interpreter.gc_collecting == kAbsent;
    const RemoteAddr from = in_runtime ? at(runtime, layout.runtime.gc_collecting)
                                       : at(thread.interpreter, layout.interpreter.gc_collecting);
    CT_TRY(const auto collecting, memory.read_as<std::int32_t>(from));
    if (collecting != 0 && collecting != 1)
        return Error{Errc::malformed, 0, "state of the garbage collector"};
    return collecting == 1;
}

Result<bool> read_finalizing(const RemoteMemory& memory, const Layout& layout, RemoteAddr runtime) {
    CT_TRY(const auto thread, memory.read_pointer(at(runtime, layout.runtime.finalizing)));
    return !thread.is_null();
}

Result<std::uint64_t> count_modules(const RemoteMemory& memory, const Layout& layout,
                                    RemoteAddr interpreter) {
    CT_TRY(const auto modules, memory.read_pointer(at(interpreter, layout.interpreter.modules)));
    return memory.read_as<std::uint64_t>(at(modules, layout.dict.used));
}

Result<std::vector<NamedModule>> read_modules(const RemoteMemory& memory, const Layout& layout,
                                              RemoteAddr interpreter) {
    CT_TRY(const auto modules, memory.read_pointer(at(interpreter, layout.interpreter.modules)));
    CT_TRY(const auto items, read_dict(memory, layout, modules, kMaxModules));
    std::vector<NamedModule> named;
    for (const DictEntry& entry : items.entries) {
        const auto type = read_type(memory, layout, entry.value);
        if (!type || !derives_from(memory, layout, *type, "module").value_or(false)) continue;
        auto name = read_str(memory, layout, entry.key);
        const auto dict = memory.read_pointer(at(entry.value, layout.module.dict));
        if (name && dict && !dict->is_null()) named.push_back({std::move(*name), *dict});
    }
    return named;
}

Result<RemoteAddr> find_module_attribute(const RemoteMemory& memory, const Layout& layout,
                                         RemoteAddr interpreter, std::string_view module,
                                         std::string_view name) {
    CT_TRY(const auto modules, memory.read_pointer(at(interpreter, layout.interpreter.modules)));
    auto found = find_dict_item(memory, layout, modules, module);
    if (!found) return std::move(found).error().in("sys.modules");
    CT_TRY(const auto dict, memory.read_pointer(at(*found, layout.module.dict)));
    auto attribute = find_dict_item(memory, layout, dict, name);
    if (!attribute) return std::move(attribute).error().in("module " + std::string(module));
    return attribute;
}

}  // namespace corotrace
