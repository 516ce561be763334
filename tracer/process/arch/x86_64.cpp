// SPDX-License-Identifier: MIT
// Registers and calls. Source: System V psABI 1.0, section 3.2; NT_PRSTATUS is struct user_regs_struct of
// Linux arch/x86/include/asm/user_64.h.
#include "tracer/process/arch/x86_64.hpp"

#include <array>
#include <string>

namespace corotrace::arch::x86_64 {

namespace {

// Indices into the register set.
constexpr std::size_t kR9 = 8, kR8 = 9, kOrigRax = 15, kRip = 16, kRsp = 19, kFsBase = 21, kRegisters = 27;

}  // namespace

// pthread_self() is fs_base with glibc and with musl.
Result<Registers> parse_registers(ByteView prstatus) {
    const auto words = load<std::array<std::uint64_t, kRegisters>>(prstatus, 0);
    if (!words) {
        return Error{Errc::malformed, 0, "register set of " + std::to_string(prstatus.size()) + " bytes"};
    }
    return Registers{.pc = (*words)[kRip],
                     .sp = (*words)[kRsp],
                     .thread_id = (*words)[kFsBase],
                     .general = {words->begin(), words->end()}};
}

// The number of the call is in orig_rax, whatever it returned.
bool is_exec_call(const Registers& registers) {
    // Linux syscall_64.tbl
    constexpr std::uint64_t kExecve = 59;
    constexpr std::uint64_t kExecveat = 322;
    if (registers.general.size() <= kOrigRax) return false;
    const std::uint64_t number = registers.general[kOrigRax];
    return number == kExecve || number == kExecveat;
}

StubStop stub_stop(const Registers& registers) {
    constexpr std::uint64_t kPushed = kStopFrame + 8;  // and the original's address
    return {.object = {registers.general[kR8]},
            .row = {registers.general[kR9]},
            .code = {registers.sp + kStopCode},
            .sp = registers.sp + kPushed};
}

// The return address is on top of the stack.
StubCaller stub_caller(const StubStop& stop, bool is_call) {
    const std::uint64_t sp = stop.sp + (is_call ? kSavedByCall : 0);
    return {.return_address = {sp}, .sp = sp + sizeof(std::uint64_t)};
}

}  // namespace corotrace::arch::x86_64
