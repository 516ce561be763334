// SPDX-License-Identifier: MIT
// Bytecode out of the target. Since 3.12 the instructions in a code object may be covered by others, of
// sys.monitoring, trace functions or the JIT; what they cover is put back here, in the copy.
#include <algorithm>
#include <utility>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/bytecode.hpp"
#include "cpython_layouts/limits.hpp"
#include "cpython_layouts/objects.hpp"

namespace corotrace {

namespace {

// The pointers and numbers of a code object that lead to its bytecode.
Result<Block> read_bytecode_block(const RemoteMemory& memory, const Layout& layout, RemoteAddr code) {
    const CodeLayout& f = layout.code;
    return Block::read(memory, code,
                       {f.stack_size, f.names, f.consts, f.varnames, f.cellvars, f.freevars,
                        f.localsplus_names, f.exception_table, f.bytecode, f.monitoring, f.executors},
                       "code");
}

Status append_names(const RemoteMemory& memory, const Layout& layout, RemoteAddr tuple,
                    std::vector<std::string>& names) {
    CT_TRY(const auto items, read_tuple(memory, layout, tuple, kMaxLocals));
    for (const RemoteAddr item : items.items) {
        CT_TRY(auto name, read_str(memory, layout, item));
        names.push_back(std::move(name));
    }
    return {};
}

Status read_variables(const RemoteMemory& memory, const Layout& layout, const Block& block,
                      Bytecode& bytecode) {
    const CodeLayout& fields = layout.code;
    if (layout.locals_rule == LocalsRule::kLocalsPlus) {
        return append_names(memory, layout, block.pointer(fields.localsplus_names), bytecode.variables);
    }
    if (auto done = append_names(memory, layout, block.pointer(fields.varnames), bytecode.variables); !done) {
        return done;
    }
    bytecode.first_deref = bytecode.variables.size();
    for (const Offset field : {fields.cellvars, fields.freevars}) {
        if (auto done = append_names(memory, layout, block.pointer(field), bytecode.variables); !done) {
            return done;
        }
    }
    return {};
}

// Names of keyword arguments are a tuple among the constants.
Status read_keyword_names(const RemoteMemory& memory, const Layout& layout, RemoteAddr consts,
                          Bytecode& bytecode) {
    CT_TRY(const auto items, read_tuple(memory, layout, consts, kMaxConstants));
    bytecode.keyword_names.resize(items.items.size());
    for (std::size_t i = 0; i < items.items.size(); ++i) {
        const auto flags = read_type_flags(memory, layout, items.items[i]);
        if (!flags || (*flags & kTypeFlagTuple) == 0) continue;
        std::vector<std::string> names;
        // A constant tuple of anything else fails at its first item.
        if (append_names(memory, layout, items.items[i], names)) bytecode.keyword_names[i] = std::move(names);
    }
    return {};
}

// What stands behind instructions that sys.monitoring, a trace function or the JIT have overwritten.
class HiddenOpcodes {
public:
    HiddenOpcodes(const RemoteMemory& memory, const Layout& layout, const Block& block, std::size_t units)
        : memory_(memory), layout_(layout), units_(units) {
        if (layout.code.monitoring != kAbsent) monitoring_ = block.pointer(layout.code.monitoring);
        if (layout.code.executors != kAbsent) executors_ = block.pointer(layout.code.executors);
    }

    // Opcode and argument of unit `index`, of which `opcode` is hidden. Nothing: not known.
    std::optional<std::pair<std::uint8_t, std::uint8_t>> find(std::size_t index, Op op, std::uint8_t arg) {
        if (op == Op::kHiddenByExecutor) return find_compiled(arg);
        const auto opcode = op == Op::kHiddenByLine ? find_line(index) : find_single(index);
        if (!opcode) return std::nullopt;
        return std::pair{*opcode, arg};
    }

private:
    std::optional<std::uint8_t> find_single(std::size_t index) {
        if (monitoring_.is_null()) return std::nullopt;
        if (singles_.empty()) {
            const auto from = memory_.read_pointer(at(monitoring_, layout_.monitoring.instructions));
            if (!from || from->is_null()) return std::nullopt;
            singles_.resize(units_);
            if (!memory_.read(*from, std::as_writable_bytes(std::span(singles_)))) singles_.assign(1, 0);
        }
        if (index >= singles_.size()) return std::nullopt;
        return singles_[index];
    }

    // Pairs (opcode, line delta) up to 3.13.0; later, also in 3.13, a byte that tells the size of an entry,
    // then entries that begin with the opcode. The first entry of the old form is that of a RESUME or nothing
    // (0), never a size. Source: CPython Include/cpython/code.h _PyCoLineInstrumentationData.
    std::optional<std::uint8_t> find_line(std::size_t index) {
        if (monitoring_.is_null()) return std::nullopt;
        if (lines_.empty()) {
            const auto from = memory_.read_pointer(at(monitoring_, layout_.monitoring.lines));
            if (!from || from->is_null()) return std::nullopt;
            const auto first = memory_.read_as<std::uint8_t>(*from);
            if (!first) return std::nullopt;
            const bool sized = *first >= 2 && *first <= 6;
            entry_bytes_ = sized ? *first : 2;
            lines_.resize(units_ * entry_bytes_);
            if (!memory_.read(*from + (sized ? 1U : 0U), std::as_writable_bytes(std::span(lines_)))) {
                lines_.assign(1, 0);
            }
        }
        if (index * entry_bytes_ >= lines_.size()) return std::nullopt;
        return lines_[index * entry_bytes_];
    }

    std::optional<std::pair<std::uint8_t, std::uint8_t>> find_compiled(std::uint8_t arg) {
        if (executors_.is_null()) return std::nullopt;
        const auto size = memory_.read_as<std::int32_t>(executors_);
        if (!size || arg >= *size) return std::nullopt;
        const auto executor =
            memory_.read_pointer(at(executors_, layout_.executor.items) + std::uint64_t{8} * arg);
        if (!executor || executor->is_null()) return std::nullopt;
        const auto both = memory_.read_as<std::uint16_t>(at(*executor, layout_.executor.opcode));
        if (!both) return std::nullopt;
        return std::pair{static_cast<std::uint8_t>(*both & 255U), static_cast<std::uint8_t>(*both >> 8U)};
    }

    const RemoteMemory& memory_;
    const Layout& layout_;
    std::size_t units_;
    RemoteAddr monitoring_;
    RemoteAddr executors_;
    std::vector<std::uint8_t> singles_;
    std::vector<std::uint8_t> lines_;
    std::size_t entry_bytes_ = 2;
};

// Ends where something stays hidden: how many caches follow it is not known either.
void undo_hidden(const Layout& layout, HiddenOpcodes hidden, std::vector<std::byte>& units) {
    for (std::size_t at = 0; at + 2 <= units.size();) {
        const OpcodeRow* row = layout.opcodes->rows[static_cast<std::uint8_t>(units[at])];
        // One may hide another: a line event over an instruction event.
        for (int depth = 0; depth < 3 && row != nullptr; ++depth) {
            if (!is_any(row->op, {Op::kHiddenByLine, Op::kHiddenByInstruction, Op::kHiddenByExecutor})) {
                break;
            }
            const auto found = hidden.find(at / 2, row->op, static_cast<std::uint8_t>(units[at + 1]));
            if (!found) return;
            units[at] = static_cast<std::byte>(found->first);
            units[at + 1] = static_cast<std::byte>(found->second);
            row = layout.opcodes->rows[found->first];
        }
        if (row == nullptr) return;
        at += std::size_t{2} * (std::size_t{1} + row->caches);
    }
}

Result<Bytecode> read_with(const RemoteMemory& memory, const Layout& layout, const Code& code,
                           const Block& block) {
    const CodeLayout& fields = layout.code;
    Bytecode bytecode;
    const auto size = static_cast<std::size_t>(std::max<std::int64_t>(code.bytecode_bytes, 0));
    if (size > kMaxBytecodeBytes) return Error{Errc::malformed, 0, "too long"};
    if (fields.instructions == kAbsent) {
        CT_TRY(bytecode.units, read_bytes(memory, layout, block.pointer(fields.bytecode), kMaxBytecodeBytes));
    } else {
        bytecode.units.resize(size);
        if (auto done = memory.read(code.instructions, bytecode.units); !done) return done.error();
        undo_hidden(layout, HiddenOpcodes(memory, layout, block, size / 2), bytecode.units);
        CT_TRY(bytecode.exception_table,
               read_bytes(memory, layout, block.pointer(fields.exception_table), kMaxBytecodeBytes));
    }
    bytecode.stack_size = block.as<std::uint32_t>(fields.stack_size);
    auto done = append_names(memory, layout, block.pointer(fields.names), bytecode.names);
    if (done) done = read_variables(memory, layout, block, bytecode);
    if (done) done = read_keyword_names(memory, layout, block.pointer(fields.consts), bytecode);
    if (!done) return std::move(done).error();
    return bytecode;
}

bool is_whole(const Layout& layout, const Bytecode& bytecode) {
    const auto instructions = decode_instructions(*layout.opcodes, bytecode.units);
    return !instructions.empty() && instructions.back().op != Op::kUnknown;
}

}  // namespace

Result<Bytecode> read_bytecode(const RemoteMemory& memory, const Layout& layout, const Code& code) {
    CT_TRY(const auto block, read_bytecode_block(memory, layout, code.address));
    auto bytecode = read_with(memory, layout, code, block);
    if (!bytecode) return std::move(bytecode).error().in("bytecode of " + to_hex(code.address));
    return bytecode;
}

Result<std::shared_ptr<const Bytecode>> BytecodeCache::find_or_read(const RemoteMemory& memory,
                                                                    const Layout& layout,
                                                                    const std::shared_ptr<const Code>& code) {
    if (const auto known = entries_.find(code.get()); known != entries_.end()) return known->second.bytecode;
    CT_TRY(auto bytecode, read_bytecode(memory, layout, *code));
    const bool whole = is_whole(layout, bytecode);
    auto shared = std::make_shared<const Bytecode>(std::move(bytecode));
    if (entries_.size() >= max_codes_) entries_.clear();  // rare, and the next stops fill it again
    if (whole) entries_.insert_or_assign(code.get(), Entry{code, shared});
    return shared;
}

}  // namespace corotrace
