// SPDX-License-Identifier: MIT
// SiteCode: questions to the code of one frame of a drop: which instruction runs, what it works on, which
// call made that, by which name the code calls it. Pure. Everything is "not known" rather than guessed.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cpython_layouts/layout.hpp"
#include "cpython_layouts/line_table.hpp"
#include "cpython_layouts/stack_flow.hpp"
#include "tracer/diagnose/drop_site.hpp"

namespace corotrace {

// The names under which a coroutine function may be called: its own and that of its code (a decorator may
// have changed either).
struct CoroutineNames {
    std::string name;
    std::string code_name;

    [[nodiscard]] bool match(std::string_view called) const {
        return !called.empty() && (called == name || called == code_name);
    }
};

struct CallArgument {
    StackFlow::Operand operand = StackFlow::kUnknown;
    std::uint32_t depth = 0;             // on the value stack
    std::optional<std::string> keyword;  // null: positional
};

class SiteCode {
public:
    using Index = std::size_t;

    SiteCode(const Layout& layout, const SiteFrame& frame, const CoroutineNames& names);

    [[nodiscard]] const Code& code() const { return *frame_.code; }
    [[nodiscard]] const StackFlow& flow() const { return flow_; }
    [[nodiscard]] const Instruction& at(Index index) const { return flow_.instructions()[index]; }

    // The instruction that runs; that of the call for a PRECALL. Null: not known.
    [[nodiscard]] std::optional<Index> current() const { return current_; }

    // "self.store.save", "make().run"; what has no name is "(...)". For a call, of what is called.
    [[nodiscard]] std::string describe(Index maker) const;
    [[nodiscard]] std::string describe_callee(Index call) const;
    // That with (), if it is a call.
    [[nodiscard]] std::string name_call(Index call) const;
    // "save"; empty if it is not called by a name.
    [[nodiscard]] std::string callee_name(Index call) const;
    [[nodiscard]] std::vector<CallArgument> arguments(Index call) const;
    [[nodiscard]] static bool is_call(Op op) { return is_any(op, {Op::kCall, Op::kCallKw, Op::kCallEx}); }

    // Calls, or reads as a property, something of the coroutine's name.
    [[nodiscard]] bool makes_coroutine(Index maker) const;
    // It is known to enter the coroutine's own function.
    [[nodiscard]] bool enters_coroutine(Index call) const;
    // The one of the operand's makers that does.
    [[nodiscard]] std::optional<Index> making_maker(StackFlow::Operand operand) const;
    // The one such call that the operand is, or was built from (a list, a tuple, an argument of a call).
    [[nodiscard]] std::optional<Index> find_making_call(StackFlow::Operand operand) const;
    // All of them, in order.
    [[nodiscard]] std::vector<Index> making_calls_in(StackFlow::Operand operand) const;
    // Those of the whole code that are not awaited where they stand.
    [[nodiscard]] std::vector<Index> all_making_calls() const;
    // Those of them that are guarded by the exception handler which contains `index`.
    [[nodiscard]] std::vector<Index> making_calls_guarded_at(Index index) const;
    // No other such call stands between this one and the instruction that runs.
    [[nodiscard]] bool is_last_call(Index call) const;
    // A lambda, or a function that is defined here.
    [[nodiscard]] bool makes_function(Index maker) const;
    // Calls a comprehension, which up to 3.11 is a function of its own.
    [[nodiscard]] bool calls_comprehension(Index maker) const;

    // Whether the operand at this depth was the object itself. Null: not known.
    [[nodiscard]] std::optional<bool> held_at(std::uint32_t depth) const;

    // The operand at this depth was pushed by the entry of a handler: up to 3.10, later ones are not told.
    [[nodiscard]] bool is_of_handler(std::uint32_t depth) const;

    // Name of the variable, attribute or global that the instruction stores, deletes or loads.
    [[nodiscard]] std::string name_of(Index index) const;
    // All stores to the same variable as that of the store or delete at `index`.
    [[nodiscard]] std::vector<Index> stores_like(Index index) const;
    [[nodiscard]] bool is_parameter(std::string_view variable) const;
    // Whether a parameter still is what the function was given at this instruction: none of the `stores` to
    // it can come before.
    [[nodiscard]] bool is_still_given(Index index, std::span<const Index> stores) const;
    // Whether the code awaits this variable anywhere.
    [[nodiscard]] bool awaits(std::string_view variable) const;
    // What takes the value that the instruction makes, if it is one instruction.
    [[nodiscard]] std::optional<Index> consumer(Index maker) const;

    // Other calls that make such a coroutine for the same purpose, in the same line: `save(1) + save(2)`. Not
    // those that are awaited.
    [[nodiscard]] std::vector<Index> calls_beside(Index call) const;

    [[nodiscard]] Position position(Index index) const;
    [[nodiscard]] bool is_class_body() const;
    // async def: may await.
    [[nodiscard]] bool is_async() const;

private:
    // The operands below the arguments of a call.
    struct Callee {
        StackFlow::Operand function = StackFlow::kUnknown;
        bool has_argument = false;  // beside it lies one more argument, as in the call of a decorator
    };
    [[nodiscard]] std::optional<Callee> find_callee(Index call) const;
    [[nodiscard]] std::optional<Index> callee_maker(Index call) const;
    [[nodiscard]] const std::vector<std::string>* keyword_names(Index call) const;
    [[nodiscard]] std::string describe(Index maker, int depth) const;
    void collect_making_calls(StackFlow::Operand operand, int depth, std::vector<Index>& found) const;

    const Layout& layout_;
    const SiteFrame& frame_;
    const CoroutineNames& names_;
    StackFlow flow_;
    std::optional<Index> current_;
};

}  // namespace corotrace
