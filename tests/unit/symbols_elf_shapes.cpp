// SPDX-License-Identifier: MIT
// Symbols, sections and segments of programs in every ELF shape, against what the program says of itself.
#include <algorithm>
#include <string>

#include "symbols/symbol_index.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/elf_program.hpp"
#include "tests/support/scratch_dir.hpp"

namespace corotrace::symbols_elf_shapes_test {

namespace {

struct Shape {
    const char* name;
    const char* flags;
    bool is_fixed;      // ET_EXEC
    bool is_exporting;  // has a dynamic symbol table
};

constexpr Shape kShapes[] = {
    {"PIE", "-fpie -pie -rdynamic", false, true},
    {"non-PIE", "-fno-pie -no-pie -rdynamic", true, true},
    {"non-PIE elsewhere", "-fno-pie -no-pie -rdynamic -Wl,-Ttext-segment=0x10000000", true, true},
    {"static", "-static -fno-pie -no-pie", true, false},
    {"static PIE", "-static-pie -fpie", false, false},
    {"System V hash", "-fpie -pie -rdynamic -Wl,--hash-style=sysv", false, true},
    {"both hashes", "-fpie -pie -rdynamic -Wl,--hash-style=both", false, true},
    {"code with headers", "-fpie -pie -rdynamic -Wl,-z,noseparate-code", false, true},
    {"2 MiB alignment", "-fpie -pie -rdynamic -Wl,-z,max-page-size=0x200000", false, true},
    {"no RELRO", "-fpie -pie -rdynamic -Wl,-z,norelro", false, true},
    {"lld, all in one page of the file", "-fpie -pie -rdynamic -fuse-ld=lld", false, true},
    {"no build id", "-fpie -pie -rdynamic -Wl,--build-id=none", false, true},
};

const ElfModule& executable_of(SymbolIndex& index, const ElfProgram& program) {
    const ElfModule* const module = index.module_at(program.exported_function);
    REQUIRE(module != nullptr);
    return *module;
}

void check_segments(const ElfModule& module, const ElfProgram& program) {
    const auto holds = [](RemoteAddr address) {
        return [=](const Segment& s) { return address.value - s.start.value < s.memory_size; };
    };
    const auto segments = module.segments();
    const auto code = std::find_if(segments.begin(), segments.end(), holds(program.exported_function));
    const auto data = std::find_if(segments.begin(), segments.end(), holds(program.exported_data));
    REQUIRE(code != segments.end());
    REQUIRE(data != segments.end());
    CHECK((code->executable && code->readable && !code->writable));
    CHECK((!data->executable && data->readable && data->writable));
    CHECK(data->memory_size >= data->file_size);
    // What the file has at the data's offset is what the program's data began with.
    CHECK(program.memory.read_as<long>(program.exported_data + 8).value() == 2);
    CHECK(data->align >= 4096);
}

}  // namespace

TEST_CASE("elf: symbols of programs in every shape") {
    const ScratchDir dir;
    for (const Shape& shape : kShapes) {
        DYNAMIC_SECTION(shape.name) {
            if (!compile_elf_program(dir / "program", shape.flags)) {
                CT_SKIP_PART("this compiler cannot make it: " << shape.name);
                return;
            }
            const auto program = ElfProgram::run({dir / "program"});
            auto index = program.index();
            const ElfModule& module = executable_of(index, program);
            CHECK(module.path() == dir / "program");
            CHECK(module.is_executable_type() == shape.is_fixed);
            CHECK((module.load_bias() == 0) == shape.is_fixed);
            CHECK(module.build_id().has_value() == (std::string(shape.name) != "no build id"));
            check_segments(module, program);

            CHECK(module.find_exported("corotrace_data").has_value() == shape.is_exporting);
            const auto data = module.find_symbol("corotrace_data");
            REQUIRE(data);
            CHECK(data->address == program.exported_data);
            CHECK(data->size == 24);
            CHECK_FALSE(data->is_function);
            const auto function = module.find_symbol("corotrace_function");
            REQUIRE(function);
            CHECK(function->address == program.exported_function);
            CHECK(function->is_function);
            const auto hidden = module.find_symbol("hidden_function");
            REQUIRE(hidden);
            CHECK(hidden->address == program.hidden_function);
            CHECK_FALSE(module.find_exported("hidden_function"));
            CHECK_FALSE(module.find_symbol("corotrace_dat"));
            CHECK_FALSE(module.find_symbol("corotrace_data_"));
            CHECK_FALSE(module.find_symbol(""));
            // Used, but defined elsewhere.
            if (shape.is_exporting) CHECK_FALSE(module.find_symbol("getchar"));

            const auto section = module.find_section(".corotrace");
            REQUIRE(section);
            CHECK(section->address == program.section_data);
            CHECK(section->size == 16);
            CHECK_FALSE(module.find_section(".symtab"));  // not loaded
            CHECK_FALSE(module.find_section(".corotrac"));

            const auto at = module.symbol_at(program.hidden_function + 1);
            REQUIRE(at);
            CHECK(at->name == "hidden_function");
            CHECK(at->offset == 1);
            CHECK_FALSE(module.symbol_at(program.exported_data));
            CHECK_FALSE(module.symbol_at({1}));
        }
    }
}

TEST_CASE("elf: a stripped program gives what it exports and no wrong name") {
    const ScratchDir dir;
    for (const Shape& shape : kShapes) {
        DYNAMIC_SECTION(shape.name) {
            if (!compile_elf_program(dir / "program", std::string(shape.flags) + " -s")) {
                CT_SKIP_PART("this compiler cannot make it: " << shape.name);
                return;
            }
            const auto program = ElfProgram::run({dir / "program"});
            auto index = program.index();
            const ElfModule& module = executable_of(index, program);
            const auto data = module.find_symbol("corotrace_data");
            CHECK(data.has_value() == shape.is_exporting);
            if (data) CHECK(data->address == program.exported_data);
            CHECK_FALSE(module.find_symbol("hidden_function"));
            CHECK_FALSE(module.symbol_at(program.hidden_function + 1));
            const auto at = module.symbol_at(program.exported_function + 2);
            CHECK(at.has_value() == shape.is_exporting);
            if (at) CHECK(at->name == "corotrace_function");
            CHECK(module.find_section(".corotrace").has_value());  // section headers stay
        }
    }
}

}  // namespace corotrace::symbols_elf_shapes_test
