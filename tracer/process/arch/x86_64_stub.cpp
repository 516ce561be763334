// SPDX-License-Identifier: MIT
// The stub's machine code. Calling convention: System V psABI 1.0, section 3.2; system call numbers: Linux
// arch/x86/entry/syscalls/syscall_64.tbl.
//
// Registers from the entry to the stop: rdi the object, r9 the data block, rax the key, r8 the code, r11 the
// row, r10 its count; on the stack the original's address. All of them are the called function's to change.
#include <algorithm>
#include <string>

#include "tracer/process/arch/x86_64.hpp"
#include "tracer/process/arch/x86_64_emit.hpp"

namespace corotrace::arch::x86_64 {

namespace {

using namespace asmjit::x86;  // registers NOLINT(google-build-using-namespace)
using asmjit::imm;
using asmjit::Label;

class FirstError : public asmjit::ErrorHandler {
public:
    void handleError(asmjit::Error, const char* message, asmjit::BaseEmitter*) override {
        if (what_.empty()) what_ = message;
    }
    [[nodiscard]] const std::string& what() const { return what_; }

private:
    std::string what_;
};

class StubEmitter {
public:
    StubEmitter(Assembler& assembler, const StubSpec& spec) : as_(assembler), spec_(spec) {}

    Status emit();
    [[nodiscard]] const std::vector<Label>& entries() const { return entries_; }
    [[nodiscard]] const StopLabels& stop() const { return stop_; }

private:
    void count(Offset field) { as_.lock().inc(word(r9, field)); }
    void load_data() { as_.mov(r9, imm(spec_.data.value)); }
    void limit(const StubEntry& entry, const Label& out);
    void key(const StubEntry& entry);
    Status call(const StubEntry& entry, const Label& out);
    void announce(const Label& out);
    void save_arguments(const Label& back);
    void restore_arguments(const Label& back);
    Status entry(const StubEntry& entry);
    void original(const StubEntry& entry, const Label& original);
    void find_row();
    void tokens(const Label& out);
    void capture(const StubWalk& walk, const Label& none, const Label& stop, const Label& out);

    Assembler& as_;
    const StubSpec& spec_;
    std::vector<Label> entries_;
    Label shared_;
    Label ask_;
    StopLabels stop_;
};

// Goes to `out` if the limit holds and is reached. Changes rax.
void StubEmitter::limit(const StubEntry& entry, const Label& out) {
    const Label open = as_.newLabel();
    as_.cmp(word(r9, entry.limit->flag), 0);
    as_.jz(open);
    as_.mov(rax, word(r9, entry.limit->limit));
    as_.cmp(word(r9, entry.counter), rax);
    as_.jae(out);
    as_.bind(open);
}

// rax = code of the object in rdi, 0 if there is none.
void StubEmitter::key(const StubEntry& entry) {
    const Label done = as_.newLabel();
    Gp base = rdi;
    for (const Offset offset : entry.key_path) {
        as_.mov(rax, word(base, offset));
        as_.test(rax, rax);
        as_.jz(done);
        base = rax;
    }
    if (entry.untag_key) as_.and_(rax, ~static_cast<std::int64_t>(kKeyTagMask));
    if (entry.key_tag != 0) as_.or_(rax, entry.key_tag);
    as_.bind(done);
}

// r11 = row of the key in rax, found or claimed, or the overflow row; r10 = its count. Changes rcx, rdx, rsi.
void StubEmitter::find_row() {
    static_assert(RowLayout::kRowsPerPiece == 16 && RowLayout::kSize == 8);
    constexpr int kAboveKey = 64 - SiteHash::kKeyBits;
    const Label none = as_.newLabel();
    const Label loop = as_.newLabel();
    const Label next = as_.newLabel();
    const Label found = as_.newLabel();
    const Label done = as_.newLabel();
    const auto capacity = spec_.offsets.capacity;
    as_.test(rax, rax);
    as_.jz(none);
    as_.mov(rcx, imm(SiteHash::kMultiplier));
    as_.imul(rcx, rax);
    as_.shr(rcx, 32);
    as_.imul(rcx, rcx, capacity);
    as_.shr(rcx, 32);  // a number below the capacity
    as_.mov(r10d, std::min(capacity, RowLayout::kMostProbes));
    as_.bind(loop);
    as_.mov(esi, ecx);
    as_.shr(esi, 4);
    as_.mov(r11, qword_ptr(r9, rsi, 3, spec_.offsets.directory));
    as_.mov(esi, ecx);
    as_.and_(esi, 15);
    as_.lea(r11, qword_ptr(r11, rsi, 3));
    as_.mov(rdx, qword_ptr(r11));
    as_.mov(rsi, rdx);
    as_.xor_(rsi, rax);
    as_.shl(rsi, kAboveKey);
    as_.jz(found);
    as_.test(rdx, rdx);
    as_.jnz(next);
    as_.mov(rsi, rax);
    as_.xor_(eax, eax);
    as_.lock().cmpxchg(qword_ptr(r11), rsi);
    as_.mov(rdx, rax);  // who was there before
    as_.mov(rax, rsi);
    as_.test(rdx, rdx);
    as_.jz(found);
    as_.xor_(rdx, rax);  // another thread, with the same key
    as_.shl(rdx, kAboveKey);
    as_.jz(found);
    as_.bind(next);
    as_.dec(r10d);
    as_.jz(none);
    as_.add(ecx, r10d);  // no step like the one before: keys that met once go different ways
    as_.cmp(ecx, capacity);
    as_.jb(loop);
    as_.sub(ecx, capacity);
    as_.jmp(loop);
    as_.bind(none);
    as_.lea(r11, word(r9, spec_.offsets.overflow));
    as_.lea(r10, word(r11, RowLayout::kOverflowCount));
    as_.and_(eax, kKeyTagMask);
    as_.cmp(eax, StubCallKey::kTag);
    as_.jnz(done);
    as_.lea(r11, word(r9, spec_.offsets.call_overflow));
    as_.lea(r10, word(r11, RowLayout::kOverflowCount));
    as_.jmp(done);
    as_.bind(found);  // counts are half as large as rows
    as_.and_(ecx, 15);
    as_.shl(ecx, 2);
    as_.lea(r10, word(r11, RowLayout::kCounts));
    as_.sub(r10, rcx);
    as_.bind(done);
}

// Counts in the row r11, then goes to `out` unless the row and the budget allow a stop. Changes all but rdi,
// r8, r9 and r11.
void StubEmitter::tokens(const Label& out) {
    const Mem stops = byte_ptr(r11, RowLayout::kStops);
    as_.lock().inc(dword_ptr(r10));
    as_.mov(dl, stops);
    as_.sub(dl, byte_ptr(r11, RowLayout::kGranted));
    as_.movsx(edx, dl);
    as_.cmp(edx, half(r9, spec_.offsets.initial_stops));
    as_.jge(out);
    // The first of a row may stop whatever the budget, unless it could be captured and the debt is great:
    // otherwise nothing at all would be known of it.
    const Label first = as_.newLabel();
    const Label further = as_.newLabel();
    const Label uncaptured = as_.newLabel();
    as_.cmp(stops, 0);
    as_.jnz(further);
    if (spec_.walk) capture(*spec_.walk, uncaptured, first, out);
    as_.bind(uncaptured);
    as_.cmp(half(r9, spec_.offsets.capture_only), 0);
    as_.jz(first);
    as_.jmp(out);
    as_.bind(further);
    as_.cmp(half(r9, spec_.offsets.capture_only), 0);
    as_.jnz(out);
    as_.cmp(word(r9, spec_.offsets.budget), 0);
    as_.jle(out);
    as_.bind(first);
    as_.lock().inc(stops);
    as_.lock().dec(word(r9, spec_.offsets.budget));
}

// Goes to `none` if there is nothing to capture, or no room for it; after a capture to `stop`, or if no stop
// is wanted, or can be paid for, to `out`.
void StubEmitter::capture(const StubWalk& walk, const Label& none, const Label& stop, const Label& out) {
    const Label full = as_.newLabel();
    const Label enough = as_.newLabel();
    emit_capture(as_, spec_, walk, none, full);
    as_.cmp(half(r9, spec_.offsets.capture_only), 0);
    as_.jnz(enough);
    as_.cmp(word(r9, spec_.offsets.budget), -walk.most_debt);
    as_.jg(stop);
    as_.bind(enough);
    as_.lock().inc(byte_ptr(r11, RowLayout::kStops));
    as_.jmp(out);
    as_.bind(full);
    as_.lock().inc(word(r9, spec_.offsets.captures_lost));
}

void StubEmitter::original(const StubEntry& entry, const Label& original) {
    as_.jmp(qword_ptr(original));
    as_.bind(original);
    as_.embedUInt64(entry.original.value);
}

// Counts a vectorcall and takes it to the shared part with its dict in rdi. Any other call goes to `out`.
Status StubEmitter::call(const StubEntry& entry, const Label& out) {
    const StubCallKey& key = *entry.call_key;
    const Label back = as_.newLabel();
    as_.lea(rax, qword_ptr(rdx, rdx));  // drops PY_VECTORCALL_ARGUMENTS_OFFSET
    as_.cmp(rax, 4);                    // twice two arguments
    as_.jnz(out);
    as_.mov(r10, word(rsi, 8));
    as_.mov(rax, imm(key.dict_type.value));
    as_.cmp(word(r10, key.type), rax);
    as_.jnz(out);
    save_arguments(back);
    as_.mov(rdi, r10);
    load_data();
    count(entry.counter);
    if (auto done = emit_call_key(as_, spec_, key); !done) return done;
    as_.jmp(shared_);
    restore_arguments(back);
    return {};
}

// The shared part goes on at `back`. Changes rax.
void StubEmitter::save_arguments(const Label& back) {
    for (const Gp& argument : {rdi, rsi, rdx, rcx}) as_.push(argument);
    static_assert(kSavedByCall == 4 * sizeof(std::uint64_t));
    as_.lea(rax, qword_ptr(back));
    as_.push(rax);
}

void StubEmitter::restore_arguments(const Label& back) {
    as_.bind(back);
    for (const Gp& argument : {rcx, rdx, rsi, rdi}) as_.pop(argument);
}

// Stops with no object and no code, unless no stop may be asked for.
void StubEmitter::announce(const Label& out) {
    const Label back = as_.newLabel();
    load_data();
    as_.cmp(half(r9, spec_.offsets.capture_only), 0);
    as_.jnz(out);
    save_arguments(back);
    as_.xor_(edi, edi);
    as_.xor_(r8d, r8d);
    as_.lea(r11, word(r9, spec_.offsets.call_overflow));
    as_.jmp(ask_);
    restore_arguments(back);
}

// Condition and code of one entry; what is alike in all of them follows once, in the shared part, which finds
// the original on the stack.
Status StubEmitter::entry(const StubEntry& entry) {
    const Label target = as_.newLabel();
    const Label out = as_.newLabel();
    if (entry.call_key) {
        if (auto done = call(entry, out); !done) return done;
        as_.bind(out);
        original(entry, target);
        return {};
    }
    if (entry.announces) {
        announce(out);
        as_.bind(out);
        original(entry, target);
        return {};
    }
    if (entry.condition) {
        if (auto done = emit_condition(as_, *entry.condition, rdi, out); !done) return done;
        as_.push(qword_ptr(target));
    }
    load_data();
    if (entry.limit) limit(entry, out);
    count(entry.counter);
    if (entry.condition) {
        key(entry);
        as_.jmp(shared_);
    }
    as_.bind(out);
    original(entry, target);
    return {};
}

Status StubEmitter::emit() {
    shared_ = as_.newLabel();
    ask_ = as_.newLabel();
    for (const StubEntry& one : spec_.entries) {
        entries_.push_back(as_.newLabel());
        as_.bind(entries_.back());
        if (auto done = entry(one); !done) return done;
    }
    const Label out = as_.newLabel();
    as_.bind(shared_);
    as_.mov(r8, rax);
    if (spec_.walk) emit_site_key(as_, spec_, *spec_.walk);
    find_row();
    tokens(out);
    as_.bind(ask_);
    stop_ = emit_stop(as_, spec_);
    as_.bind(out);
    as_.pop(r11);
    as_.jmp(r11);
    return {};
}

Result<StubCode> assemble(const StubSpec& spec, asmjit::StringLogger* logger) {
    FirstError errors;
    asmjit::CodeHolder code;
    if (code.init(asmjit::Environment(asmjit::Arch::kX64)) != asmjit::kErrorOk) {
        return Error{Errc::internal, 0, "assembler"};
    }
    code.setErrorHandler(&errors);
    if (logger != nullptr) code.setLogger(logger);
    Assembler assembler(&code);
    StubEmitter emitter(assembler, spec);
    if (auto done = emitter.emit(); !done) return done.error();
    if (!errors.what().empty() || code.hasUnresolvedLinks()) {
        return Error{Errc::internal, 0, "assembling the stub: " + errors.what()};
    }
    const auto at = [&](const Label& label) { return static_cast<Offset>(code.labelOffset(label)); };
    StubCode stub{.bytes = {},
                  .entries = {},
                  .stop_pc = at(emitter.stop().stop),
                  .unblocked_pc = at(emitter.stop().unblocked)};
    for (const Label& entry : emitter.entries()) stub.entries.push_back(at(entry));
    const asmjit::CodeBuffer& buffer = code.textSection()->buffer();
    const auto* first = reinterpret_cast<const std::byte*>(buffer.data());
    stub.bytes.assign(first, first + buffer.size());
    return stub;
}

}  // namespace

Result<StubCode> make_stub(const StubSpec& spec) {
    return assemble(spec, nullptr);
}

Result<std::string> list_stub(const StubSpec& spec) {
    asmjit::StringLogger logger;
    CT_TRY(const auto code, assemble(spec, &logger));
    static_cast<void>(code);
    return std::string(logger.data(), logger.dataSize());
}

}  // namespace corotrace::arch::x86_64
