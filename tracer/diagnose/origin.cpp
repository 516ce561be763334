// SPDX-License-Identifier: MIT
#include "tracer/diagnose/origin.hpp"

#include <algorithm>

namespace corotrace {

namespace {

using Index = SiteCode::Index;

bool is_variable(Op op) {
    return is_any(op, {Op::kLoadFast, Op::kLoadDeref, Op::kLoadName, Op::kLoadGlobal});
}

// Source: CPython v3.14.0 Include/opcode.h, NB_SUBSCR.
bool is_subscript(const Instruction& instruction) {
    constexpr std::uint32_t kSubscr = 26;
    return instruction.op == Op::kSubscript ||
           (instruction.op == Op::kBinary && instruction.row->name == "BINARY_OP" &&
            instruction.arg == kSubscr);
}

// From 3.12 on a comprehension is part of the function: the one call that makes what is appended to the list.
std::optional<Index> find_appended(const SiteCode& code, StackFlow::Operand operand) {
    const auto making = code.all_making_calls();
    const auto list = code.flow().maker(operand);
    if (making.size() != 1 || !list || code.at(*list).op != Op::kBuild) return std::nullopt;
    const auto taker = code.consumer(making.front());
    return taker && code.at(*taker).op == Op::kAppend ? std::optional(making.front()) : std::nullopt;
}

// `found = []; found.append(f(x))`, where that is the one call that makes one.
std::optional<Index> find_added(const SiteCode& code, Index load) {
    const auto making = code.all_making_calls();
    const auto taker = making.size() == 1 ? code.consumer(making.front()) : std::nullopt;
    if (!taker || !SiteCode::is_call(code.at(*taker).op)) return std::nullopt;
    const std::string adds = code.describe(load) + ".append";
    return code.describe_callee(*taker) == adds ? std::optional(making.front()) : std::nullopt;
}

// `[f(x) for x in xs][0]`
std::optional<Index> find_item_of_appended(const SiteCode& code, StackFlow::Operand operand) {
    const auto made = code.flow().maker(operand);
    if (!made || !is_subscript(code.at(*made)) || code.flow().operands(*made).empty()) return std::nullopt;
    return find_appended(code, code.flow().operands(*made).front());
}

// The attribute that is read was set in the same function: the one call that made what it was set to.
std::optional<Index> find_attribute(const SiteCode& code, Index load) {
    std::optional<Index> only;
    for (Index i = 0; i < code.flow().instructions().size(); ++i) {
        if (code.at(i).op != Op::kStoreAttr || code.name_of(i) != code.name_of(load)) continue;
        const auto values = code.flow().operands(i);
        const auto call = values.empty() ? std::nullopt : code.making_maker(values.front());
        if (!call) continue;
        if (only) return std::nullopt;
        only = call;
    }
    return only;
}

// The item that is read was set in the same function: `cache[key] = f(); cache[key].name`.
std::optional<Index> find_item(const SiteCode& code, Index read) {
    const auto container = code.flow().maker(code.flow().operands(read).front());
    if (!container) return std::nullopt;
    const std::string name = code.describe(*container);
    std::optional<Index> only;
    for (Index i = 0; i < code.flow().instructions().size(); ++i) {
        const auto operands = code.flow().operands(i);
        if (code.at(i).op != Op::kStoreSubscript || operands.size() != 3) continue;
        const auto call = code.making_maker(operands[0]);
        const auto owner = code.flow().maker(operands[1]);
        if (!call || !owner || code.describe(*owner) != name) continue;
        if (only) return std::nullopt;
        only = call;
    }
    return only;
}

// What was stored: the coroutine, or what it was put into.
std::optional<Origin> find_stored_value(const SiteCode& code, StackFlow::Operand value) {
    if (const auto inner = code.find_making_call(value)) return Origin{.call = *inner, .inside = true};
    if (const auto appended = find_appended(code, value)) return Origin{.call = *appended, .inside = true};
    const auto item = find_item_of_appended(code, value);
    return item ? std::optional(Origin{.call = *item}) : std::nullopt;
}

// By the stores to the variable that `load` reads: the last that is the coroutine itself, or else the first
// of what it was put into.
std::optional<Origin> find_stored(const SiteCode& code, Index load) {
    const auto stores = code.stores_like(load);
    std::optional<Origin> found;
    for (const Index store : stores) {
        const auto values = code.flow().operands(store);
        if (values.empty()) continue;
        if (const auto call = code.making_maker(values.front()))
            found = Origin{.call = *call};
        else if (!found)
            found = find_stored_value(code, values.front());
    }
    if (!found) {
        if (const auto added = find_added(code, load))
            return Origin{.call = *added, .alone = false, .inside = true};
    }
    if (found) found->alone = stores.size() == 1 && !code.is_parameter(code.name_of(load));
    return found;
}

// Where the operand comes from: a call of the coroutine's name, at once or by way of a variable or container.
std::optional<Origin> trace_origin(const SiteCode& code, StackFlow::Operand operand, int depth) {
    if (const auto call = code.making_maker(operand)) return Origin{.call = *call};
    if (const auto calls = code.making_calls_in(operand); !calls.empty())
        return Origin{.call = calls.front(), .alone = calls.size() == 1, .inside = true};
    if (const auto call = find_appended(code, operand)) return Origin{.call = *call, .inside = true};
    for (const std::uint32_t made : code.flow().makers(operand)) {
        if (is_subscript(code.at(made)) && depth == 0) {
            if (const auto call = find_item(code, made)) return Origin{.call = *call, .alone = false};
            auto found = trace_origin(code, code.flow().operands(made).front(), depth + 1);
            if (!found || !found->inside) continue;
            found->inside = false;
            return found;
        }
        if (code.at(made).op == Op::kLoadAttr) {
            if (const auto call = find_attribute(code, made)) return Origin{.call = *call, .alone = false};
        }
        if (!is_variable(code.at(made).op)) continue;
        if (auto found = find_stored(code, made)) return found;
    }
    return std::nullopt;
}

bool is_await(Op op) {
    return is_any(op, {Op::kEndSend, Op::kSend, Op::kYieldFrom});
}

// The one value that `accepts` takes and that the function keeps in a variable, if the operand is that
// variable.
template <typename Accepts>
std::optional<Index> find_only_kept(const SiteCode& code, StackFlow::Operand operand,
                                    const Accepts& accepts) {
    const auto made = code.flow().maker(operand);
    if (!made || !is_variable(code.at(*made).op)) return std::nullopt;
    const auto stores = code.stores_like(*made);
    if (stores.size() != 1 || code.is_parameter(code.name_of(*made))) return std::nullopt;
    std::optional<Index> only;
    for (Index i = 0; i < code.flow().instructions().size(); ++i) {
        if (!is_any(code.at(i).op, {Op::kStoreFast, Op::kStoreDeref})) continue;
        const auto values = code.flow().operands(i);
        const auto maker = values.empty() ? std::nullopt : code.flow().maker(values.front());
        if (!maker || !accepts(code.at(*maker).op)) continue;
        if (only || i != stores.front()) return std::nullopt;
        only = *maker;
    }
    return only;
}

}  // namespace

std::optional<Origin> find_origin(const SiteCode& code, StackFlow::Operand operand) {
    return trace_origin(code, operand, 0);
}

std::optional<Origin> find_only_result(const Scene& scene, const SiteCode& code, StackFlow::Operand operand) {
    // `a | b` of an `async def __or__`.
    const bool special = scene.names.code_name.starts_with("__");
    const auto made = code.flow().maker(operand);
    if (special && made && is_any(code.at(*made).op, {Op::kBinary, Op::kSubscript, Op::kCompare}))
        return Origin{.call = *made, .named = false};
    const auto only = find_only_kept(code, operand, [&](Op op) {
        return SiteCode::is_call(op) || (special && is_any(op, {Op::kBinary, Op::kSubscript, Op::kCompare}));
    });
    return only ? std::optional(Origin{.call = *only, .named = false}) : std::nullopt;
}

std::optional<Origin> find_awaited(const SiteCode& code, StackFlow::Operand operand) {
    const auto made = code.flow().maker(operand);
    if (!made || !code.all_making_calls().empty()) return std::nullopt;
    if (is_await(code.at(*made).op)) return Origin{.call = *made, .named = false};
    const auto only =
        find_only_kept(code, operand, [](Op op) { return SiteCode::is_call(op) || is_await(op); });
    if (!only || !is_await(code.at(*only).op)) return std::nullopt;
    return Origin{.call = *only, .named = false};
}

std::optional<Origin> find_held_variable(const SiteFrame& frame, const SiteCode& code,
                                         StackFlow::Operand operand) {
    const auto made = code.flow().maker(operand);
    if (!made || !is_variable(code.at(*made).op) || !frame.held || !frame.bytecode) return std::nullopt;
    const std::string name = code.name_of(*made);
    const bool held = std::ranges::any_of(frame.held->variables, [&](std::uint32_t slot) {
        return slot < frame.bytecode->variables.size() && frame.bytecode->variables[slot] == name;
    });
    // What a dying frame empties is dropped when the variable is empty already.
    const auto& emptied = frame.held->emptied;
    const bool was_held = frame.held->variables.empty() && emptied &&
                          *emptied < frame.bytecode->variables.size() &&
                          frame.bytecode->variables[*emptied] == name && code.all_making_calls().empty();
    const auto stores = code.stores_like(*made);
    const bool parameter = code.is_parameter(name);
    const bool still_given = parameter && code.is_still_given(*made, stores);
    if (!(held || was_held) || name.empty() || still_given) return std::nullopt;
    // Of several, or of what is one of several values, all that is known is that it was there.
    Origin origin{.call = *made, .named = false};
    if (stores.size() == 1 && !parameter && !code.flow().operands(stores.front()).empty()) {
        const auto maker = code.flow().maker(code.flow().operands(stores.front()).front());
        if (maker) origin.call = *maker;
    }
    // The call gave it back, or something that holds it.
    if (!held && SiteCode::is_call(code.at(origin.call).op)) return std::nullopt;
    return origin;
}

}  // namespace corotrace
