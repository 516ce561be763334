// SPDX-License-Identifier: MIT
// RecordedMemory: pages of a process in a file, with named facts about them, so that readers are tested
// where that process cannot run. RecordingMemory makes such files: it remembers every page read through it.
//
// The file, gzipped or not: the line "corotrace-image 1", lines "name=value" in any order, an empty line,
// then per page its address (8 bytes, little-endian, a multiple of 4096) and its 4096 bytes, to the end.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "symbols/bytes.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

inline constexpr std::size_t kImagePageSize = 4096;

// What a recorded process was: "version" -> "3.12.1", "runtime" -> "0x7f...". Names hold no '=', neither
// holds a newline.
using ImageFacts = std::map<std::string, std::string, std::less<>>;
using ImagePages = std::unordered_map<std::uint64_t, std::array<std::byte, kImagePageSize>>;

class RecordedMemory final : public RemoteMemory {
public:
    // Errors: io, malformed, unsupported (over kMaxBytes unpacked).
    [[nodiscard]] static Result<RecordedMemory> load(const std::string& path);
    // Pure, of an unpacked image. Errors: malformed.
    [[nodiscard]] static Result<RecordedMemory> parse(ByteView image);

    RecordedMemory(RecordedMemory&& other) noexcept;

    // Errors: unreadable (a page that was not recorded).
    [[nodiscard]] Status read(RemoteAddr from, std::span<std::byte> into) const override;

    [[nodiscard]] std::optional<std::string> fact(std::string_view name) const;
    // A fact written as 0x and hex digits.
    [[nodiscard]] std::optional<RemoteAddr> address_fact(std::string_view name) const;

    static constexpr std::size_t kMaxBytes = std::size_t{64} << 20;

private:
    RecordedMemory(ImageFacts facts, ImagePages pages);
    ImageFacts facts_;
    ImagePages pages_;
};

class RecordingMemory final : public RemoteMemory {
public:
    // `under` must outlive the recorder.
    explicit RecordingMemory(const RemoteMemory& under) : under_(under) {}

    // Each page is read once and answered from the copy afterwards, so the image holds what was seen.
    [[nodiscard]] Status read(RemoteAddr from, std::span<std::byte> into) const override;

    // Writes all pages read so far, gzipped. Errors: io, usage (a fact that the format cannot hold).
    [[nodiscard]] Status save(const std::string& path, const ImageFacts& facts) const;

private:
    const RemoteMemory& under_;
    mutable ImagePages pages_;
};

}  // namespace corotrace
