// SPDX-License-Identifier: MIT
#include "tracer/diagnose/site_code.hpp"

#include <algorithm>

namespace corotrace {

namespace {

constexpr int kMaxDepth = 6;  // of nested expressions

const Bytecode& bytecode_of(const SiteFrame& frame) {
    static const Bytecode none;
    return frame.bytecode ? *frame.bytecode : none;
}

bool is_store(Op op) {
    return is_any(op, {Op::kStoreFast, Op::kStoreDeref, Op::kStoreName, Op::kStoreGlobal});
}

bool is_load(Op op) {
    return is_any(op, {Op::kLoadFast, Op::kLoadDeref, Op::kLoadName, Op::kLoadGlobal});
}

}  // namespace

SiteCode::SiteCode(const Layout& layout, const SiteFrame& frame, const CoroutineNames& names)
    : layout_(layout), frame_(frame), names_(names), flow_(*layout.opcodes, bytecode_of(frame)) {
    if (!frame.byte_offset) return;
    current_ = find_instruction(flow_.instructions(), *frame.byte_offset);
    // 3.11 runs some calls in the PRECALL before them.
    while (current_ && at(*current_).op == Op::kNothing && *current_ + 1 < flow_.instructions().size() &&
           at(*current_).row->name == "PRECALL") {
        ++*current_;
    }
    if (current_ && at(*current_).row == nullptr) current_.reset();
}

std::string SiteCode::describe(Index maker) const {
    return describe(maker, 0);
}

std::string SiteCode::describe(Index maker, int depth) const {
    const Instruction& instruction = at(maker);
    if (depth > kMaxDepth) return "(...)";
    if (instruction.op == Op::kLoadSuperAttr) return "super()." + name_of(maker);
    if (instruction.op == Op::kLoadAttr) {
        const auto operands = flow_.operands(maker);
        const auto base = operands.empty() ? std::optional<std::size_t>() : flow_.maker(operands.front());
        return (base ? describe(*base, depth + 1) : "(...)") + "." + name_of(maker);
    }
    if (is_load(instruction.op)) return name_of(maker);
    if (is_call(instruction.op)) {
        const auto made = callee_maker(maker);
        return (made ? describe(*made, depth + 1) : "(...)") + "()";
    }
    return "(...)";
}

std::string SiteCode::describe_callee(Index call) const {
    if (at(call).op == Op::kLoadAttr) return describe(call);
    const auto made = callee_maker(call);
    return made ? describe(*made) : "(...)";
}

std::string SiteCode::name_call(Index call) const {
    return describe_callee(call) + (is_call(at(call).op) ? "()" : "");
}

std::string SiteCode::callee_name(Index call) const {
    if (at(call).op == Op::kLoadAttr) return name_of(call);
    const auto made = callee_maker(call);
    return made ? name_of(*made) : "";
}

// Up to 3.10 the callee alone, or with self for a method. Later always two: with null on one side or the
// other, with self, or with an argument (comprehensions and decorators are called like methods).
std::optional<SiteCode::Callee> SiteCode::find_callee(Index call) const {
    const auto operands = flow_.operands(call);
    if (!is_call(at(call).op) || operands.empty()) return std::nullopt;
    const auto& row = *at(call).row;
    const bool alone = row.name == "CALL_FUNCTION" || row.name == "CALL_FUNCTION_KW" ||
                       (at(call).op == Op::kCallEx && row.effect.pops < 3);
    if (alone || operands.size() < 2) return Callee{operands[0]};
    const auto first = flow_.maker(operands[0]);
    const auto second = flow_.maker(operands[1]);
    if (!first || !second) return Callee{operands[0]};
    if (*first == *second) return Callee{operands[0]};
    // LOAD_GLOBAL may push a null for a call further on, and says so in its lowest bit.
    const auto is_null = [&](Index maker) {
        return at(maker).op == Op::kPushNull || (at(maker).op == Op::kLoadGlobal && (at(maker).arg & 1) != 0);
    };
    if (layout_.opcodes->null_below && is_null(*first)) return Callee{operands[1]};
    return Callee{operands[0], !is_null(*second)};
}

std::optional<SiteCode::Index> SiteCode::callee_maker(Index call) const {
    const auto callee = find_callee(call);
    return callee ? flow_.maker(callee->function) : std::nullopt;
}

const std::vector<std::string>* SiteCode::keyword_names(Index call) const {
    std::optional<std::uint32_t> constant;
    if (at(call).op == Op::kCallKw) {
        const auto operands = flow_.operands(call);
        const auto made = operands.empty() ? std::nullopt : flow_.maker(operands.back());
        if (made && at(*made).op == Op::kLoadConst) constant = at(*made).arg;
    } else {
        // KW_NAMES, and PRECALL between.
        for (Index i = call; i > 0 && at(i - 1).op == Op::kNothing; --i) {
            if (at(i - 1).row->name == "KW_NAMES") constant = at(i - 1).arg;
        }
    }
    const auto& all = bytecode_of(frame_).keyword_names;
    return constant && *constant < all.size() ? &all[*constant] : nullptr;
}

std::vector<CallArgument> SiteCode::arguments(Index call) const {
    const auto operands = flow_.operands(call);
    const auto* stack = flow_.find_stack(call);
    if (!is_call(at(call).op) || stack == nullptr || operands.empty()) return {};
    std::size_t count = at(call).arg;
    std::size_t above = at(call).op == Op::kCallKw ? 1 : 0;  // the names
    if (at(call).op == Op::kCallEx) {
        const std::size_t below = at(call).row->effect.pops < 3 ? 1 : 2;
        count = operands.size() - std::min(below, operands.size());
    }
    const auto callee = find_callee(call);
    if (callee && callee->has_argument) ++count;
    if (count + above > operands.size()) return {};
    const auto* names = keyword_names(call);
    const std::size_t keywords = names == nullptr ? 0 : std::min(names->size(), count);
    std::vector<CallArgument> found;
    const std::size_t first = operands.size() - above - count;
    for (std::size_t i = 0; i < count; ++i) {
        CallArgument argument;
        argument.operand = operands[first + i];
        argument.depth = static_cast<std::uint32_t>(stack->size() - operands.size() + first + i);
        if (i >= count - keywords) argument.keyword = (*names)[i - (count - keywords)];
        found.push_back(std::move(argument));
    }
    return found;
}

bool SiteCode::makes_coroutine(Index maker) const {
    const Op op = at(maker).op;
    // These are called for whatever attribute is read.
    const bool any = names_.code_name == "__getattr__" || names_.code_name == "__getattribute__" ||
                     names_.code_name == "__get__";
    if (op == Op::kLoadAttr && any) return true;
    return (is_call(op) || op == Op::kLoadAttr) && names_.match(callee_name(maker));
}

std::optional<SiteCode::Index> SiteCode::making_maker(StackFlow::Operand operand) const {
    std::optional<Index> found;
    for (const std::uint32_t made : flow_.makers(operand)) {
        if (!makes_coroutine(made)) continue;
        if (found) return std::nullopt;
        found = made;
    }
    return found;
}

std::optional<SiteCode::Index> SiteCode::find_making_call(StackFlow::Operand operand) const {
    const auto found = making_calls_in(operand);
    return found.size() == 1 ? std::optional(found.front()) : std::nullopt;
}

std::vector<SiteCode::Index> SiteCode::making_calls_in(StackFlow::Operand operand) const {
    std::vector<Index> found;
    collect_making_calls(operand, 0, found);
    std::ranges::sort(found);
    const auto last = std::unique(found.begin(), found.end());
    found.erase(last, found.end());
    return found;
}

void SiteCode::collect_making_calls(StackFlow::Operand operand, int depth, std::vector<Index>& found) const {
    if (depth > kMaxDepth || found.size() > kMaxDepth) return;
    for (const std::uint32_t made : flow_.makers(operand)) {
        const Op op = at(made).op;
        if (is_call(op) && makes_coroutine(made)) {
            found.push_back(made);
        } else if (is_call(op)) {
            for (const CallArgument& argument : arguments(made)) {
                collect_making_calls(argument.operand, depth + 1, found);
            }
        } else if (is_any(op, {Op::kBuild, Op::kFormat, Op::kBuildString, Op::kBinary, Op::kCompare, Op::kNot,
                               Op::kToBool})) {
            for (const StackFlow::Operand part : flow_.operands(made)) {
                collect_making_calls(part, depth + 1, found);
            }
        }
    }
}

std::vector<SiteCode::Index> SiteCode::all_making_calls() const {
    std::vector<Index> found;
    for (Index i = 0; i < flow_.instructions().size(); ++i) {
        if (at(i).row == nullptr || !is_call(at(i).op) || !makes_coroutine(i)) continue;
        // What is awaited where it is made is not what nothing awaited.
        const auto taker = consumer(i);
        if (!taker || at(*taker).op != Op::kGetAwaitable) found.push_back(i);
    }
    return found;
}

std::vector<SiteCode::Index> SiteCode::making_calls_guarded_at(Index index) const {
    const auto guarded = flow_.find_guarded(at(index).offset);
    std::vector<Index> found;
    for (const Index call : all_making_calls()) {
        const auto inside = [&](const StackFlow::Range& range) {
            return at(call).offset >= range.begin && at(call).offset < range.end;
        };
        if (std::ranges::any_of(guarded, inside)) found.push_back(call);
    }
    return found;
}

bool SiteCode::enters_coroutine(Index call) const {
    return std::ranges::find(frame_.call_names, describe_callee(call)) != frame_.call_names.end();
}

bool SiteCode::is_last_call(Index call) const {
    for (Index i = call + 1; current_ && i < *current_; ++i) {
        if (is_call(at(i).op) && makes_coroutine(i)) return false;
    }
    return current_ && call < *current_;
}

bool SiteCode::makes_function(Index maker) const {
    // From 3.13 on what it captures is added afterwards.
    return at(maker).op == Op::kMakeFunction || at(maker).row->name == "SET_FUNCTION_ATTRIBUTE";
}

bool SiteCode::calls_comprehension(Index maker) const {
    const auto made = callee_maker(maker);
    return made && makes_function(*made);
}

// What the entry of a handler pushes is the exception, and never the object. Up to 3.8 a `finally` that is
// entered without one has one operand there, where the flow has six: what comes next lies five lower.
// Source: CPython v3.8.18 Python/ceval.c, BEGIN_FINALLY and CALL_FINALLY.
std::optional<bool> SiteCode::held_at(std::uint32_t depth) const {
    constexpr std::uint32_t kFewer = 5;
    if (!frame_.held) return std::nullopt;
    if (std::ranges::find(frame_.held->cleared, depth) != frame_.held->cleared.end()) return std::nullopt;
    const auto holds = [&](std::uint32_t at) {
        return std::ranges::find(frame_.held->operands, at) != frame_.held->operands.end();
    };
    if (is_of_handler(depth)) return false;
    if (depth >= kFewer && is_of_handler(depth - kFewer) && holds(depth - kFewer)) return true;
    return holds(depth);
}

bool SiteCode::is_of_handler(std::uint32_t depth) const {
    const auto* stack = current() ? flow_.find_stack(*current()) : nullptr;
    if (stack == nullptr || depth >= stack->size()) return false;
    const auto makers = flow_.makers((*stack)[depth]);
    return !makers.empty() && std::ranges::all_of(makers, [&](std::uint32_t maker) {
        return at(maker).op == Op::kSetup || at(maker).row->name == "BEGIN_FINALLY";
    });
}

std::string SiteCode::name_of(Index index) const {
    const std::string* name = find_name(bytecode_of(frame_), at(index));
    return name == nullptr ? "" : *name;
}

std::vector<SiteCode::Index> SiteCode::stores_like(Index index) const {
    std::vector<Index> found;
    const std::string name = name_of(index);
    for (Index i = 0; i < flow_.instructions().size(); ++i) {
        if (is_store(at(i).op) && !name.empty() && name_of(i) == name) found.push_back(i);
    }
    return found;
}

bool SiteCode::is_parameter(std::string_view variable) const {
    const auto& variables = bytecode_of(frame_).variables;
    const auto found = std::ranges::find(variables, variable);
    return static_cast<std::size_t>(found - variables.begin()) < frame_.code->parameters;
}

bool SiteCode::is_still_given(Index index, std::span<const Index> stores) const {
    return std::ranges::all_of(stores, [&](Index store) {
        if (store < index) return false;
        for (Index i = store; i < flow_.instructions().size(); ++i) {
            if (at(i).target && *at(i).target <= at(index).offset) return false;  // in a loop
        }
        return true;
    });
}

bool SiteCode::awaits(std::string_view variable) const {
    for (Index i = 0; i < flow_.instructions().size(); ++i) {
        if (at(i).op != Op::kGetAwaitable) continue;
        for (const StackFlow::Operand operand : flow_.operands(i)) {
            for (const std::uint32_t made : flow_.makers(operand)) {
                if (is_load(at(made).op) && name_of(made) == variable) return true;
            }
        }
    }
    return false;
}

std::optional<SiteCode::Index> SiteCode::consumer(Index maker) const {
    std::optional<Index> found;
    for (Index i = 0; i < flow_.instructions().size(); ++i) {
        if (is_any(at(i).op, {Op::kCopy, Op::kSwap, Op::kRotate})) continue;
        for (const StackFlow::Operand operand : flow_.operands(i)) {
            if (std::ranges::find(flow_.makers(operand), maker) == flow_.makers(operand).end()) continue;
            if (found && *found != i) return std::nullopt;
            found = i;
        }
    }
    return found;
}

std::vector<SiteCode::Index> SiteCode::calls_beside(Index call) const {
    std::vector<Index> found;
    const auto taker = consumer(call);
    const Position here = position(call);
    const auto line = here.line;
    if (!taker || !line || !is_call(at(call).op)) return found;
    for (const Index other : all_making_calls()) {
        const auto other_taker = other == call ? std::nullopt : consumer(other);
        if (!other_taker || describe_callee(other) != describe_callee(call)) continue;
        const bool nested = *other_taker == call || *taker == other;
        const auto kind = [&](Index index) { return is_store(at(index).op) ? Op::kUnpack : at(index).op; };
        const bool same = nested || *other_taker == *taker ||
                          (kind(*other_taker) == kind(*taker) && !is_call(at(*taker).op));
        // What goes to a variable that is awaited later needs no await here.
        if (is_store(at(*other_taker).op) && awaits(name_of(*other_taker))) continue;
        const Position there = position(other);
        // A `finally` is compiled twice.
        const bool copy = there.col && there.col == here.col && there.end_col == here.end_col;
        if (same && !copy && at(*other_taker).op != Op::kGetAwaitable && there.line == line)
            found.push_back(other);
    }
    return found;
}

Position SiteCode::position(Index index) const {
    return find_position(layout_.line_table_rule, code().line_table, code().first_line, at(index).offset);
}

bool SiteCode::is_class_body() const {
    for (Index i = 0; i < flow_.instructions().size(); ++i) {
        if (at(i).op == Op::kStoreName && name_of(i) == "__qualname__") return true;
    }
    return false;
}

bool SiteCode::is_async() const {
    return (code().flags & (kCodeCoroutine | kCodeAsyncGenerator)) != 0;
}

}  // namespace corotrace
