// SPDX-License-Identifier: MIT
// Core files as they are, and such as lie: what a core does not hold is unreadable, and never zeros.
#include "symbols/core_file.hpp"

#include <algorithm>

#include "symbols/core_map.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/made_core.hpp"

namespace corotrace::symbols_core_file_test {

namespace {

constexpr std::uint64_t kHeap = 0x10000, kOther = 0x40000;

MadeCore sample() {
    MadeCore core;
    core.parts = {{.address = kHeap, .bytes = std::string(4096, 'h'), .size = 8192},
                  {.address = kOther, .bytes = std::string(4096, 'o')}};
    std::string status(336, '\0');
    std::string info(136, '\0');
    info[24] = 77;
    core.notes = MadeCore::make_note(NT_PRSTATUS, status) + MadeCore::make_note(NT_PRSTATUS, status) +
                 MadeCore::make_note(NT_PRPSINFO, info);
    return core;
}

std::unique_ptr<CoreFile> opened(const std::string& bytes) {
    auto core = CoreFile::open(memory_file(bytes));
    REQUIRE(core);
    return std::move(*core);
}

Error refused(const std::string& bytes) {
    auto core = CoreFile::open(memory_file(bytes));
    REQUIRE_FALSE(core);
    return core.error();
}

bool reads(const CoreFile& core, std::uint64_t address, std::size_t size, char each) {
    std::string into(size, '?');
    const auto done = core.read({address}, std::as_writable_bytes(std::span(into)));
    return done && std::ranges::count(into, each) == static_cast<std::ptrdiff_t>(size);
}

bool is_unreadable(const CoreFile& core, std::uint64_t address, std::size_t size) {
    std::string into(size, '?');
    const auto done = core.read({address}, std::as_writable_bytes(std::span(into)));
    return !done && done.error().code == Errc::unreadable;
}

bool complains(const CoreFile& core, std::string_view what) {
    return std::ranges::any_of(core.notes().complaints, [&](const std::string& complaint) {
        return complaint.find(what) != std::string::npos;
    });
}

std::vector<CoreMapping> files_of(const std::string& notes) {
    MadeCore core = sample();
    core.notes = notes;
    return opened(core.bytes())->notes().files;
}

}  // namespace

TEST_CASE("core file: memory and notes") {
    const auto core = opened(sample().bytes());
    CHECK(core->segments().size() == 2);
    CHECK(core->notes().pid == 77);
    CHECK(core->notes().threads == 2);
    CHECK(core->notes().complaints.empty());
    CHECK(core->cut_bytes() == 0);
    CHECK(reads(*core, kHeap, 4096, 'h'));
    CHECK(reads(*core, kOther + 4090, 6, 'o'));
    CHECK(is_unreadable(*core, kHeap + 4095, 2));  // left out is not zeros
    CHECK(is_unreadable(*core, kHeap + 4096, 8));
    CHECK(is_unreadable(*core, kOther + 4092, 8));
    CHECK(is_unreadable(*core, 0, 8));
    CHECK(is_unreadable(*core, UINT64_MAX - 3, 8));
}

TEST_CASE("core file: segments in any order, and adjacent ones read as one") {
    MadeCore made = sample();
    made.parts = {{.address = kHeap + 4096, .bytes = std::string(4096, 'x')},
                  {.address = kHeap, .bytes = std::string(4096, 'x')}};
    const auto core = opened(made.bytes());
    CHECK(reads(*core, kHeap + 4000, 200, 'x'));
    CHECK(core->find({kHeap + 8191}) != nullptr);
    CHECK(core->find({kHeap + 8192}) == nullptr);
}

TEST_CASE("core file: cut off") {
    const std::string whole = sample().bytes();
    const auto core = opened(whole.substr(0, whole.size() - 5000));
    CHECK(core->cut_bytes() == 5000);
    CHECK(reads(*core, kHeap, 4096 - 904, 'h'));
    CHECK(is_unreadable(*core, kHeap, 4096));
    CHECK(is_unreadable(*core, kOther, 1));
    CHECK(refused(whole.substr(0, 100)).what.find("cut off") != std::string::npos);
    CHECK(refused("").code == Errc::malformed);
    // Each length there is: an answer, and no crash.
    const std::size_t notes_end = whole.size() - 8192;
    for (std::size_t size = 0; size < notes_end; ++size) {
        const auto shorter = CoreFile::open(memory_file(whole.substr(0, size)));
        if (shorter) CHECK(complains(**shorter, "notes are cut off"));
    }
}

TEST_CASE("core file: headers that lie") {
    MadeCore made = sample();
    made.header.e_type = ET_EXEC;
    CHECK(refused(made.bytes()).what.find("another ELF file") != std::string::npos);
    made = sample();
    made.header.e_ident[EI_CLASS] = ELFCLASS32;
    CHECK(refused(made.bytes()).code == Errc::unsupported);
    made = sample();
    made.header.e_phnum = 60000;
    CHECK(refused(made.bytes()).what.find("cut off") != std::string::npos);
    made.header.e_phnum = PN_XNUM;
    made.header.e_shoff = UINT64_MAX - 8;
    CHECK(refused(made.bytes()).code == Errc::malformed);
    made = sample();
    made.header.e_phoff = UINT64_MAX;
    CHECK(refused(made.bytes()).code == Errc::malformed);
    made = sample();
    made.header.e_phentsize = 1;
    CHECK(refused(made.bytes()).code == Errc::malformed);
}

TEST_CASE("core file: more segments than their field holds are counted in a section header") {
    MadeCore made = sample();
    Elf64_Shdr section{};
    section.sh_info = 3;
    MadeCore::append(made.tail, section);
    made.header.e_phnum = PN_XNUM;
    made.header.e_shoff = sizeof(Elf64_Ehdr) + 3 * sizeof(Elf64_Phdr);
    CHECK(opened(made.bytes())->segments().size() == 2);
    section.sh_info = UINT32_MAX;
    made.tail.clear();
    MadeCore::append(made.tail, section);
    CHECK(refused(made.bytes()).code == Errc::unsupported);
}

TEST_CASE("core file: segments that cannot be") {
    const MadeCore made = sample();
    const auto changed = [&](auto change) {
        auto headers = made.make_headers();
        change(headers);
        return made.bytes(headers);
    };
    CHECK(refused(changed([](auto& headers) { headers[1].p_filesz = 8193; })).code == Errc::malformed);
    CHECK(refused(changed([](auto& headers) { headers[1].p_vaddr = UINT64_MAX - 100; })).code ==
          Errc::malformed);
    CHECK(refused(changed([](auto& headers) { headers[2].p_vaddr = kHeap + 4096; })).what.find("overlap") !=
          std::string::npos);
    // Bytes beyond the file: the segment is there, and cannot be read.
    const auto core = opened(changed([](auto& headers) { headers[1].p_offset = UINT64_MAX / 2; }));
    CHECK(is_unreadable(*core, kHeap, 8));
    CHECK(core->cut_bytes() == 4096);
    CHECK(reads(*core, kOther, 8, 'o'));
    const auto noted = opened(changed([](auto& headers) { headers[0].p_filesz = UINT64_MAX; }));
    CHECK(complains(*noted, "notes are cut off"));
}

TEST_CASE("core file: mapped files") {
    const auto files = files_of(
        MadeCore::make_files({{0x3000, 0x5000, 2, "/lib/b (deleted)"}, {0x1000, 0x2000, 0, "/lib/a"}}));
    REQUIRE(files.size() == 2);
    CHECK(files[0].path == "/lib/a");
    CHECK(files[1].path == "/lib/b");
    CHECK(files[1].deleted);
    CHECK(files[1].file_offset == 8192);
}

TEST_CASE("core file: lists of mapped files that lie") {
    MadeCore made = sample();
    const auto with_note = [&](const std::string& what) {
        made.notes = MadeCore::make_note(NT_FILE, what);
        return opened(made.bytes());
    };
    std::string list;
    for (const std::uint64_t word : {std::uint64_t{1} << 60, std::uint64_t{4096}})
        MadeCore::append(list, word);
    CHECK(complains(*with_note(list), "NT_FILE"));
    CHECK(complains(*with_note("short"), "NT_FILE"));
    const auto entry = [](std::uint64_t start, std::uint64_t end, std::uint64_t page, std::uint64_t size) {
        std::string one;
        for (const std::uint64_t word : {std::uint64_t{1}, size, start, end, page})
            MadeCore::append(one, word);
        return one + std::string("/a\0", 3);
    };
    CHECK(with_note(entry(1, 2, 3, 4096))->notes().files.size() == 1);
    CHECK(with_note(entry(2, 2, 3, 4096))->notes().files.empty());
    CHECK(with_note(entry(1, 2, 1ULL << 60, 4096))->notes().files.empty());  // wraps
    std::string unended = entry(1, 2, 3, 4096);
    unended.back() = 'b';
    CHECK(complains(*with_note(unended), "cut off"));
    made.notes = MadeCore::make_files({{0x1000, 0x3000, 0, "/a"}, {0x2000, 0x4000, 0, "/b"}});
    const auto overlapping = opened(made.bytes());
    CHECK(overlapping->notes().files.size() == 1);
    CHECK(complains(*overlapping, "overlap"));
    made.notes = sample().notes;
    made.notes[4] = '\xff';  // the size of the first note
    made.notes[7] = '\x7f';
    CHECK(complains(*opened(made.bytes()), "notes are cut off"));
}

TEST_CASE("core map: segments, files and both") {
    MadeCore made = sample();
    made.parts.push_back({.address = 0x60000, .bytes = {}, .size = 0x3000, .flags = PF_R | PF_X});
    made.parts.push_back({.address = 0x63000, .bytes = {}, .size = 0x1000, .flags = PF_R | PF_W});
    made.notes = MadeCore::make_files(
        {{0x60000, 0x62000, 1, "/lib/a"}, {0x63000, 0x64000, 9, "/lib/a"}, {0x80000, 0x81000, 0, "/lib/b"}});
    const auto core = opened(made.bytes());
    const auto map = make_core_map(*core);
    REQUIRE(map);
    REQUIRE(map->mappings().size() == 6);
    const Mapping* const code = map->find({0x61000});
    REQUIRE(code != nullptr);
    CHECK((code->path == "/lib/a" && code->executable && !code->writable && code->file_offset == 4096));
    const Mapping* const rest = map->find({0x62000});
    REQUIRE(rest != nullptr);
    CHECK((rest->path.empty() && rest->start.value == 0x62000));
    CHECK(map->find({0x63000})->shared);  // left out, though writable
    CHECK(map->find({kHeap})->writable);
    CHECK_FALSE(map->find({kHeap})->shared);
    const Mapping* const bare = map->find({0x80000});  // as gdb leaves them out
    REQUIRE(bare != nullptr);
    CHECK((bare->readable && !bare->writable && bare->path == "/lib/b"));
    CHECK(map->modules().size() == 2);
}

TEST_CASE("core map: files that lie across segments are cut to fit") {
    MadeCore made = sample();
    made.notes = MadeCore::make_files({{kHeap - 0x1000, kOther + 0x1000, 0, "/lib/a"}});
    const auto core = opened(made.bytes());
    const auto map = make_core_map(*core);
    REQUIRE(map);
    REQUIRE(map->find({kHeap}) != nullptr);
    CHECK(map->find({kHeap})->file_offset == 4096);
    CHECK(map->find({kOther})->path == "/lib/a");
    CHECK(map->find({kHeap - 1}) == nullptr);
}

}  // namespace corotrace::symbols_core_file_test
