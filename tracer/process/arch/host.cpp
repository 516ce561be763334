// SPDX-License-Identifier: MIT
// The processor that corotrace runs on, and so its targets; CMake defines its name.
#include "tracer/process/arch/arch.hpp"
#include "tracer/process/arch/x86_64.hpp"

namespace corotrace::arch {

namespace host = COROTRACE_HOST_ARCH;

Result<Registers> parse_registers(ByteView prstatus) {
    return host::parse_registers(prstatus);
}

Result<StubCode> make_stub(const StubSpec& spec) {
    return host::make_stub(spec);
}

Result<std::string> list_stub(const StubSpec& spec) {
    return host::list_stub(spec);
}

bool is_exec_call(const Registers& registers) {
    return host::is_exec_call(registers);
}

StubStop stub_stop(const Registers& registers) {
    return host::stub_stop(registers);
}

StubCaller stub_caller(const StubStop& stop, bool is_call) {
    return host::stub_caller(stop, is_call);
}

}  // namespace corotrace::arch
