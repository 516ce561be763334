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

// Goes to `out` unless the object that `base` points to meets the condition. Changes rax. Errors: internal (a
// condition that it cannot express).
[[nodiscard]] Status emit_condition(asmjit::x86::Assembler& as, const StubCondition& condition,
                                    asmjit::x86::Gp base, const asmjit::Label& out);

// The key of the call whose dict is in rdi, in rax. The block is in r9; rcx, rdx, rsi and r11 change. Errors:
// as emit_condition().
[[nodiscard]] Status emit_call_key(asmjit::x86::Assembler& as, const StubSpec& spec, const StubCallKey& key);

// Makes the code in r8 and rax the key of a site in rax, if it is one and the block says so. The object is in
// rdi, the block in r9; rcx, rdx, rsi, r10 and r11 change.
void emit_site_key(asmjit::x86::Assembler& as, const StubSpec& spec, const StubWalk& walk);

// Captures the drop of the row in r11, unless it is of no place. Goes to `none` if there is nothing to
// capture, to `full` if there is no room. The object is in rdi, the code in r8, the block in r9, which stay
// with r11; the others change.
void emit_capture(asmjit::x86::Assembler& as, const StubSpec& spec, const StubWalk& walk,
                  const asmjit::Label& none, const asmjit::Label& full);

// Goes to `end` unless the address in `frame` may be that of a frame. Changes `scratch`.
void check_frame(asmjit::x86::Assembler& as, const asmjit::x86::Gp& frame, const asmjit::x86::Gp& scratch,
                 const asmjit::Label& end);

// Compares with 0 whether the collector is at work; goes to `none` if nobody knows. The thread state is in
// rax. Changes `scratch`.
void test_collecting(asmjit::x86::Assembler& as, const StubCollecting& collecting,
                     const asmjit::x86::Gp& scratch, const asmjit::Label& none);

struct StopLabels {
    asmjit::Label stop;
    asmjit::Label unblocked;
};
// Asks for a stop of this thread at the row in r11.
[[nodiscard]] StopLabels emit_stop(asmjit::x86::Assembler& as, const StubSpec& spec);

}  // namespace corotrace::arch::x86_64
