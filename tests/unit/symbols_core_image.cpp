// SPDX-License-Identifier: MIT
// A core that left out what its files hold: the very file serves, another one or none does not, and that is
// told.
#include "symbols/core_image.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "symbols/elf_headers.hpp"
#include "symbols/symbol_index.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/made_core.hpp"
#include "tests/support/scratch_dir.hpp"
#include "tests/support/test_data.hpp"

namespace corotrace::symbols_core_image_test {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kBase = 0x7f0000000000, kPage = 4096;

std::string read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_text(const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

// A core of a process that had mapped a small library as `path`: its code left out, its data dumped.
struct Sample {
    explicit Sample(std::string the_path) : path(std::move(the_path)) {
        library = read_text(test::test_data("fuzz/corpus/elf/lld"));
        const ByteView view = std::as_bytes(std::span(library));
        const auto header = parse_elf_header(view);
        REQUIRE(header);
        headers = parse_program_headers(view.subspan(header->e_phoff), header->e_phnum).value_or({});
        std::vector<MadeCore::File> files;
        for (const Elf64_Phdr& load : headers) {
            if (load.p_type != PT_LOAD) continue;
            const std::uint64_t slack = load.p_offset % kPage;
            const std::uint64_t start = kBase + load.p_vaddr - slack;
            const std::uint64_t size = (load.p_filesz + slack + kPage - 1) / kPage * kPage;
            files.push_back({start, start + size, load.p_offset / kPage, path});
            std::string bytes;
            if (load.p_offset == 0 || (load.p_flags & PF_W) != 0) {
                bytes = library.substr(load.p_offset - slack, kPage);
                bytes.resize(kPage);
            }
            core.parts.push_back({.address = start, .bytes = bytes, .size = size, .flags = load.p_flags});
        }
        core.notes = MadeCore::make_files(files);
    }

    [[nodiscard]] std::unique_ptr<CoreImage> open(CoreFileSearch search = {}) const {
        auto image = CoreImage::open(memory_file(core.bytes()), std::move(search));
        REQUIRE(image);
        return std::move(*image);
    }

    // Code is in the file only.
    [[nodiscard]] const Elf64_Phdr& code() const {
        for (const Elf64_Phdr& load : headers) {
            if (load.p_type == PT_LOAD && (load.p_flags & PF_X) != 0) return load;
        }
        FAIL("no code");
        return headers.front();
    }

    [[nodiscard]] bool reads_code(const CoreImage& image) const {
        std::string into(code().p_filesz, '?');
        const auto done =
            image.memory().read({kBase + code().p_vaddr}, std::as_writable_bytes(std::span(into)));
        return done && into == library.substr(code().p_offset, code().p_filesz);
    }

    std::string path;
    std::string library;
    std::vector<Elf64_Phdr> headers;
    MadeCore core;
};

}  // namespace

TEST_CASE("core image: what the core left out is read from the very file") {
    const ScratchDir dir;
    const Sample sample(dir / "lib/sample.so");
    write_text(sample.path, sample.library);
    const auto image = sample.open();
    CHECK(sample.reads_code(*image));
    CHECK(image->files().missing().empty());
    CHECK(image->files().program_path() == sample.path);
    auto index = SymbolIndex::open(*image);
    REQUIRE(index);
    CHECK(index->find_all("exported_function").size() == 1);
    CHECK(index->find_all("hidden_function").size() == 1);
}

TEST_CASE("core image: a file that is not there, or another one, is named and nothing is read") {
    const ScratchDir dir;
    const Sample sample(dir / "lib/sample.so");
    const auto none = sample.open();
    CHECK_FALSE(sample.reads_code(*none));
    REQUIRE(none->files().missing().size() == 1);
    CHECK(none->files().missing()[0].path == sample.path);
    CHECK(none->files().missing()[0].why == "not found");

    // The same except one byte of the build id.
    std::string other = sample.library;
    for (const Elf64_Phdr& header : sample.headers) {
        if (header.p_type == PT_NOTE) other[header.p_offset + header.p_filesz - 1] ^= 1;
    }
    REQUIRE(other != sample.library);
    write_text(sample.path, other);
    const auto refused = sample.open();
    CHECK_FALSE(sample.reads_code(*refused));
    REQUIRE(refused->files().missing().size() == 1);
    CHECK(refused->files().missing()[0].why == "another file is there now");

    const auto wrong = CoreImage::open(memory_file(sample.core.bytes()),
                                       {.program = sample.path, .root = {}, .debuginfod_cache = {}});
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().code == Errc::usage);
}

TEST_CASE("core image: files below a root, by build id and from debuginfod's cache") {
    const ScratchDir dir;
    const Sample sample("/nonexistent/sample.so");
    const std::string kept = dir / "kept.so";
    write_text(kept, sample.library);
    const auto file = ElfFile::open(UniqueFd(::open(kept.c_str(), O_RDONLY | O_CLOEXEC)));
    REQUIRE(file);
    const auto id = file->read_build_id();
    REQUIRE(id);
    CHECK_FALSE(
        sample.reads_code(*sample.open({.program = {}, .root = dir / "root", .debuginfod_cache = {}})));

    const std::string places[] = {"root" + sample.path,
                                  "root/.build-id/" + id->substr(0, 2) + "/" + id->substr(2),
                                  "root/usr/lib/debug/.build-id/" + id->substr(0, 2) + "/" + id->substr(2)};
    for (const std::string& place : places) {
        CAPTURE(place);
        write_text(dir / place, sample.library);
        CHECK(sample.reads_code(*sample.open({.program = {}, .root = dir / "root", .debuginfod_cache = {}})));
        fs::remove_all(dir / "root");
    }
    write_text(dir / ("cache/" + *id + "/executable"), sample.library);
    CHECK(sample.reads_code(*sample.open({.program = {}, .root = {}, .debuginfod_cache = dir / "cache"})));
    CHECK(sample.reads_code(*sample.open({.program = kept, .root = {}, .debuginfod_cache = {}})));
}

TEST_CASE("core image: data that was dumped and cut off is not read from a file") {
    const ScratchDir dir;
    const Sample sample(dir / "sample.so");
    write_text(sample.path, sample.library);
    const std::string whole = sample.core.bytes();
    const auto image = CoreImage::open(memory_file(whole.substr(0, whole.size() - 1)), {});
    REQUIRE(image);
    CHECK(sample.reads_code(**image));
    const Elf64_Phdr* data = nullptr;
    for (const Elf64_Phdr& load : sample.headers) {
        if (load.p_type == PT_LOAD && (load.p_flags & PF_W) != 0) data = &load;
    }
    REQUIRE(data != nullptr);
    const RemoteAddr last{(kBase + data->p_vaddr) / kPage * kPage + kPage - 1};
    CHECK((*image)->memory().read_as<char>(last - 1));
    CHECK_FALSE((*image)->memory().read_as<char>(last));
}

TEST_CASE("core image: sources as they were when the core was written, and none that only root may read") {
    const ScratchDir dir;
    const Sample sample("/nonexistent/sample.so");
    fs::permissions(dir.path(), fs::perms::others_read | fs::perms::others_exec, fs::perm_options::add);
    const std::string source = "/app.py";
    write_text(dir / "app.py", "print()\n");
    fs::last_write_time(dir / "app.py", fs::file_time_type::clock::now() - std::chrono::hours(1));
    const CoreFileSearch search{.program = {}, .root = dir.path(), .debuginfod_cache = {}};
    const auto image = sample.open(search);
    REQUIRE(image->read_source(source));
    CHECK(image->read_source(source)->text == "print()\n");
    CHECK(image->read_source_stamp(source) == image->read_source(source)->stamp);
    CHECK_FALSE(image->read_source("app.py"));
    fs::last_write_time(dir / "app.py", fs::file_time_type::clock::now() + std::chrono::hours(1));
    CHECK_FALSE(image->read_source(source));
    fs::last_write_time(dir / "app.py", fs::file_time_type::clock::now() - std::chrono::hours(1));
    fs::permissions(dir / "app.py", fs::perms::owner_read | fs::perms::owner_write);
    if (::geteuid() == 0) CHECK_FALSE(image->read_source(source));
}

}  // namespace corotrace::symbols_core_image_test
