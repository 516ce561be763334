// SPDX-License-Identifier: MIT
// x86-64. Registers and calling convention: System V psABI 1.0, section 3.2; NT_PRSTATUS is
// struct user_regs_struct of <sys/user.h>; system call numbers are those of <sys/syscall.h>.
#include <sys/syscall.h>
#include <sys/user.h>

#include <array>
#include <csignal>
#include <cstring>
#include <string>

#include "tracer/process/arch/arch.hpp"
#include "tracer/process/arch/x86_64_assembler.hpp"

namespace corotrace::arch {

namespace {

constexpr unsigned kRax = 0, kRsi = 6, kRdi = 7;
constexpr unsigned kJa = 0x87, kJb = 0x82, kJae = 0x83, kJz = 0x84, kJnz = 0x85, kJle = 0x8e, kJge = 0x8d;

// lock incq field(%r9), r9 being the data block.
void emit_count(Assembler& as, Offset field) {
    as.raw({0xf0, 0x49, 0xff, 0x81});
    as.imm32(field);
}

// Jumps to `out` unless the object that the register `base` points to meets the condition. Changes rax.
Status emit_condition(Assembler& as, const StubCondition& condition, unsigned base, Assembler::Label out) {
    if (condition.through != kAbsent) {
        as.memory({0x48, 0x8b}, kRax, base, condition.through);  // mov through(base), %rax
        as.raw({0x48, 0x85, 0xc0});                              // test %rax, %rax
        as.jump_if(kJz, out);
        base = kRax;
    }
    if (condition.width == 1) {
        as.memory({0x80}, 7, base, condition.field);  // cmpb $value, field(base)
        as.raw({static_cast<unsigned>(condition.value) & 0xffU});
    } else if (condition.width == 4) {
        as.memory({0x81}, 7, base, condition.field);  // cmpl $value, field(base)
        as.imm32(condition.value);
    } else {
        return Error{Errc::internal, 0, "stub condition on " + std::to_string(condition.width) + " bytes"};
    }
    as.jump_if(kJnz, out);
    return {};
}

// Jumps to `out` if the limit holds and is reached. Changes rax.
void emit_limit(Assembler& as, const StubEntry& entry, Assembler::Label out) {
    const auto open = as.new_label();
    as.raw({0x49, 0x83, 0xb9});  // cmpq $0, flag(%r9)
    as.imm32(entry.limit->flag);
    as.raw({0x00});
    as.jump_if(kJz, open);
    as.raw({0x49, 0x8b, 0x81});  // mov limit(%r9), %rax
    as.imm32(entry.limit->limit);
    as.raw({0x49, 0x39, 0x81});  // cmp %rax, counter(%r9)
    as.imm32(entry.counter);
    as.jump_if(kJae, out);
    as.bind(open);
}

// rax = key of the object in rdi, 0 if there is none.
void emit_key(Assembler& as, const StubEntry& entry) {
    const auto done = as.new_label();
    unsigned base = kRdi;
    for (const Offset offset : entry.key_path) {
        as.memory({0x48, 0x8b}, kRax, base, offset);  // mov offset(base), %rax
        as.raw({0x48, 0x85, 0xc0});                   // test %rax, %rax
        as.jump_if(kJz, done);
        base = kRax;
    }
    if (entry.untag_key) as.raw({0x48, 0x83, 0xe0, 0xfc});              // and $-4, %rax
    if (entry.key_tag != 0) as.raw({0x48, 0x83, 0xc8, entry.key_tag});  // or $tag, %rax
    as.bind(done);
}

// r11 = row of the key in rax, found or claimed, or the overflow row. Changes rcx, rdx, rsi, r10.
void emit_find_row(Assembler& as, const StubSpec& spec) {
    const auto none = as.new_label();
    const auto loop = as.new_label();
    const auto next = as.new_label();
    const auto found = as.new_label();
    const auto capacity = static_cast<std::int32_t>(spec.offsets.capacity);
    as.raw({0x48, 0x85, 0xc0});  // test %rax, %rax
    as.jump_if(kJz, none);
    as.raw({0x89, 0xc1});        // mov %eax, %ecx
    as.raw({0xc1, 0xe9, 0x05});  // shr $5, %ecx: code objects are a few hundred bytes apart
    as.raw({0x41, 0xba});        // mov $capacity, %r10d
    as.imm32(capacity);
    as.bind(loop);
    as.raw({0x81, 0xe1});  // and $(capacity - 1), %ecx
    as.imm32(capacity - 1);
    as.raw({0x4c, 0x8d, 0x1c, 0x49});  // lea (%rcx,%rcx,2), %r11
    as.raw({0x4f, 0x8d, 0x9c, 0xd9});  // lea table(%r9,%r11,8), %r11
    as.imm32(spec.offsets.table);
    as.raw({0x49, 0x8b, 0x13});  // mov (%r11), %rdx
    as.raw({0x48, 0x39, 0xc2});  // cmp %rax, %rdx
    as.jump_if(kJz, found);
    as.raw({0x48, 0x85, 0xd2});  // test %rdx, %rdx
    as.jump_if(kJnz, next);
    as.raw({0x48, 0x89, 0xc6});              // mov %rax, %rsi
    as.raw({0x31, 0xc0});                    // xor %eax, %eax
    as.raw({0xf0, 0x49, 0x0f, 0xb1, 0x33});  // lock cmpxchg %rsi, (%r11)
    as.raw({0x48, 0x89, 0xc2});              // mov %rax, %rdx: who was there before
    as.raw({0x48, 0x89, 0xf0});              // mov %rsi, %rax
    as.raw({0x48, 0x85, 0xd2});              // test %rdx, %rdx: nobody, the row is ours
    as.jump_if(kJz, found);
    as.raw({0x48, 0x39, 0xc2});  // cmp %rax, %rdx: another thread, with the same key
    as.jump_if(kJz, found);
    as.bind(next);
    as.raw({0xff, 0xc1});        // inc %ecx
    as.raw({0x41, 0xff, 0xca});  // dec %r10d
    as.jump_if(kJnz, loop);
    as.bind(none);
    as.raw({0x4d, 0x8d, 0x99});  // lea overflow(%r9), %r11
    as.imm32(spec.offsets.overflow);
    as.raw({0x83, 0xe0, 0x03});               // and $3, %eax
    as.raw({0x83, 0xf8, StubCallKey::kTag});  // cmp $tag, %eax
    as.jump_if(kJnz, found);
    as.raw({0x4d, 0x8d, 0x99});  // lea call_overflow(%r9), %r11
    as.imm32(spec.offsets.call_overflow);
    as.bind(found);
}

// Counts in the row r11, then jumps to `out` unless the row and the budget allow a stop. Changes rdx.
void emit_tokens(Assembler& as, const StubSpec& spec, Assembler::Label out) {
    as.raw({0xf0, 0x49, 0xff, 0x43, RowLayout::kCount});  // lock incq count(%r11)
    as.raw({0x41, 0x8b, 0x53, RowLayout::kStops});        // mov stops(%r11), %edx
    as.raw({0x41, 0x2b, 0x53, RowLayout::kGranted});      // sub granted(%r11), %edx
    as.raw({0x41, 0x3b, 0x91});                           // cmp initial_stops(%r9), %edx
    as.imm32(spec.offsets.initial_stops);
    as.jump_if(kJge, out);
    // The first of a row may stop whatever the budget: otherwise nothing at all would be known of it.
    const auto first = as.new_label();
    as.raw({0x41, 0x83, 0x7b, RowLayout::kStops, 0x00});  // cmpl $0, stops(%r11)
    as.jump_if(kJz, first);
    as.raw({0x49, 0x83, 0xb9});  // cmpq $0, budget(%r9)
    as.imm32(spec.offsets.budget);
    as.raw({0x00});
    as.jump_if(kJle, out);
    as.bind(first);
    as.raw({0xf0, 0x41, 0xff, 0x43, RowLayout::kStops});  // lock incl stops(%r11)
    as.raw({0xf0, 0x49, 0xff, 0x89});                     // lock decq budget(%r9)
    as.imm32(spec.offsets.budget);
}

void emit_syscall(Assembler& as, int number) {
    as.raw({0xb8});  // mov $number, %eax
    as.imm32(number);
    as.raw({0x0f, 0x05});
}

// rt_sigprocmask(how, set, old): the pointers are in rsi and rdx already.
void emit_sigprocmask(Assembler& as, unsigned how) {
    as.raw({0xbf, how, 0, 0, 0});         // mov $how, %edi
    as.raw({0x41, 0xba, 0x08, 0, 0, 0});  // mov $8, %r10d: bytes in a mask
    emit_syscall(as, SYS_rt_sigprocmask);
}

struct StopPoints {
    Offset stop_pc = 0;
    Offset unblocked_pc = 0;
};

constexpr unsigned kStopFrame = 56;  // bytes of stack of emit_stop

// Jumps to `refused` if the program handles `signal` itself (neither SIG_DFL, 0, nor SIG_IGN, 1): with nobody
// tracing its handler would run.
void emit_unless_handled(Assembler& as, int signal, Assembler::Label refused) {
    as.raw({0xbf, static_cast<unsigned>(signal), 0, 0, 0});  // mov $signal, %edi
    as.raw({0x31, 0xf6});                                    // xor %esi, %esi: change nothing
    as.raw({0x48, 0x8d, 0x54, 0x24, 0x18});                  // lea 24(%rsp), %rdx
    as.raw({0x41, 0xba, 0x08, 0, 0, 0});                     // mov $8, %r10d: bytes in a mask
    emit_syscall(as, SYS_rt_sigaction);
    as.raw({0x85, 0xc0});  // test %eax, %eax
    as.jump_if(kJnz, refused);
    as.raw({0x48, 0x83, 0x7c, 0x24, 0x18, 0x01});  // cmpq $1, 24(%rsp)
    as.jump_if(kJa, refused);
}

// tgkill(pid, gettid(), stop_signal), and where that signal is blocked, a moment without the block after it.
// System calls keep all registers but rax, rcx and r11. While the thread is stopped r8 is the object and r9
// the row. On the stack: 0 the mask, 8 a set, 16 the row, 24 a struct sigaction, the handler first.
StopPoints emit_stop(Assembler& as, const StubSpec& spec) {
    StopPoints points;
    const auto forked = as.new_label();
    const auto refused = as.new_label();
    const auto send = as.new_label();
    const auto done = as.new_label();
    const auto mask = static_cast<std::int32_t>(1U << (spec.stop_signal - 1));
    as.raw({0x49, 0x89, 0xf8});              // mov %rdi, %r8
    as.raw({0x48, 0x83, 0xec, kStopFrame});  // sub $frame, %rsp
    as.raw({0x4c, 0x89, 0x5c, 0x24, 0x10});  // mov %r11, 16(%rsp)
    emit_syscall(as, SYS_getpid);
    as.raw({0x41, 0x3b, 0x81});  // cmp pid(%r9), %eax
    as.imm32(spec.offsets.pid);
    as.jump_if(kJnz, forked);
    emit_unless_handled(as, spec.stop_signal, refused);
    as.raw({0x31, 0xf6});        // xor %esi, %esi: change nothing
    as.raw({0x48, 0x89, 0xe2});  // mov %rsp, %rdx
    emit_sigprocmask(as, SIG_BLOCK);
    as.raw({0x85, 0xc0});  // test %eax, %eax
    as.jump_if(kJnz, refused);
    as.raw({0xf7, 0x04, 0x24});  // testl $mask, (%rsp)
    as.imm32(mask);
    as.jump_if(kJz, send);
    as.raw({0x48, 0x8d, 0x7c, 0x24, 0x08});  // lea 8(%rsp), %rdi
    as.raw({0xbe, 0x08, 0, 0, 0});           // mov $8, %esi: bytes in a set
    emit_syscall(as, SYS_rt_sigpending);
    as.raw({0xf7, 0x44, 0x24, 0x08});  // testl $mask, 8(%rsp)
    as.imm32(mask);
    as.jump_if(kJnz, refused);
    as.bind(send);
    emit_count(as, spec.offsets.attempts);
    emit_syscall(as, SYS_gettid);
    as.raw({0x89, 0xc6});        // mov %eax, %esi
    as.raw({0x41, 0x8b, 0xb9});  // mov pid(%r9), %edi
    as.imm32(spec.offsets.pid);
    as.raw({0xba, static_cast<unsigned>(spec.stop_signal), 0, 0, 0});
    as.raw({0x4c, 0x8b, 0x4c, 0x24, 0x10});  // mov 16(%rsp), %r9
    emit_syscall(as, SYS_tgkill);
    points.stop_pc = as.here();
    as.raw({0xf7, 0x04, 0x24});  // testl $mask, (%rsp)
    as.imm32(mask);
    as.jump_if(kJz, done);
    as.raw({0x48, 0xc7, 0x44, 0x24, 0x08});  // movq $mask, 8(%rsp)
    as.imm32(mask);
    as.raw({0x48, 0x8d, 0x74, 0x24, 0x08});  // lea 8(%rsp), %rsi
    as.raw({0x31, 0xd2});                    // xor %edx, %edx
    emit_sigprocmask(as, SIG_UNBLOCK);
    points.unblocked_pc = as.here();
    as.raw({0x48, 0x89, 0xe6});  // mov %rsp, %rsi
    as.raw({0x31, 0xd2});        // xor %edx, %edx
    emit_sigprocmask(as, SIG_SETMASK);
    as.jump(done);
    as.bind(forked);
    as.raw({0x49, 0xc7, 0x81});  // movq $0, budget(%r9)
    as.imm32(spec.offsets.budget);
    as.imm32(0);
    as.jump(done);
    as.bind(refused);
    emit_count(as, spec.offsets.refused);
    as.bind(done);
    as.raw({0x4c, 0x89, 0xc7});              // mov %r8, %rdi
    as.raw({0x48, 0x83, 0xc4, kStopFrame});  // add $frame, %rsp
    return points;
}

void emit_original(Assembler& as, const StubEntry& entry, Assembler::Label original) {
    as.raw({0xff, 0x25});  // jmp *original(%rip)
    as.distance(original);
    as.bind(original);
    as.imm64(entry.original.value);
}

// Counts a vectorcall and takes it to `shared` with its dict in rdi. Any other call goes to `out`.
Status emit_call(Assembler& as, const StubSpec& spec, const StubEntry& entry, Assembler::Label shared,
                 Assembler::Label out) {
    const StubCallKey& key = *entry.call_key;
    const auto back = as.new_label();
    const auto few = as.new_label();
    const auto keyed = as.new_label();
    as.raw({0x48, 0x8d, 0x04, 0x12});  // lea (%rdx,%rdx), %rax: drops PY_VECTORCALL_ARGUMENTS_OFFSET
    as.raw({0x48, 0x83, 0xf8, 0x04});  // cmp $4, %rax: twice two arguments
    as.jump_if(kJnz, out);
    as.raw({0x4c, 0x8b, 0x56, 0x08});  // mov 8(%rsi), %r10
    as.raw({0x48, 0xb8});              // movabs $dict_type, %rax
    as.imm64(key.dict_type.value);
    as.raw({0x49, 0x39, 0x82});  // cmp %rax, type(%r10)
    as.imm32(key.type);
    as.jump_if(kJnz, out);
    as.raw({0x57, 0x56, 0x52, 0x51});  // push %rdi, %rsi, %rdx, %rcx
    as.raw({0x48, 0x8d, 0x05});        // lea back(%rip), %rax
    as.distance(back);
    as.raw({0x50});              // push %rax
    as.raw({0x4c, 0x89, 0xd7});  // mov %r10, %rdi
    as.raw({0x49, 0xb9});        // movabs $data, %r9
    as.imm64(spec.data.value);
    emit_count(as, entry.counter);
    as.memory({0x48, 0x8b}, kRsi, kRdi, key.keys);  // mov keys(%rdi), %rsi
    as.raw({0x31, 0xc0});                           // xor %eax, %eax
    for (const StubCondition& condition : key.table) {
        if (auto done = emit_condition(as, condition, kRsi, keyed); !done) return done;
    }
    as.memory({0x48, 0x83}, 7, kRsi, key.entry_count);  // cmpq $3, entry_count(%rsi)
    as.raw({0x03});
    as.jump_if(kJb, few);
    as.memory({0x48, 0x8b}, kRax, kRsi, key.third_value);  // mov third_value(%rsi), %rax
    as.raw({0x48, 0x85, 0xc0});                            // test %rax, %rax: deleted
    as.jump_if(kJz, keyed);
    as.memory({0x48, 0x8b}, kRax, kRax, key.type);  // mov type(%rax), %rax
    as.jump(keyed);
    as.bind(few);
    as.memory({0x48, 0x83}, 7, kRsi, key.entry_count);  // cmpq $2, entry_count(%rsi)
    as.raw({0x02});
    as.jump_if(kJb, keyed);
    as.memory({0x48, 0x8b}, kRax, kRsi, key.second_key);  // mov second_key(%rsi), %rax
    as.bind(keyed);
    as.raw({0x48, 0x83, 0xc8, StubCallKey::kTag});  // or $tag, %rax
    as.jump(shared);
    as.bind(back);
    as.raw({0x59, 0x5a, 0x5e, 0x5f});  // pop %rcx, %rdx, %rsi, %rdi
    return {};
}

// Condition and key of one entry; what is alike in all of them follows once, at `shared`, which finds the
// original on the stack.
Status emit_entry(Assembler& as, const StubSpec& spec, const StubEntry& entry, Assembler::Label shared) {
    const auto original = as.new_label();
    const auto out = as.new_label();
    if (entry.call_key) {
        if (auto done = emit_call(as, spec, entry, shared, out); !done) return done;
        as.bind(out);
        emit_original(as, entry, original);
        return {};
    }
    if (entry.condition) {
        if (auto done = emit_condition(as, *entry.condition, kRdi, out); !done) return done;
        as.raw({0xff, 0x35});  // push original(%rip)
        as.distance(original);
    }
    as.raw({0x49, 0xb9});  // movabs $data, %r9
    as.imm64(spec.data.value);
    if (entry.limit) emit_limit(as, entry, out);
    emit_count(as, entry.counter);
    if (entry.condition) {
        emit_key(as, entry);
        as.jump(shared);
    }
    as.bind(out);
    emit_original(as, entry, original);
    return {};
}

}  // namespace

Result<Registers> parse_registers(ByteView prstatus) {
    using Words = std::array<std::uint64_t, sizeof(user_regs_struct) / sizeof(std::uint64_t)>;
    const auto words = load<Words>(prstatus, 0);
    const auto fields = load<user_regs_struct>(prstatus, 0);
    if (!words || !fields) {
        return Error{Errc::malformed, 0, "register set of " + std::to_string(prstatus.size()) + " bytes"};
    }
    return Registers{.pc = fields->rip,
                     .sp = fields->rsp,
                     .thread_pointer = fields->fs_base,
                     .general = {words->begin(), words->end()}};
}

Result<StubCode> make_stub(const StubSpec& spec) {
    Assembler as;
    StubCode stub;
    const auto shared = as.new_label();
    for (const StubEntry& entry : spec.entries) {
        stub.entries.push_back(as.here());
        if (auto done = emit_entry(as, spec, entry, shared); !done) return done.error();
    }
    const auto out = as.new_label();
    as.bind(shared);
    emit_find_row(as, spec);
    emit_tokens(as, spec, out);
    const StopPoints points = emit_stop(as, spec);
    stub.stop_pc = points.stop_pc;
    stub.unblocked_pc = points.unblocked_pc;
    as.bind(out);
    as.raw({0x41, 0x5b});        // pop %r11
    as.raw({0x41, 0xff, 0xe3});  // jmp *%r11
    stub.bytes = as.finish();
    return stub;
}

StubStop stub_stop(const Registers& registers) {
    constexpr std::size_t kR8 = offsetof(user_regs_struct, r8) / sizeof(std::uint64_t);
    constexpr std::size_t kR9 = offsetof(user_regs_struct, r9) / sizeof(std::uint64_t);
    constexpr std::uint64_t kPushed = kStopFrame + 8;  // emit_stop's frame and the original's address
    return {
        .object = {registers.general[kR8]}, .row = {registers.general[kR9]}, .sp = registers.sp + kPushed};
}

bool may_execute(const Registers& registers, RemoteAddr start, RemoteAddr end) {
    const auto inside = [&](std::uint64_t value) { return value >= start.value && value < end.value; };
    for (const std::uint64_t value : registers.general) {
        if (inside(value)) return true;
    }
    return inside(registers.pc);
}

}  // namespace corotrace::arch
