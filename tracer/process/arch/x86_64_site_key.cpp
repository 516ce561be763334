// SPDX-License-Identifier: MIT
// The key of a site: a walk over the thread's innermost frames, see StubWalk.
#include "tracer/process/arch/x86_64_emit.hpp"

namespace corotrace::arch::x86_64 {

using namespace asmjit::x86;  // registers NOLINT(google-build-using-namespace)
using asmjit::imm;
using asmjit::Label;

namespace {

// Mixes rsi into the key in rdx; r11 is the multiplier. Changes rsi.
void mix(Assembler& as) {
    as.xor_(rdx, rsi);
    as.imul(rdx, r11);
    as.mov(rsi, rdx);
    as.shr(rsi, SiteHash::kShift);
    as.xor_(rdx, rsi);
}

// Mixes the frames from rcx on, at most r10d of them, and leaves the innermost one on the data stack in rdi.
void walk_frames(Assembler& as, const StubWalk& walk) {
    const Label loop = as.newLabel();
    const Label end = as.newLabel();
    as.xor_(edi, edi);
    as.bind(loop);
    check_frame(as, rcx, rsi, end);
    if (walk.ended) {
        const Label other = as.newLabel();
        as.test(rdi, rdi);
        as.jnz(other);
        as.cmp(byte_ptr(rcx, walk.ended->owner), 0);
        as.cmovz(rdi, rcx);
        as.bind(other);
    }
    if (walk.code == kAbsent) {
        as.mov(rsi, word(rcx, walk.instruction));
    } else {
        as.movsxd(rsi, half(rcx, walk.instruction));
        as.add(rsi, word(rcx, walk.code));
    }
    mix(as);
    as.mov(rcx, word(rcx, walk.previous));
    as.dec(r10d);
    as.jnz(loop);
    as.bind(end);
}

// Mixes the instruction of the frame behind rdi, if there is one. The thread state is in rax.
void ended_function(Assembler& as, const StubWalk& walk, const StubEndedWalk& ended) {
    const Label none = as.newLabel();
    as.test(rdi, rdi);
    as.jz(none);
    as.mov(r10, word(rax, ended.stack_chunk));
    as.cmp(rdi, r10);
    as.jb(none);
    as.mov(rsi, word(rdi, ended.executable));
    as.and_(rsi, ~static_cast<std::int64_t>(kKeyTagMask));
    as.movsxd(rcx, half(rsi, ended.slots));
    as.movsxd(rsi, half(rsi, ended.stack_size));
    as.add(rcx, rsi);
    as.lea(rdi, qword_ptr(rdi, rcx, 3, ended.locals));
    as.cmp(rdi, r10);
    as.jb(none);
    as.lea(rsi, qword_ptr(rdi, ended.locals));
    as.cmp(rsi, word(rax, ended.stack_top));
    as.ja(none);
    as.mov(rsi, word(rdi, walk.instruction));
    mix(as);
    as.bind(none);
}

// Mixes that the collector is at work, and goes to `end` if it finalizes the object itself. The thread state
// is in rax, the object on the stack. Changes rcx and rsi.
void collecting(Assembler& as, const StubCollecting& collecting, const Label& end) {
    const Label none = as.newLabel();
    test_collecting(as, collecting, rcx, none);
    as.jz(none);
    as.mov(esi, StubCollecting::kWord);
    mix(as);
    if (collecting.refcount != kAbsent) {
        as.mov(rcx, qword_ptr(rsp, 8));
        as.cmp(half(rcx, collecting.refcount), 1);
        as.ja(end);
    }
    as.bind(none);
}

}  // namespace

void test_collecting(Assembler& as, const StubCollecting& collecting, const Gp& scratch, const Label& none) {
    if (collecting.flag.is_null()) {
        as.mov(scratch, word(rax, collecting.interpreter));
        as.test(scratch, scratch);
        as.jz(none);
        as.cmp(half(scratch, collecting.collecting), 0);
    } else {
        as.mov(scratch, imm(collecting.flag.value));
        as.cmp(half(scratch, 0), 0);
    }
}

void check_frame(Assembler& as, const Gp& frame, const Gp& scratch, const Label& end) {
    as.test(frame, frame);
    as.jz(end);
    as.test(frame.r8(), 7);
    as.jnz(end);
    as.mov(scratch, frame);
    as.shr(scratch, SiteHash::kPointerBits);
    as.jnz(end);
}

void emit_site_key(Assembler& as, const StubSpec& spec, const StubWalk& walk) {
    const Label done = as.newLabel();
    const Label no_thread = as.newLabel();
    as.cmp(half(r9, spec.offsets.walk_depth), 0);
    as.jz(done);
    as.mov(ecx, eax);
    as.and_(ecx, kKeyTagMask);
    as.cmp(ecx, StubCallKey::kTag);
    as.jz(done);
    as.test(rax, rax);
    as.jz(done);
    // With the original's address and the caller's on it the stack is aligned as a call wants it.
    as.push(rdi);
    as.push(r8);
    as.mov(rax, imm(walk.current_thread.value));
    as.call(rax);
    as.mov(r8, qword_ptr(rsp));
    as.mov(r9, imm(spec.data.value));
    as.mov(rdx, r8);
    as.test(rax, rax);
    as.jz(no_thread);
    as.mov(r11, imm(SiteHash::kMultiplier));
    // Code objects often lie as far apart as those of the functions that drop them: mixed with the first
    // frame alone, each pair would give the same.
    as.xor_(esi, esi);
    mix(as);
    if (walk.collecting) collecting(as, *walk.collecting, no_thread);
    as.mov(rcx, word(rax, walk.frame));
    if (walk.indirect != kAbsent) {
        as.test(rcx, rcx);
        as.jz(no_thread);
        as.mov(rcx, word(rcx, walk.indirect));
    }
    as.mov(r10d, half(r9, spec.offsets.walk_depth));
    walk_frames(as, walk);
    if (walk.ended) ended_function(as, walk, *walk.ended);
    as.bind(no_thread);
    as.mov(rax, rdx);
    as.shl(rax, 64 - SiteHash::kKeyBits);
    as.shr(rax, 64 - SiteHash::kKeyBits);
    as.and_(rax, ~static_cast<std::int64_t>(kKeyTagMask));
    as.mov(ecx, r8d);
    as.and_(ecx, kKeyTagMask);
    as.or_(rax, rcx);
    as.pop(r8);
    as.pop(rdi);
    as.bind(done);
}

}  // namespace corotrace::arch::x86_64
