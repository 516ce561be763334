// SPDX-License-Identifier: MIT
// The file behind a module when it is not where maps says: deleted, replaced, oddly named, in no folder or in
// another mount namespace; and separate debug files.
#include <fcntl.h>
#include <lzma.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "symbols/elf_file.hpp"
#include "symbols/memory_image.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/elf_program.hpp"
#include "tests/support/scratch_dir.hpp"

namespace corotrace::symbols_elf_files_test {

namespace fs = std::filesystem;

namespace {

constexpr const char* kPlain = "-fpie -pie -rdynamic";

// Makes its first argument the root of a mount namespace of its own and runs the second in it.
constexpr const char* kEnterRoot = R"(
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char** argv) {
    if (argc != 3 || unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
        mount(argv[1], argv[1], NULL, MS_BIND, NULL) || chdir(argv[1]) || syscall(SYS_pivot_root, ".", ".") ||
        umount2(".", MNT_DETACH) || chdir("/"))
        return perror("enter"), 1;
    execl(argv[2], argv[2], (char*)NULL);
    return 1;
}
)";

// The address of the static function, which only the file knows.
std::optional<RemoteAddr> hidden_address(const ElfProgram& program) {
    auto index = program.index();
    const ElfModule* const module = index.module_at(program.exported_function);
    REQUIRE(module != nullptr);
    const auto symbol = module->find_symbol("hidden_function");
    if (!symbol) return std::nullopt;
    return symbol->address;
}

std::string build_id_of(const ElfProgram& program) {
    auto index = program.index();
    const ElfModule* const module = index.module_at(program.exported_function);
    REQUIRE(module != nullptr);
    REQUIRE(module->build_id());
    return *module->build_id();
}

// Splits `path` into a stripped program and its debug file.
void split_debug(const std::string& path, const std::string& debug) {
    fs::create_directories(fs::path(debug).parent_path());
    REQUIRE(run_shell("objcopy --only-keep-debug '" + path + "' '" + debug + "' && strip '" + path + "'"));
}

}  // namespace

TEST_CASE("elf file: deleted while it runs") {
    const ScratchDir dir;
    REQUIRE(compile_elf_program(dir / "program", kPlain));
    const auto program = ElfProgram::run({dir / "program"});
    fs::remove(dir / "program");
    CHECK(hidden_address(program) == program.hidden_function);
}

TEST_CASE("elf file: replaced by another one while it runs") {
    const ScratchDir dir;
    REQUIRE(compile_elf_program(dir / "program", kPlain));
    REQUIRE(compile_elf_program(dir / "other", std::string(kPlain) + " -O0 -falign-functions=128"));
    const auto program = ElfProgram::run({dir / "program"});
    fs::rename(dir / "other", dir / "program");
    CHECK(hidden_address(program) == program.hidden_function);
}

TEST_CASE(
    "elf file: without the right to open map_files it is found by its name and only if it is the same") {
    const ScratchDir dir;
    REQUIRE(compile_elf_program(dir / "program", kPlain));
    REQUIRE(compile_elf_program(dir / "other", std::string(kPlain) + " -O0 -falign-functions=128"));
    const auto seen = [&](bool is_replaced) {
        return result_in_child([&]() -> std::string {
            if (::geteuid() == 0 && ::setuid(65534) != 0) return "setuid";
            const auto program = ElfProgram::run({dir / "program"});
            if (is_replaced && std::rename((dir / "other").c_str(), (dir / "program").c_str()) != 0)
                return "rename";
            const auto hidden = hidden_address(program);
            return !hidden ? "none" : *hidden == program.hidden_function ? "right" : "wrong";
        });
    };
    CHECK(seen(false) == "right");
    fs::permissions(dir.path(), fs::perms(0777));
    CHECK(seen(true) == "right");  // by /proc/PID/exe
}

TEST_CASE("elf file: odd names") {
    const ScratchDir dir;
    for (const std::string name : {"with space", "line\nfeed", "x (deleted)", "back\\012slash"}) {
        CAPTURE(name);
        REQUIRE(compile_elf_program(dir / "plain", kPlain));
        fs::rename(dir / "plain", dir / name);
        const auto program = ElfProgram::run({dir / name});
        auto index = program.index();
        CHECK(index.module_at(program.exported_function)->path() == dir / name);
        CHECK(hidden_address(program) == program.hidden_function);
    }
}

TEST_CASE("elf file: a program run from a memfd") {
    const ScratchDir dir;
    REQUIRE(compile_elf_program(dir / "program", kPlain));
    const std::string run =
        "import os, sys\n"
        "fd = os.memfd_create('in memory')\n"
        "os.write(fd, open(sys.argv[1], 'rb').read())\n"
        "os.execve(fd, ['program'], {})\n";
    const auto program = ElfProgram::run({"python3", "-c", run, dir / "program"});
    auto index = program.index();
    const ElfModule* const module = index.module_at(program.exported_function);
    REQUIRE(module != nullptr);
    CHECK(module->path() == "/memfd:in memory");
    CHECK(module->find_symbol("corotrace_data")->address == program.exported_data);
    CHECK(hidden_address(program) == program.hidden_function);
}

TEST_CASE("elf file: in a container's root, with its debug file there") {
    if (::geteuid() != 0) {
        CT_SKIP("needs root: another mount namespace");
        return;
    }
    const ScratchDir dir;
    const std::string inside = dir / "inside";
    fs::create_directories(inside);
    REQUIRE(compile_c(dir / "enter", kEnterRoot, ""));
    REQUIRE(compile_elf_program(inside + "/program", "-static -fno-pie -no-pie"));
    const bool is_split = GENERATE(false, true);
    if (is_split) {
        const std::string id = build_id_of(ElfProgram::run({inside + "/program"}));
        const std::string name = id.substr(0, 2) + "/" + id.substr(2) + ".debug";
        split_debug(inside + "/program", inside + "/usr/lib/debug/.build-id/" + name);
    }
    REQUIRE_FALSE(fs::exists("/program"));
    const auto program = ElfProgram::run({dir / "enter", inside, "/program"});
    auto index = program.index();
    CHECK(index.module_at(program.exported_function)->path() == "/program");
    CHECK(hidden_address(program) == program.hidden_function);

    // With chroot(2) alone maps shows names as we see them, which are no names in the target's root.
    const auto confined = ElfProgram::run({"chroot", inside, "/program"});
    auto confined_index = confined.index();
    CHECK(confined_index.module_at(confined.exported_function)->path() == inside + "/program");
    CHECK(hidden_address(confined) == confined.hidden_function);
}

TEST_CASE("elf file: a debug file by .gnu_debuglink") {
    const ScratchDir dir;
    const std::string place = GENERATE("debug.file", ".debug/debug.file");
    const bool has_build_id = GENERATE(true, false);
    CAPTURE(place, has_build_id);
    REQUIRE(compile_elf_program(dir / "program",
                                std::string(kPlain) + (has_build_id ? "" : " -Wl,--build-id=none")));
    split_debug(dir / "program", dir / place);
    REQUIRE(run_shell("objcopy --add-gnu-debuglink='" + (dir / place) + "' '" + (dir / "program") + "'"));
    const auto program = ElfProgram::run({dir / "program"});
    CHECK(hidden_address(program) == program.hidden_function);

    // Another program's debug file under that name is refused.
    REQUIRE(compile_elf_program(dir / "other", std::string(kPlain) + " -O0 -falign-functions=128" +
                                                   (has_build_id ? "" : " -Wl,--build-id=none")));
    fs::rename(dir / "other", dir / place);
    CHECK_FALSE(hidden_address(program));
}

TEST_CASE("elf file: a packed symbol table in .gnu_debugdata") {
    const ScratchDir dir;
    REQUIRE(compile_elf_program(dir / "program", kPlain));
    split_debug(dir / "program", dir / "debug");
    std::ifstream file(dir / "debug", std::ios::binary);
    const std::string plain{std::istreambuf_iterator<char>(file), {}};
    std::vector<std::uint8_t> packed(::lzma_stream_buffer_bound(plain.size()));
    std::size_t size = 0;
    REQUIRE(::lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nullptr,
                                      reinterpret_cast<const std::uint8_t*>(plain.data()), plain.size(),
                                      packed.data(), &size, packed.size()) == LZMA_OK);
    const bool is_damaged = GENERATE(false, true);
    if (is_damaged) packed[size / 2] ^= 0xff;
    std::ofstream(dir / "packed", std::ios::binary)
        .write(reinterpret_cast<const char*>(packed.data()), static_cast<std::streamsize>(size));
    REQUIRE(run_shell("objcopy --add-section .gnu_debugdata='" + (dir / "packed") + "' '" +
                      (dir / "program") + "'"));
    const auto program = ElfProgram::run({dir / "program"});
    if (is_damaged) {
        CHECK_FALSE(hidden_address(program));
    } else {
        CHECK(hidden_address(program) == program.hidden_function);
        auto index = program.index();
        const auto at = index.module_at(program.hidden_function)->symbol_at(program.hidden_function + 1);
        REQUIRE(at);
        CHECK(at->name == "hidden_function");
    }
}

TEST_CASE("elf file: one symbol table for all who read a file, as long as it is the same") {
    const ScratchDir dir;
    REQUIRE(compile_elf_program(dir / "program", kPlain));
    const auto open = [&] {
        auto file = ElfFile::open(UniqueFd(::open((dir / "program").c_str(), O_RDONLY | O_CLOEXEC)));
        REQUIRE(file);
        return std::move(*file);
    };
    const auto first = open().read_symbol_table();
    REQUIRE(first);
    CHECK(open().read_symbol_table() == first);
    REQUIRE(run_shell("objcopy --redefine-sym hidden_function=other_name '" + dir / "program" + "'"));
    const auto changed = open().read_symbol_table();
    REQUIRE(changed);
    CHECK(changed->find("other_name") != nullptr);
    CHECK(first->find("other_name") == nullptr);
}

TEST_CASE("elf file: without any file the exported symbols are still there") {
    const ScratchDir dir;
    REQUIRE(compile_elf_program(dir / "program", kPlain));
    const auto program = ElfProgram::run({dir / "program"});
    const auto map = MemoryMap::read(program.process.pid());
    REQUIRE(map);
    // Neither a name nor a process by which the file could be opened.
    fs::remove(dir / "program");
    for (const Module& mapped : map->modules()) {
        if (mapped.path != dir / "program") continue;
        const MemoryImage image(program.memory);
        const auto module = ElfModule::open(image, mapped);
        REQUIRE(module);
        CHECK(module->find_symbol("corotrace_data")->address == program.exported_data);
        CHECK_FALSE(module->find_symbol("hidden_function"));
        CHECK_FALSE(module->find_section(".corotrace"));
        CHECK(module->symbol_at(program.exported_function + 1)->name == "corotrace_function");
        return;
    }
    FAIL("no module of that name");
}

}  // namespace corotrace::symbols_elf_files_test
