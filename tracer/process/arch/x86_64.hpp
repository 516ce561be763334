// SPDX-License-Identifier: MIT
// x86-64: the functions of arch.hpp for this processor. Compiled on every machine.
#pragma once

#include "tracer/process/arch/arch.hpp"

namespace corotrace::arch::x86_64 {

// Bytes of stack between the stub's entry and its stop: of a stop, and those of a vectorcall on top.
inline constexpr std::uint64_t kStopFrame = 64;
inline constexpr std::uint64_t kStopCode = 56;  // where in it the code is
inline constexpr std::uint64_t kSavedByCall = 32;

[[nodiscard]] Result<Registers> parse_registers(ByteView prstatus);
[[nodiscard]] Result<StubCode> make_stub(const StubSpec& spec);
[[nodiscard]] Result<std::string> list_stub(const StubSpec& spec);
[[nodiscard]] bool is_exec_call(const Registers& registers);
[[nodiscard]] StubStop stub_stop(const Registers& registers);
[[nodiscard]] StubCaller stub_caller(const StubStop& stop, bool is_call);

}  // namespace corotrace::arch::x86_64
