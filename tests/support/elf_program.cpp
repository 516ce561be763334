// SPDX-License-Identifier: MIT
#include "tests/support/elf_program.hpp"

#include <cstdio>
#include <cstdlib>

#include "tests/support/catch.hpp"
#include "tests/support/scratch_dir.hpp"

namespace corotrace {

namespace {

constexpr const char* kLibrary = R"(
long corotrace_data[3] = {1, 2, 3};
__attribute__((section(".corotrace"))) long corotrace_section[2] = {4, 5};
__attribute__((noinline)) static int hidden_function(int x) { __asm__ volatile("" : "+r"(x)); return x + 1; }
__attribute__((noinline)) int corotrace_function(int x) { __asm__ volatile("" : "+r"(x)); return hidden_function(x); }
void* corotrace_hidden(void) { return (void*)hidden_function; }
)";

constexpr const char* kMain = R"(
#include <stdio.h>
int main(int argc, char** argv) {
    printf("%p %p %p %p\n", (void*)corotrace_data, (void*)corotrace_function, corotrace_hidden(),
           (void*)corotrace_section);
    fflush(stdout);
    (void)argc, (void)argv;
    getchar();
    return 0;
}
)";

}  // namespace

bool compile_elf_program(const std::string& path, const std::string& flags) {
    return compile_c(path, std::string(kLibrary) + kMain, "-g0 -Wl,--build-id " + flags);
}

bool compile_elf_library(const std::string& path, const std::string& flags) {
    return compile_c(path, kLibrary, "-g0 -shared -fPIC -Wl,--build-id " + flags);
}

ElfProgram ElfProgram::run(const std::vector<std::string>& command) {
    auto process = ChildProcess::run_ready(command);
    CAPTURE(process.first_line());
    auto memory = ProcessMemory::open(process.pid(), false);
    REQUIRE(memory);
    ElfProgram program{std::move(process), std::move(*memory), {}, {}, {}, {}, {}};
    const int count = std::sscanf(program.process.first_line().c_str(), "%lx %lx %lx %lx",
                                  &program.exported_data.value, &program.exported_function.value,
                                  &program.hidden_function.value, &program.section_data.value);
    REQUIRE(count == 4);
    return program;
}

SymbolIndex ElfProgram::index() const {
    images.push_back(std::make_unique<LiveImage>(process.pid(), memory));
    auto index = SymbolIndex::open(*images.back());
    REQUIRE(index);
    return std::move(*index);
}

}  // namespace corotrace
