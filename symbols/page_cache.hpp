// SPDX-License-Identifier: MIT
// PageCache: keeps whole pages of another memory for the time of one stop, because a read costs per call and
// not per byte. Call clear() when the target has run. A read that needs a page that cannot be read as a
// whole falls through, so it fails only if the wanted bytes are not there.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "symbols/remote_memory.hpp"

namespace corotrace {

// PageMemory: what caches keep their pages in. Several caches may have one together, if no two threads use
// them at once: what one of them has read is forgotten when another reads.
class PageMemory {
public:
    static constexpr std::size_t kPageSize = 4096;
    static constexpr std::size_t kPages = 256;  // 1 MiB of address space; memory as it is used
    // The first look at a stack of 20 frames takes some 140.
    static constexpr std::size_t kReadyPages = 160;

    PageMemory();

    // Takes kReadyPages from the system now, so that no read waits for them: where the system has to ask for
    // a page elsewhere (a virtual machine that gives back what it does not use), one took 40 us. Idempotent.
    void make_ready();

private:
    friend class PageCache;
    struct Unmap {
        void operator()(std::byte* bytes) const;
    };
    std::unique_ptr<std::byte[], Unmap> bytes_;  // null: none is to be had, and nothing is kept
    std::uint64_t generation_ = 0;               // of what is kept; each is another one
    std::size_t used_ = 0;   // pages, from the beginning on, so that no more is touched than is needed
    std::size_t ready_ = 0;  // the same that were touched
};

class PageCache final : public RemoteMemory {
public:
    static constexpr std::size_t kPageSize = PageMemory::kPageSize;
    static constexpr std::size_t kMaxPages = PageMemory::kPages;

    // `under` must outlive the cache.
    explicit PageCache(const RemoteMemory& under, std::shared_ptr<PageMemory> memory = nullptr);

    // Reads of more than kMaxBytes go straight through, uncached.
    [[nodiscard]] Status read(RemoteAddr from, std::span<std::byte> into) const override;

    // Forgets all pages. Cost: nothing worth counting.
    void clear() { generation_ = 0; }

    static constexpr std::size_t kMaxBytes = 8 * kPageSize;

private:
    static constexpr std::size_t kWays = 4;
    static constexpr std::size_t kSets = kMaxPages / kWays;
    static constexpr std::uint64_t kNoPage = ~std::uint64_t{0};
    struct Slot {
        std::uint64_t page = kNoPage;
        std::uint64_t generation = 0;  // valid if it is the cache's
        std::size_t place = 0;         // of its bytes, in pages
    };

    // The page's bytes, or nullptr if it cannot be read as a whole or kept.
    const std::byte* page(std::uint64_t number) const;
    void take_memory() const;

    const RemoteMemory& under_;
    std::shared_ptr<PageMemory> memory_;
    mutable std::uint64_t generation_ = 0;  // that of the memory if it is ours; 0: nothing is kept
    mutable std::array<Slot, kMaxPages> slots_{};
    mutable std::array<std::uint8_t, kSets> next_victim_{};
};

}  // namespace corotrace
