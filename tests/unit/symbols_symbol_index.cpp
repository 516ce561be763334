// SPDX-License-Identifier: MIT
#include <array>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "symbols/symbol_index.hpp"

#include "symbols/live_image.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/elf_program.hpp"
#include "tests/support/scratch_dir.hpp"

namespace corotrace::symbols_symbol_index_test {

namespace fs = std::filesystem;

namespace {

// Loads its arguments in the given ways ("open", "again" in a namespace of its own, "data") and prints where
// corotrace_data is in each.
constexpr const char* kLoader = R"(
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
int main(int argc, char** argv) {
    for (int i = 1; i + 1 < argc; i += 2) {
        void* library = NULL;
        if (strcmp(argv[i], "data") == 0) {
            void* at = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE, open(argv[i + 1], O_RDONLY), 0);
            if (at == MAP_FAILED) return 1;
            continue;
        }
        library = strcmp(argv[i], "again") == 0 ? dlmopen(LM_ID_NEWLM, argv[i + 1], RTLD_NOW)
                                                : dlopen(argv[i + 1], RTLD_NOW);
        if (library == NULL) return puts(dlerror()), 1;
        printf("%p ", dlsym(library, "corotrace_data"));
    }
    printf("\n");
    fflush(stdout);
    getchar();
    return 0;
}
)";

std::set<std::uint64_t> addresses_in(const std::string& line) {
    std::set<std::uint64_t> addresses;
    const char* at = line.c_str();
    char* end = nullptr;
    while (const std::uint64_t address = std::strtoull(at, &end, 16)) {
        addresses.insert(address);
        at = end;
    }
    return addresses;
}

std::set<std::uint64_t> found(pid_t pid, const char* name) {
    const auto memory = ProcessMemory::open(pid, false);
    REQUIRE(memory);
    const LiveImage image(pid, *memory);
    auto index = SymbolIndex::open(image);
    REQUIRE(index);
    std::set<std::uint64_t> addresses;
    for (const auto& hit : index->find_all(name)) {
        CHECK(hit.module->contains(hit.symbol.address));
        CHECK(index->module_at(hit.symbol.address) == hit.module);
        addresses.insert(hit.symbol.address.value);
    }
    return addresses;
}

}  // namespace

TEST_CASE("symbol index: every load of a library, no copy that is only read") {
    const ScratchDir dir;
    REQUIRE(compile_c(dir / "loader", kLoader, "-ldl"));
    const std::string flags =
        GENERATE("", "-fuse-ld=lld", "-Wl,-z,noseparate-code", "-s -Wl,--hash-style=sysv");
    if (!compile_elf_library(dir / "libone.so", flags)) {
        CT_SKIP_PART("this compiler cannot make it: " << flags);
        return;
    }
    fs::copy_file(dir / "libone.so", dir / "libtwo.so");
    const std::string one = dir / "libone.so";
    const std::string two = dir / "libtwo.so";
    const std::vector<std::vector<std::string>> plans = {
        {"open", one},
        {"open", one, "again", one},
        {"open", one, "again", one, "open", two},
        {"data", one, "open", one, "data", one, "again", one, "data", two},
        {"data", one, "data", two},
    };
    for (const auto& plan : plans) {
        std::vector<std::string> command{dir / "loader"};
        command.insert(command.end(), plan.begin(), plan.end());
        const auto process = ChildProcess::run_ready(command);
        CAPTURE(process.first_line());
        CHECK(found(process.pid(), "corotrace_data") == addresses_in(process.first_line()));
    }
}

TEST_CASE("symbol index: the executable comes first, then files named python, then the larger ones") {
    const ScratchDir dir;
    REQUIRE(compile_c(dir / "loader", kLoader, "-ldl"));
    REQUIRE(compile_elf_library(dir / "libsmall-python.so", ""));
    REQUIRE(compile_elf_library(dir / "liblarge.so", "-Wl,-z,max-page-size=0x10000"));
    const auto process = ChildProcess::run_ready(
        {dir / "loader", "open", dir / "liblarge.so", "open", dir / "libsmall-python.so"});
    const auto memory = ProcessMemory::open(process.pid(), false);
    REQUIRE(memory);
    const LiveImage image(process.pid(), *memory);
    auto index = SymbolIndex::open(image);
    REQUIRE(index);
    const auto modules = index->modules();
    REQUIRE(modules.size() > 3);
    CHECK(modules[0]->path() == dir / "loader");
    CHECK(modules[1]->path() == dir / "libsmall-python.so");
    const auto hits = index->find_all("corotrace_data");
    REQUIRE(hits.size() == 2);
    CHECK(hits[0].module->path() == dir / "libsmall-python.so");
}

TEST_CASE("symbol index: a name that nobody exports is found in the executable's full table") {
    const ScratchDir dir;
    REQUIRE(compile_elf_program(dir / "program", "-fpie -pie"));
    const auto program = ElfProgram::run({dir / "program"});
    CHECK(found(program.process.pid(), "hidden_function") ==
          std::set<std::uint64_t>{program.hidden_function.value});
    CHECK(found(program.process.pid(), "no_such_name").empty());
}

TEST_CASE("symbol index: each interpreter of this machine has one PyCoro_Type, which is a coroutine's") {
    std::vector<std::string> pythons{"python3"};
    if (const char* const home = std::getenv("HOME")) {
        std::error_code ignored;
        for (const auto& version : fs::directory_iterator(std::string(home) + "/.pyenv/versions", ignored)) {
            const std::string name = version.path().filename();
            if (name.starts_with("3.")) pythons.push_back(version.path() / "bin/python3");
        }
    }
    for (const std::string& python : pythons) {
        CAPTURE(python);
        const auto process = ChildProcess::run_ready({python, "-c", "print('ready', flush=True); input()"});
        REQUIRE(process.first_line() == "ready");
        const auto memory = ProcessMemory::open(process.pid(), false);
        REQUIRE(memory);
        const auto addresses = found(process.pid(), "PyCoro_Type");
        REQUIRE(addresses.size() == 1);
        // PyTypeObject.tp_name follows PyObject_VAR_HEAD (CPython v3.8 Include/cpython/object.h).
        const auto name = memory->read_pointer(RemoteAddr{*addresses.begin()} + 24);
        REQUIRE(name);
        std::array<char, 10> text{};
        REQUIRE(memory->read(*name, std::as_writable_bytes(std::span(text))));
        CHECK(std::string(text.data()) == "coroutine");
    }
}

}  // namespace corotrace::symbols_symbol_index_test
