// SPDX-License-Identifier: MIT
// LocalStub: the stub's machine code in this process, over a data block of this process, and objects made up
// for it.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <optional>
#include <vector>

#include "tests/support/catch.hpp"
#include "tracer/probes/stub_data.hpp"

namespace corotrace {

struct FakeObject {
    std::uint64_t refcount = 1;
    std::uint64_t code = 0;
    std::int32_t state = 0;
};

inline thread_local std::vector<const FakeObject*> g_finalized;

inline void fake_finalizer(const FakeObject* object) {
    g_finalized.push_back(object);
}

inline constexpr std::uint32_t kCapacity = 4;
inline constexpr std::uint32_t kCaptures = 2 * arch::CaptureLayout::kPerPart;
inline constexpr std::int32_t kCreated = 7;

// A stub in executable memory of this process, over a data block of this process.
class LocalStub {
public:
    template <typename Original>
    LocalStub(arch::StubEntry entry, Original* original,
              const std::optional<arch::StubWalk>& walk = std::nullopt, std::uint32_t capacity = kCapacity)
        : capacity_(capacity) {
        block_.directory = reinterpret_cast<std::uint64_t>(&block_.piece);
        // Its second part lies before its first.
        header().captures[0] =
            reinterpret_cast<std::uint64_t>(block_.captures.data() + arch::CaptureLayout::kPerPart);
        header().captures[1] = reinterpret_cast<std::uint64_t>(block_.captures.data());
        header().capture_room = kCaptures;
        entry.original = {reinterpret_cast<std::uint64_t>(original)};
        entry.counter =
            entry.call_key ? offsetof(StubDataHeader, handled) : offsetof(StubDataHeader, coroutines);
        const auto code = arch::make_stub({.data = {reinterpret_cast<std::uint64_t>(&block_)},
                                           .offsets = stub_data_offsets(capacity),
                                           .stop_signal = SIGURG,
                                           .entries = {entry},
                                           .walk = walk});
        REQUIRE(code);
        size_ = code->bytes.size();
        page_ = mmap(nullptr, size_, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        REQUIRE(page_ != MAP_FAILED);
        std::memcpy(page_, code->bytes.data(), size_);
        header().pid = static_cast<std::uint32_t>(getpid());
    }
    explicit LocalStub(const arch::StubEntry& entry) : LocalStub(entry, &fake_finalizer) {}
    LocalStub(const LocalStub&) = delete;
    LocalStub& operator=(const LocalStub&) = delete;
    ~LocalStub() { munmap(page_, size_); }

    void finalize(const FakeObject& object) const {
        reinterpret_cast<void (*)(const FakeObject*)>(page_)(&object);
    }
    std::uint64_t call(std::uint64_t function, const std::uint64_t* arguments, std::uint64_t count,
                       std::uint64_t names) const {
        using Vectorcall = std::uint64_t(std::uint64_t, const std::uint64_t*, std::uint64_t, std::uint64_t);
        return reinterpret_cast<Vectorcall*>(page_)(function, arguments, count, names);
    }
    StubDataHeader& header() { return block_.header; }
    // The row of a key.
    std::optional<StubRow> row(std::uint64_t key) const {
        for (const StubRow& row : rows()) {
            if (row.key == key) return row;
        }
        return std::nullopt;
    }
    std::vector<StubRow> rows() const {
        std::vector<StubRow> found;
        for (std::size_t i = 0; i < capacity_; ++i) {
            const StubRow row = parse_row(block_.piece.rows.at(i), block_.piece.counts.at(i));
            if (row.key != 0) found.push_back(row);
        }
        return found;
    }
    // What stands in the ring, in its order.
    std::vector<StubCapture> captures() const {
        std::vector<StubCapture> found;
        for (std::uint32_t slot = 0; slot < kCaptures; ++slot) {
            constexpr std::uint32_t kPerPart = arch::CaptureLayout::kPerPart;
            const RawCapture& capture = block_.captures.at((slot + kPerPart) % kCaptures);
            if (capture.key != 0) found.push_back(parse_capture(capture));
        }
        return found;
    }
    void put_rows(const RawPiece& rows) { block_.piece = rows; }
    void free_captures() {
        block_.captures = {};
        header().capture_freed = header().capture_next;
    }

private:
    struct Block {
        StubDataHeader header;
        std::uint64_t directory = 0;
        RawPiece piece;
        std::array<RawCapture, kCaptures> captures{};
    } block_;
    void* page_ = nullptr;
    std::uint32_t capacity_;  // rows, at most those of a piece
    std::size_t size_ = 0;
};

inline arch::StubEntry direct_entry() {
    return {.condition =
                arch::StubCondition{
                    .through = kAbsent, .field = offsetof(FakeObject, state), .width = 4, .value = kCreated},
            .counter = 0,
            .limit = {},
            .key_path = {offsetof(FakeObject, code)},
            .untag_key = false,
            .key_tag = 0,
            .call_key = {},
            .original = {}};
}

}  // namespace corotrace
