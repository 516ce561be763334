// SPDX-License-Identifier: MIT
// CoreFile: an ELF core file: the memory that it holds, and what its notes tell. What it left out, or what
// was cut off with its end, is unreadable and never zeros. The file is hostile: every count and extent is
// checked against it and capped, and it is read with pread(2), never mapped, so that one that shrinks is no
// SIGBUS. May be read by several threads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "symbols/core_notes.hpp"
#include "symbols/remote_memory.hpp"
#include "symbols/unique_fd.hpp"

namespace corotrace {

// A PT_LOAD: a mapping of the process, with the first bytes of it that the core has.
struct CoreSegment {
    RemoteAddr start;
    std::uint64_t size = 0;         // of the mapping
    std::uint64_t dumped = 0;       // that the core should hold
    std::uint64_t held = 0;         // that it does hold: less, if it was cut off
    std::uint64_t file_offset = 0;  // of them, in the core
    bool readable = false;
    bool writable = false;
    bool executable = false;

    [[nodiscard]] RemoteAddr end() const { return start + size; }
};

class CoreFile final : public RemoteMemory {
public:
    // Errors: io, malformed (no core file, or one whose extents cannot be), unsupported (32-bit, big-endian,
    // over kMaxSegments).
    [[nodiscard]] static Result<std::unique_ptr<CoreFile>> open(UniqueFd fd);

    // Errors: unreadable (not in the core).
    [[nodiscard]] Status read(RemoteAddr from, std::span<std::byte> into) const override;
    // How many of the first bytes the core holds; they are read.
    [[nodiscard]] std::size_t read_part(RemoteAddr from, std::span<std::byte> into) const;

    // By address, without overlap.
    [[nodiscard]] std::span<const CoreSegment> segments() const { return segments_; }
    // The segment that holds `address`, or nullptr. Logarithmic.
    [[nodiscard]] const CoreSegment* find(RemoteAddr address) const;
    [[nodiscard]] const CoreNotes& notes() const { return notes_; }
    // Bytes of memory that the core should hold and that were cut off.
    [[nodiscard]] std::uint64_t cut_bytes() const;

    static constexpr std::size_t kMaxSegments = std::size_t{1} << 18;  // four times vm.max_map_count
    static constexpr std::uint64_t kMaxNoteBytes = std::uint64_t{64} << 20;

private:
    CoreFile(UniqueFd fd, std::uint64_t size) : fd_(std::move(fd)), size_(size) {}
    [[nodiscard]] Status read_headers();
    void read_notes(std::uint64_t offset, std::uint64_t size);
    [[nodiscard]] bool read_bytes(std::uint64_t offset, std::span<std::byte> into) const;

    UniqueFd fd_;
    std::uint64_t size_ = 0;
    std::vector<CoreSegment> segments_;
    CoreNotes notes_;
    std::uint64_t note_bytes_ = 0;
};

}  // namespace corotrace
