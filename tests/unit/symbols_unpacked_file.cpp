// SPDX-License-Identifier: MIT
// Packed files come out as they went in; cut and damaged ones give what came before, and say so.
#include "symbols/unpacked_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include <filesystem>

#include "symbols/read_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/made_core.hpp"
#include "tests/support/scratch_dir.hpp"

namespace corotrace::symbols_unpacked_file_test {

namespace {

// Larger than a chunk, with a run of zeros in it and at its end.
std::string make_text() {
    std::string text;
    for (int i = 0; i < 200'000; ++i) text += std::to_string(i * 7919);
    return text + std::string(1 << 20, '\0') + "middle" + std::string(1 << 20, '\0');
}

std::string pack_gzip(const std::string& text) {
    z_stream stream{};
    REQUIRE(::deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string packed(::deflateBound(&stream, text.size()), '\0');
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    REQUIRE(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
    packed.resize(stream.total_out);
    ::deflateEnd(&stream);
    return packed;
}

std::string pack_zstd(const std::string& text) {
    std::string packed(::ZSTD_compressBound(text.size()), '\0');
    ZSTD_CCtx* const context = ::ZSTD_createCCtx();
    ::ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);  // as zstd(1)
    packed.resize(::ZSTD_compress2(context, packed.data(), packed.size(), text.data(), text.size()));
    ::ZSTD_freeCCtx(context);
    return packed;
}

std::string read_all(const UniqueFd& fd) {
    struct stat about {};
    REQUIRE(::fstat(fd.get(), &about) == 0);
    std::string text(static_cast<std::size_t>(about.st_size), '?');
    REQUIRE(read_file(fd, 0, std::as_writable_bytes(std::span(text))) == text.size());
    return text;
}

UnpackedFile unpacked(const std::string& packed, const ScratchDir& dir) {
    auto file = unpack_file(memory_file(packed), dir.path());
    REQUIRE(file);
    return std::move(*file);
}

}  // namespace

TEST_CASE("unpacked file: gzip, zstd and neither") {
    const ScratchDir dir;
    const std::string text = make_text();
    for (const std::string& packed : {text, pack_gzip(text), pack_zstd(text)}) {
        const UnpackedFile file = unpacked(packed, dir);
        CHECK(read_all(file.fd) == text);
        CHECK_FALSE(file.is_cut);
    }
    CHECK(std::filesystem::is_empty(dir.path()));
}

TEST_CASE("unpacked file: several streams, one behind the other") {
    const ScratchDir dir;
    const std::string one = make_text();
    const std::string two = "the end";
    for (const std::string& packed : {pack_gzip(one) + pack_gzip(two), pack_zstd(one) + pack_zstd(two)}) {
        const UnpackedFile file = unpacked(packed, dir);
        CHECK(read_all(file.fd) == one + two);
        CHECK_FALSE(file.is_cut);
    }
}

TEST_CASE("unpacked file: one that is cut off or damaged gives what came before") {
    const ScratchDir dir;
    const std::string text = make_text();
    for (const std::string& packed : {pack_gzip(text), pack_zstd(text)}) {
        const UnpackedFile cut = unpacked(packed.substr(0, packed.size() / 2), dir);
        CHECK(cut.is_cut);
        const std::string start = read_all(cut.fd);
        CHECK((!start.empty() && start.size() < text.size() && text.starts_with(start)));
        CHECK(unpacked(packed.substr(0, 6), dir).is_cut);
        std::string damaged = packed;
        for (std::size_t at = packed.size() / 2; at < packed.size() / 2 + 64; ++at) damaged[at] ^= 0x5a;
        CHECK(unpacked(damaged, dir).is_cut);
        CHECK(unpacked(packed + "more", dir).is_cut);
    }
}

TEST_CASE("unpacked file: what cannot be unpacked is told") {
    const ScratchDir dir;
    const auto xz = unpack_file(memory_file(std::string("\xfd"
                                                        "7zXZ\0more",
                                                        10)),
                                dir.path());
    REQUIRE_FALSE(xz);
    CHECK(xz.error().code == Errc::unsupported);
    CHECK(xz.error().what.find("xz -d") != std::string::npos);
    const auto nowhere = unpack_file(memory_file(pack_gzip("text")), dir / "none");
    REQUIRE_FALSE(nowhere);
    CHECK(nowhere.error().what.find("TMPDIR") != std::string::npos);
    CHECK(read_all(unpacked("", dir).fd).empty());
}

}  // namespace corotrace::symbols_unpacked_file_test
