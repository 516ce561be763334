// SPDX-License-Identifier: MIT
// The parts of the stub's machine code. Only for the files of this processor.
#pragma once

#include <asmjit/x86.h>

#include "tracer/process/arch/arch.hpp"

namespace corotrace::arch::x86_64 {

inline asmjit::x86::Mem word(const asmjit::x86::Gp& base, Offset offset) {
    return asmjit::x86::qword_ptr(base, offset);
}
inline asmjit::x86::Mem half(const asmjit::x86::Gp& base, Offset offset) {
    return asmjit::x86::dword_ptr(base, offset);
}

// Makes the code in r8 and rax the key of a site in rax, if it is one and the block says so. The object is in
// rdi, the block in r9; rcx, rdx, rsi, r10 and r11 change.
void emit_site_key(asmjit::x86::Assembler& as, const StubSpec& spec, const StubWalk& walk);

struct StopLabels {
    asmjit::Label stop;
    asmjit::Label unblocked;
};
// Asks for a stop of this thread at the row in r11.
[[nodiscard]] StopLabels emit_stop(asmjit::x86::Assembler& as, const StubSpec& spec);

}  // namespace corotrace::arch::x86_64
