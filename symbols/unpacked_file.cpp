// SPDX-License-Identifier: MIT
#include "symbols/unpacked_file.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <optional>
#include <vector>

#include "symbols/bytes.hpp"
#include "symbols/read_file.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kUnpackBytes = std::size_t{256} << 10;

// Takes packed bytes, gives unpacked ones.
class Decoder {
public:
    struct Step {
        std::size_t taken = 0;
        std::size_t given = 0;
        bool is_damaged = false;
    };
    Decoder() = default;
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;
    virtual ~Decoder() = default;
    [[nodiscard]] virtual Step step(ByteView packed, std::span<std::byte> into) = 0;
    // Whether the bytes may end here.
    [[nodiscard]] virtual bool is_whole() const = 0;
};

// A file may hold several streams, one behind the other: gzip(1).
class GzipDecoder final : public Decoder {
public:
    GzipDecoder() { is_ready_ = ::inflateInit2(&stream_, kGzipOnly) == Z_OK; }
    ~GzipDecoder() override { ::inflateEnd(&stream_); }

    Step step(ByteView packed, std::span<std::byte> into) override {
        if (is_ended_ && packed.empty()) return {};
        if (!is_ready_ || (is_ended_ && ::inflateReset(&stream_) != Z_OK)) return {.is_damaged = true};
        // zlib does not write to what it reads; its older interface says nothing of it.
        stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));
        stream_.avail_in = static_cast<uInt>(packed.size());
        stream_.next_out = reinterpret_cast<Bytef*>(into.data());
        stream_.avail_out = static_cast<uInt>(into.size());
        const int state = ::inflate(&stream_, Z_NO_FLUSH);
        is_ended_ = state == Z_STREAM_END;
        return {.taken = packed.size() - stream_.avail_in,
                .given = into.size() - stream_.avail_out,
                .is_damaged = state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR};
    }
    [[nodiscard]] bool is_whole() const override { return is_ended_; }

private:
    static constexpr int kGzipOnly = 15 + 16;  // zlib.h, inflateInit2()
    z_stream stream_{};
    bool is_ready_ = false;
    bool is_ended_ = false;
};

// Its window is at most 128 MiB, unless it is told otherwise: zstd.h, ZSTD_d_windowLogMax.
class ZstdDecoder final : public Decoder {
public:
    Step step(ByteView packed, std::span<std::byte> into) override {
        if (is_ended_ && packed.empty()) return {};
        if (!stream_) return {.is_damaged = true};
        ZSTD_inBuffer in{packed.data(), packed.size(), 0};
        ZSTD_outBuffer out{into.data(), into.size(), 0};
        const std::size_t left = ::ZSTD_decompressStream(stream_.get(), &out, &in);
        is_ended_ = left == 0;
        return {.taken = in.pos, .given = out.pos, .is_damaged = ::ZSTD_isError(left) != 0};
    }
    [[nodiscard]] bool is_whole() const override { return is_ended_; }

private:
    struct End {
        void operator()(ZSTD_DStream* stream) const { ::ZSTD_freeDStream(stream); }
    };
    std::unique_ptr<ZSTD_DStream, End> stream_{::ZSTD_createDStream()};
    bool is_ended_ = false;
};

// What is written to: a file that ends with its descriptor. Runs of zeros become holes.
class Output {
public:
    static Result<Output> make(const std::string& folder) {
        UniqueFd fd(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
        if (!fd.is_open()) {  // a file system without O_TMPFILE: open(2)
            std::string name = folder + "/corotrace-XXXXXX";
            fd = UniqueFd(::mkostemp(name.data(), O_CLOEXEC));
            if (fd.is_open()) ::unlink(name.c_str());
        }
        if (!fd.is_open()) {
            return Error{Errc::io, errno,
                         "it is packed, and no file can be made in " + folder +
                             " to unpack it; name another folder by TMPDIR"};
        }
        return Output(std::move(fd), folder);
    }

    Status write(ByteView bytes) {
        if (size_ + bytes.size() > kMaxUnpackedBytes) {
            return Error{Errc::unsupported, 0, "it unpacks to more than can be meant"};
        }
        const bool is_zero = std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
        for (std::size_t done = 0; !is_zero && done < bytes.size();) {
            const ssize_t put = ::pwrite(fd_.get(), bytes.data() + done, bytes.size() - done,
                                         static_cast<off_t>(size_ + done));
            if (put < 0 && errno == EINTR) continue;
            if (put <= 0) {
                return Error{Errc::io, errno,
                             "it is packed, and there is no room in " + folder_ +
                                 " to unpack it; name another folder by TMPDIR"};
            }
            done += static_cast<std::size_t>(put);
        }
        size_ += bytes.size();
        return {};
    }

    Result<UniqueFd> finish() {
        if (::ftruncate(fd_.get(), static_cast<off_t>(size_)) != 0) {
            return Error{Errc::io, errno, "the end of what was unpacked into " + folder_};
        }
        return std::move(fd_);
    }

private:
    Output(UniqueFd fd, std::string folder) : fd_(std::move(fd)), folder_(std::move(folder)) {}
    UniqueFd fd_;
    std::string folder_;
    std::uint64_t size_ = 0;
};

Result<std::unique_ptr<Decoder>> choose_decoder(const UniqueFd& fd) {
    std::array<unsigned char, 6> start{};
    const std::size_t size = read_file(fd, 0, std::as_writable_bytes(std::span(start)));
    const auto begins = [&](std::initializer_list<unsigned char> magic) {
        return size >= magic.size() && std::equal(magic.begin(), magic.end(), start.begin());
    };
    // Source: RFC 1952, RFC 8878, xz-file-format 2.1.1.1, lz4_Frame_format.
    if (begins({0x1f, 0x8b})) return std::unique_ptr<Decoder>(std::make_unique<GzipDecoder>());
    if (begins({0x28, 0xb5, 0x2f, 0xfd})) return std::unique_ptr<Decoder>(std::make_unique<ZstdDecoder>());
    if (begins({0xfd, '7', 'z', 'X', 'Z', 0})) {
        return Error{Errc::unsupported, 0, "it is packed by xz; unpack it first: xz -d"};
    }
    if (begins({0x04, 0x22, 0x4d, 0x18})) {
        return Error{Errc::unsupported, 0, "it is packed by lz4; unpack it first: lz4 -d"};
    }
    return std::unique_ptr<Decoder>();
}

}  // namespace

Result<UnpackedFile> unpack_file(UniqueFd fd, const std::string& folder) {
    CT_TRY(const auto decoder, choose_decoder(fd));
    if (!decoder) return UnpackedFile{.fd = std::move(fd)};
    CT_TRY(auto output, Output::make(folder));
    std::vector<std::byte> packed(kUnpackBytes);
    std::vector<std::byte> unpacked(kUnpackBytes);
    bool is_damaged = false;
    for (std::uint64_t at = 0; !is_damaged;) {
        const std::size_t size = read_file(fd, at, packed);
        if (size == 0) break;
        at += size;
        ByteView left = std::span(packed).first(size);
        // A full output may leave more to come of bytes that were taken.
        for (bool is_more = true; !is_damaged && (is_more || !left.empty());) {
            const Decoder::Step step = decoder->step(left, unpacked);
            left = left.subspan(step.taken);
            is_damaged = step.is_damaged || (step.taken == 0 && step.given == 0 && !left.empty());
            is_more = step.given == unpacked.size();
            if (auto done = output.write(ByteView(unpacked).first(step.given)); !done) {
                return std::move(done).error();
            }
        }
    }
    CT_TRY(auto whole, output.finish());
    return UnpackedFile{.fd = std::move(whole), .is_cut = is_damaged || !decoder->is_whole()};
}

}  // namespace corotrace
