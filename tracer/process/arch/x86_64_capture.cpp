// SPDX-License-Identifier: MIT
// How the stub notes a place itself, see CaptureLayout.
#include "tracer/process/arch/x86_64_emit.hpp"

namespace corotrace::arch::x86_64 {

using namespace asmjit::x86;  // registers NOLINT(google-build-using-namespace)
using asmjit::imm;
using asmjit::Label;

namespace {

// rcx = a capture of the ring that is ours. Changes rax.
void claim(Assembler& as, const DataOffsets& offsets, const Label& full) {
    static_assert(CaptureLayout::kSize == 1U << 7U);
    const Label again = as.newLabel();
    as.bind(again);
    as.mov(eax, half(r9, offsets.capture_next));
    as.mov(ecx, eax);
    as.sub(ecx, half(r9, offsets.capture_freed));
    as.cmp(ecx, half(r9, offsets.capture_room));
    as.jae(full);
    as.lea(ecx, dword_ptr(rax, 1));
    as.lock().cmpxchg(half(r9, offsets.capture_next), ecx);
    as.jnz(again);
    as.mov(ecx, half(r9, offsets.capture_room));
    as.dec(ecx);
    as.and_(ecx, eax);
    as.mov(eax, ecx);
    as.shr(eax, CaptureLayout::kPartShift);
    as.and_(ecx, CaptureLayout::kPerPart - 1);
    as.shl(ecx, 7);
    as.add(rcx, asmjit::x86::qword_ptr(r9, rax, 3, offsets.captures));
}

// Notes the frames from rax on at rsi, up to r8, and how many there are in edx. Changes rdi, r10 and r11,
// too.
void note_frames(Assembler& as, const StubWalk& walk) {
    const Label loop = as.newLabel();
    const Label end = as.newLabel();
    const Label fits = as.newLabel();
    const Label noted = as.newLabel();
    as.bind(loop);
    check_frame(as, rax, rdi, end);
    as.cmp(rsi, r8);
    as.jae(noted);
    as.mov(r11, word(rax, walk.executable));
    as.and_(r11, ~static_cast<std::int64_t>(kKeyTagMask));
    if (walk.code == kAbsent) {
        as.mov(r10, word(rax, walk.instruction));
        as.sub(r10, r11);
        as.shr(r10, 1);
    } else {
        as.movsxd(r10, half(rax, walk.instruction));
    }
    as.cmp(r10, CaptureLayout::kNoPlace);
    as.jbe(fits);
    as.mov(r10d, CaptureLayout::kNoPlace);
    as.bind(fits);
    as.shl(r11, CaptureLayout::kPlaceBits - 3);
    as.or_(r11, r10);
    as.mov(qword_ptr(rsi), r11);
    as.add(rsi, 8);
    as.bind(noted);
    as.mov(rax, word(rax, walk.previous));
    as.inc(edx);
    as.cmp(edx, CaptureLayout::kMostDepth);
    as.jb(loop);
    as.bind(end);
}

}  // namespace

void emit_capture(Assembler& as, const StubSpec& spec, const StubWalk& walk, const Label& none,
                  const Label& full) {
    const Label end = as.newLabel();
    as.cmp(half(r9, spec.offsets.walk_depth), 0);
    as.jz(none);
    as.mov(rax, qword_ptr(r11));
    as.shl(rax, 64 - SiteHash::kKeyBits);
    as.jz(none);
    as.mov(eax, r8d);
    as.and_(eax, kKeyTagMask);
    as.cmp(eax, StubCallKey::kTag);
    as.jz(none);
    claim(as, spec.offsets, full);
    // With these the stack is aligned as a call wants it, see emit_site_key().
    as.push(rdi);
    as.push(r8);
    as.push(r11);
    as.push(rcx);
    as.mov(rax, imm(walk.current_thread.value));
    as.call(rax);
    as.mov(rcx, qword_ptr(rsp));
    as.mov(r8, qword_ptr(rsp, 16));
    as.mov(word(rcx, CaptureLayout::kCode), r8);
    as.lea(rsi, word(rcx, CaptureLayout::kWords));
    as.lea(r8, word(rcx, CaptureLayout::kSize));
    as.xor_(edx, edx);
    as.test(rax, rax);
    as.jz(end);
    if (walk.collecting) {
        const Label no_collector = as.newLabel();
        test_collecting(as, *walk.collecting, rdi, no_collector);
        as.jnz(end);
        as.bind(no_collector);
    }
    as.mov(rax, word(rax, walk.frame));
    if (walk.indirect != kAbsent) {
        as.test(rax, rax);
        as.jz(end);
        as.mov(rax, word(rax, walk.indirect));
    }
    note_frames(as, walk);
    as.bind(end);
    as.pop(rcx);
    as.mov(byte_ptr(rcx, CaptureLayout::kDepth), dl);
    as.pop(r11);
    as.pop(r8);
    as.pop(rdi);
    as.mov(r9, imm(spec.data.value));
    as.mov(rax, qword_ptr(r11));
    as.shl(rax, 64 - SiteHash::kKeyBits);
    as.shr(rax, 64 - SiteHash::kKeyBits);
    as.mov(word(rcx, CaptureLayout::kKey), rax);
}

}  // namespace corotrace::arch::x86_64
