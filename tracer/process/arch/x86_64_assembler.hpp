// SPDX-License-Identifier: MIT
// Assembler: the bytes of x86-64 instructions, one after the other. Only for x86_64.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <utility>
#include <vector>

#include "symbols/address.hpp"

namespace corotrace::arch {

// Appends instructions and patches jumps at the end. Not a general assembler: the callers give opcodes.
class Assembler {
public:
    using Label = std::size_t;

    [[nodiscard]] Offset here() const { return static_cast<Offset>(code_.size()); }
    Label new_label() {
        labels_.push_back(kAbsent);
        return labels_.size() - 1;
    }
    void bind(Label label) { labels_[label] = here(); }

    void raw(std::initializer_list<unsigned> bytes) {
        for (const unsigned byte : bytes) code_.push_back(static_cast<std::byte>(byte));
    }
    void imm32(std::int32_t value) { append(&value, sizeof(value)); }
    void imm64(std::uint64_t value) { append(&value, sizeof(value)); }

    // Jcc (0F `condition`) and JMP, always with a 32-bit distance.
    void jump_if(unsigned condition, Label to) {
        raw({0x0f, condition});
        distance(to);
    }
    void jump(Label to) {
        raw({0xe9});
        distance(to);
    }
    // An instruction whose operand is disp32(base): opcode, then ModRM. Both registers are below 8, and
    // `base` is not rsp.
    void memory(std::initializer_list<unsigned> opcode, unsigned reg, unsigned base, Offset disp) {
        raw(opcode);
        raw({0x80U | (reg << 3) | base});
        imm32(disp);
    }

    [[nodiscard]] std::vector<std::byte> finish() {
        for (const Jump& jump : jumps_) {
            const std::int32_t value = labels_[jump.to] - (jump.at + 4);
            std::memcpy(code_.data() + jump.at, &value, sizeof(value));
        }
        return std::move(code_);
    }
    // The distance from the end of a 4-byte operand at `here()` to a label, filled in by finish().
    void distance(Label to) {
        jumps_.push_back({here(), to});
        imm32(0);
    }

private:
    struct Jump {
        Offset at;
        Label to;
    };
    void append(const void* value, std::size_t size) {
        const auto* bytes = static_cast<const std::byte*>(value);
        code_.insert(code_.end(), bytes, bytes + size);
    }
    std::vector<std::byte> code_;
    std::vector<Offset> labels_;
    std::vector<Jump> jumps_;
};

}  // namespace corotrace::arch
