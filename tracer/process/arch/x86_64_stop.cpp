// SPDX-License-Identifier: MIT
// How the stub stops its thread: by a signal to itself that nobody but a tracer notices.
#include <csignal>

#include "tracer/process/arch/x86_64.hpp"
#include "tracer/process/arch/x86_64_emit.hpp"

namespace corotrace::arch::x86_64 {

using namespace asmjit::x86;  // registers NOLINT(google-build-using-namespace)
using asmjit::Label;

namespace {

constexpr int kGetpid = 39, kGettid = 186, kTgkill = 234;
constexpr int kSigaction = 13, kSigprocmask = 14, kSigpending = 127;
constexpr int kMaskBytes = 8;  // of a signal mask

void system_call(Assembler& as, int number) {
    as.mov(eax, number);
    as.syscall();
}

// rt_sigprocmask; the pointers are in rsi and rdx already.
void set_mask(Assembler& as, int how) {
    as.mov(edi, how);
    as.mov(r10d, kMaskBytes);
    system_call(as, kSigprocmask);
}

// Goes to `refused` if the program handles the signal itself (neither SIG_DFL, 0, nor SIG_IGN, 1): with
// nobody tracing its handler would run.
void unless_handled(Assembler& as, const StubSpec& spec, const Label& refused) {
    as.mov(edi, spec.stop_signal);
    as.xor_(esi, esi);  // change nothing
    as.lea(rdx, word(rsp, 24));
    as.mov(r10d, kMaskBytes);
    system_call(as, kSigaction);
    as.test(eax, eax);
    as.jnz(refused);
    as.cmp(word(rsp, 24), 1);
    as.ja(refused);
}

}  // namespace

// tgkill(pid, gettid(), stop_signal), and where that signal is blocked, a moment without the block after it.
// System calls keep all registers but rax, rcx and r11. While the thread is stopped r8 is the object and r9
// the row. On the stack: 0 the mask, 8 a set, 16 the row, 24 a struct sigaction, the handler first, 56 the
// code.
StopLabels emit_stop(Assembler& as, const StubSpec& spec) {
    StopLabels points{.stop = as.newLabel(), .unblocked = as.newLabel()};
    const Label forked = as.newLabel();
    const Label refused = as.newLabel();
    const Label send = as.newLabel();
    const Label done = as.newLabel();
    const auto mask = static_cast<std::int32_t>(1U << (spec.stop_signal - 1));
    as.sub(rsp, kStopFrame);
    as.mov(word(rsp, kStopCode), r8);
    as.mov(r8, rdi);
    as.mov(word(rsp, 16), r11);
    system_call(as, kGetpid);
    as.cmp(eax, half(r9, spec.offsets.pid));
    as.jnz(forked);
    unless_handled(as, spec, refused);
    as.xor_(esi, esi);  // change nothing
    as.mov(rdx, rsp);
    set_mask(as, SIG_BLOCK);
    as.test(eax, eax);
    as.jnz(refused);
    as.test(half(rsp, 0), mask);
    as.jz(send);
    as.lea(rdi, word(rsp, 8));
    as.mov(esi, kMaskBytes);
    system_call(as, kSigpending);
    as.test(half(rsp, 8), mask);
    as.jnz(refused);
    as.bind(send);
    as.lock().inc(word(r9, spec.offsets.attempts));
    system_call(as, kGettid);
    as.mov(esi, eax);
    as.mov(edi, half(r9, spec.offsets.pid));
    as.mov(edx, spec.stop_signal);
    as.mov(r9, word(rsp, 16));
    system_call(as, kTgkill);
    as.bind(points.stop);
    as.test(half(rsp, 0), mask);
    as.jz(done);
    as.mov(word(rsp, 8), mask);
    as.lea(rsi, word(rsp, 8));
    as.xor_(edx, edx);
    set_mask(as, SIG_UNBLOCK);
    as.bind(points.unblocked);
    as.mov(rsi, rsp);
    as.xor_(edx, edx);
    set_mask(as, SIG_SETMASK);
    as.jmp(done);
    as.bind(forked);
    as.mov(word(r9, spec.offsets.budget), 0);
    as.jmp(done);
    as.bind(refused);
    as.lock().inc(word(r9, spec.offsets.refused));
    as.bind(done);
    as.mov(rdi, r8);
    as.add(rsp, kStopFrame);
    return points;
}

}  // namespace corotrace::arch::x86_64
