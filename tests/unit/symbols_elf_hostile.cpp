// SPDX-License-Identifier: MIT
// ELF files made to break readers. What must hold: an error or an honest answer, in a bounded number of
// reads.
#include <elf.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "symbols/elf_file.hpp"
#include "symbols/elf_module.hpp"
#include "symbols/memory_image.hpp"
#include "symbols/xz.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/loaded_file.hpp"
#include "tests/support/test_data.hpp"

namespace corotrace::symbols_elf_hostile_test {

namespace {

// Small libraries with exported_data, exported_function and the static hidden_function.
std::vector<std::byte> sample(const std::string& name) {
    std::ifstream file(test::test_data("fuzz/corpus/elf/" + name), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    REQUIRE(text.size() > sizeof(Elf64_Ehdr));
    const ByteView bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

template <typename T>
T at(const std::vector<std::byte>& bytes, std::size_t offset) {
    const auto value = load<T>(bytes, offset);
    REQUIRE(value);
    return *value;
}

template <typename T>
void put(std::vector<std::byte>& bytes, std::size_t offset, const T& value) {
    REQUIRE(offset + sizeof(T) <= bytes.size());
    std::memcpy(bytes.data() + offset, &value, sizeof(T));
}

// Offset in the file of what DT_`tag` points to: in these samples the first segment maps the file as it is.
std::size_t dynamic_target(const std::vector<std::byte>& bytes, std::int64_t tag) {
    const auto header = at<Elf64_Ehdr>(bytes, 0);
    for (std::size_t i = 0; i < header.e_phnum; ++i) {
        const auto program = at<Elf64_Phdr>(bytes, header.e_phoff + i * sizeof(Elf64_Phdr));
        if (program.p_type != PT_DYNAMIC) continue;
        for (std::size_t entry = program.p_offset;; entry += sizeof(Elf64_Dyn)) {
            const auto dynamic = at<Elf64_Dyn>(bytes, entry);
            if (dynamic.d_tag == tag) return dynamic.d_un.d_ptr;
            REQUIRE(dynamic.d_tag != DT_NULL);
        }
    }
    FAIL("no dynamic section");
    return 0;
}

template <typename Change>
Result<ElfFile> changed_file(Change change) {
    auto bytes = sample("gnu_hash");
    auto header = at<Elf64_Ehdr>(bytes, 0);
    change(header);
    put(bytes, 0, header);
    return ElfFile::from_bytes(std::move(bytes));
}

}  // namespace

TEST_CASE("hostile elf: the samples are sound") {
    for (const std::string name : {"gnu_hash", "sysv_hash_stripped", "lld", "mini_debug_info"}) {
        CAPTURE(name);
        const auto bytes = sample(name);
        const LoadedFile memory(bytes);
        const MemoryImage image(memory);
        const auto module = ElfModule::open(image, memory.module());
        REQUIRE(module);
        CHECK(module->find_exported("exported_data").has_value());
        CHECK(module->find_exported("exported_function").has_value());
        CHECK_FALSE(module->find_exported("hidden_function"));
    }
}

TEST_CASE("hostile elf: 32-bit and big-endian files are told from damage") {
    const auto narrow = changed_file([](Elf64_Ehdr& h) { h.e_ident[EI_CLASS] = ELFCLASS32; });
    REQUIRE_FALSE(narrow);
    CHECK(narrow.error().code == Errc::unsupported);
    const auto big = changed_file([](Elf64_Ehdr& h) { h.e_ident[EI_DATA] = ELFDATA2MSB; });
    REQUIRE_FALSE(big);
    CHECK(big.error().code == Errc::unsupported);
    const auto other = changed_file([](Elf64_Ehdr& h) { h.e_ident[1] = 'X'; });
    REQUIRE_FALSE(other);
    CHECK(other.error().code == Errc::malformed);
}

TEST_CASE("hostile elf: counts and places that the file does not have") {
    const auto code_of = [](auto change) {
        const auto file = changed_file(change);
        REQUIRE_FALSE(file);
        return file.error().code;
    };
    CHECK(code_of([](Elf64_Ehdr& h) { h.e_phnum = 0xffff; }) == Errc::malformed);
    CHECK(code_of([](Elf64_Ehdr& h) { h.e_phentsize = 1; }) == Errc::malformed);
    CHECK(code_of([](Elf64_Ehdr& h) { h.e_shnum = 0xfeff; }) == Errc::malformed);
    CHECK(code_of([](Elf64_Ehdr& h) { h.e_shentsize = 0; }) == Errc::malformed);
    CHECK(code_of([](Elf64_Ehdr& h) { h.e_shoff = UINT64_MAX - 8; }) == Errc::malformed);
    CHECK(code_of([](Elf64_Ehdr& h) { h.e_shstrndx = 0xfe00; }) == Errc::malformed);
    // Counts in the first section header: none here.
    const auto empty = changed_file([](Elf64_Ehdr& h) { h.e_shnum = 0; });
    REQUIRE(empty);
    CHECK_FALSE(empty->find_section(".text"));
    const auto outside = changed_file([](Elf64_Ehdr& h) { h.e_phoff = UINT64_MAX - 8; });
    REQUIRE(outside);
    CHECK_FALSE(outside->read_program_headers());
}

TEST_CASE("hostile elf: a file cut off anywhere, a byte changed anywhere") {
    for (const std::string name : {"gnu_hash", "sysv_hash_stripped", "lld", "mini_debug_info", "static"}) {
        const auto whole = sample(name);
        const auto use = [](const std::vector<std::byte>& bytes) {
            if (const auto file = ElfFile::from_bytes(bytes)) {
                static_cast<void>(file->read_symbol_table());
                static_cast<void>(file->read_build_id());
                static_cast<void>(file->read_mini_debug_info());
            }
            const LoadedFile memory(bytes);
            if (memory.module().mappings.empty()) return 0;
            const MemoryImage image(memory);
            if (const auto module = ElfModule::open(image, memory.module())) {
                static_cast<void>(module->find_symbol("exported_data"));
                static_cast<void>(module->symbol_at(module->segments().front().start + 0x1000));
            }
            return memory.reads();
        };
        int most_reads = 0;
        for (std::size_t size = 0; size < whole.size(); size += 7) {
            most_reads =
                std::max(most_reads, use({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}));
        }
        for (std::size_t i = 0; i < whole.size(); ++i) {
            auto bytes = whole;
            bytes[i] = ~bytes[i];
            most_reads = std::max(most_reads, use(bytes));
        }
        CHECK(most_reads < 20'000);
    }
}

TEST_CASE("hostile elf: a hash chain in a circle ends") {
    auto bytes = sample("sysv_hash_stripped");
    const std::size_t hash = dynamic_target(bytes, DT_HASH);
    const auto buckets = at<std::uint32_t>(bytes, hash);
    const auto chains = at<std::uint32_t>(bytes, hash + 4);
    REQUIRE(chains > 2);
    for (std::uint32_t i = 0; i < buckets; ++i) put(bytes, hash + 8 + i * 4, std::uint32_t{1});
    for (std::uint32_t i = 1; i < chains; ++i) put(bytes, hash + 8 + (buckets + i) * 4, i % (chains - 1) + 1);
    const LoadedFile memory(bytes);
    const MemoryImage image(memory);
    const auto module = ElfModule::open(image, memory.module());
    REQUIRE(module);
    CHECK(module->find_exported("exported_data").has_value());
    CHECK_FALSE(module->find_exported("no_such_name"));
    CHECK(memory.reads() < 20'000);
}

TEST_CASE("hostile elf: hash tables with impossible numbers find nothing") {
    const auto sound = sample("gnu_hash");
    const std::size_t hash = dynamic_target(sound, DT_GNU_HASH);
    struct Change {
        std::size_t at;
        std::uint32_t value;
    };
    for (const Change change : {Change{0, 0}, Change{0, UINT32_MAX}, Change{8, 0}, Change{8, UINT32_MAX},
                                Change{12, 77}, Change{4, UINT32_MAX}}) {
        CAPTURE(change.at, change.value);
        auto bytes = sound;
        put(bytes, hash + change.at, change.value);
        const LoadedFile memory(bytes);
        const MemoryImage image(memory);
        const auto module = ElfModule::open(image, memory.module());
        REQUIRE(module);
        CHECK_FALSE(module->find_exported("exported_data"));
        CHECK_FALSE(module->symbol_at(module->segments().front().start + 0x100));
    }
}

TEST_CASE("hostile elf: a segment that wraps round the address space is refused") {
    auto bytes = sample("gnu_hash");
    const auto header = at<Elf64_Ehdr>(bytes, 0);
    auto program = at<Elf64_Phdr>(bytes, header.e_phoff);
    REQUIRE(program.p_type == PT_LOAD);
    const LoadedFile memory(bytes);
    const Module mapped = memory.module();
    program.p_memsz = UINT64_MAX;
    program.p_vaddr = 4096;
    put(bytes, header.e_phoff, program);
    const MemoryImage image(memory);
    const auto module = ElfModule::open(image, mapped);
    REQUIRE_FALSE(module);
    CHECK(module.error().code == Errc::malformed);
}

TEST_CASE("hostile elf: packed data that unpacks to more than allowed is refused") {
    const auto file = ElfFile::from_bytes(sample("mini_debug_info"));
    REQUIRE(file);
    const auto section = file->find_section(".gnu_debugdata");
    REQUIRE(section.has_value());
    const auto bytes = sample("mini_debug_info");
    const ByteView packed = ByteView(bytes).subspan(section->sh_offset, section->sh_size);
    const auto whole = unpack_xz(packed, 1 << 20);
    REQUIRE(whole);
    CHECK(unpack_xz(packed, whole->size()).has_value());
    CHECK_FALSE(unpack_xz(packed, whole->size() - 1));
    CHECK_FALSE(unpack_xz(packed.first(packed.size() - 1), 1 << 20));
    CHECK_FALSE(unpack_xz({}, 1 << 20));
}

TEST_CASE("elf: code moved to anonymous memory leaves the module usable") {
    const auto bytes = sample("gnu_hash");
    const LoadedFile memory(bytes);
    const MemoryImage image(memory);
    const auto whole = ElfModule::open(image, memory.module());
    REQUIRE(whole);
    Module mapped = memory.module();
    for (Mapping& mapping : mapped.mappings) mapping.executable = false;
    const auto module = ElfModule::open(image, mapped);
    REQUIRE(module);
    CHECK(module->load_bias() == whole->load_bias());
    CHECK(module->find_exported("exported_data")->address == whole->find_exported("exported_data")->address);
    // Without private data it is a file that is only read.
    for (Mapping& mapping : mapped.mappings) mapping.writable = false;
    const auto data = ElfModule::open(image, mapped);
    REQUIRE_FALSE(data);
    CHECK(data.error().code == Errc::not_found);
}

}  // namespace corotrace::symbols_elf_hostile_test
