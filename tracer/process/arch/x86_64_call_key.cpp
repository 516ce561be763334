// SPDX-License-Identifier: MIT
// The key of a call, see StubCallKey.
#include "tracer/process/arch/x86_64_emit.hpp"

namespace corotrace::arch::x86_64 {

using namespace asmjit::x86;  // registers NOLINT(google-build-using-namespace)
using asmjit::imm;
using asmjit::Label;

namespace {

// Goes to `found` with the key in rax of the task in rcx, if it is one that runs something. Changes rcx, rdx
// and r11.
void task_key(Assembler& as, const StubSpec& spec, const StubCallKey& key, bool is_third,
              const Label& found) {
    const StubTaskKey& task = *key.task;
    const Label none = as.newLabel();
    const auto unless_null = [&](const Gp& pointer) {
        as.test(pointer, pointer);
        as.jz(none);
    };
    unless_null(rcx);
    as.mov(r11, word(r9, spec.offsets.task_finalizer));
    unless_null(r11);
    as.mov(rdx, word(rcx, key.type));
    as.cmp(word(rdx, task.finalizer), r11);
    as.jnz(none);
    as.mov(rcx, word(rcx, task.coroutine));
    unless_null(rcx);
    as.mov(r11, imm(task.coroutine_type.value));
    as.cmp(word(rcx, key.type), r11);
    as.jnz(none);
    as.mov(rcx, word(rcx, task.code));
    as.and_(rcx, ~static_cast<std::int64_t>(kKeyTagMask));
    unless_null(rcx);
    as.mov(rdx, rcx);
    as.shr(rdx, SiteHash::kPointerBits);
    as.jnz(none);
    as.mov(rax, rcx);
    if (is_third) as.bts(rax, SiteHash::kPointerBits);
    as.jmp(found);
    as.bind(none);
}

}  // namespace

Status emit_condition(Assembler& as, const StubCondition& condition, Gp base, const Label& out) {
    if (condition.through != kAbsent) {
        as.mov(rax, word(base, condition.through));
        as.test(rax, rax);
        as.jz(out);
        base = rax;
    }
    if (condition.width == 1) {
        as.cmp(byte_ptr(base, condition.field), condition.value);
    } else if (condition.width == 4) {
        as.cmp(half(base, condition.field), condition.value);
    } else {
        return Error{Errc::internal, 0, "stub condition on " + std::to_string(condition.width) + " bytes"};
    }
    as.jnz(out);
    return {};
}

Status emit_call_key(Assembler& as, const StubSpec& spec, const StubCallKey& key) {
    const Label few = as.newLabel();
    const Label second = as.newLabel();
    const Label keyed = as.newLabel();
    as.mov(rsi, word(rdi, key.keys));
    as.xor_(eax, eax);
    for (const StubCondition& one : key.table) {
        if (auto done = emit_condition(as, one, rsi, keyed); !done) return done;
    }
    as.cmp(word(rsi, key.entry_count), 3);
    as.jb(few);
    as.mov(rax, word(rsi, key.third_value));
    as.test(rax, rax);  // deleted
    as.jz(keyed);
    if (key.task) {
        as.mov(rcx, rax);
        task_key(as, spec, key, true, keyed);
    }
    as.mov(rax, word(rax, key.type));
    as.jmp(second);
    as.bind(few);
    as.cmp(word(rsi, key.entry_count), 2);
    as.jb(keyed);
    as.mov(rax, word(rsi, key.second_key));
    as.bind(second);
    if (key.task) {
        as.mov(rcx, word(rsi, key.second_value));
        task_key(as, spec, key, false, keyed);
    }
    as.bind(keyed);
    as.or_(rax, StubCallKey::kTag);
    return {};
}

}  // namespace corotrace::arch::x86_64
