// SPDX-License-Identifier: MIT
#include "symbols/page_cache.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

namespace corotrace {

namespace {

// Not from the heap, for what was freed there may stay with the process.
std::byte* map_bytes(std::size_t size) {
    void* const place =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return place == MAP_FAILED ? nullptr : static_cast<std::byte*>(place);
}

}  // namespace

void PageCache::Unmap::operator()(std::byte* bytes) const {
    ::munmap(bytes, kMaxPages * kPageSize);
}

PageCache::PageCache(const RemoteMemory& under) : under_(under), bytes_(map_bytes(kMaxPages * kPageSize)) {}

void PageCache::clear() {
    ++generation_;
    used_ = 0;
}

void PageCache::release() {
    clear();
    ready_ = 0;
    if (bytes_) ::madvise(bytes_.get(), kMaxPages * kPageSize, MADV_DONTNEED);
}

void PageCache::make_ready() {
    if (!bytes_) return;
    clear();
    for (; ready_ < kReadyPages; ++ready_) *(bytes_.get() + ready_ * kPageSize) = std::byte{1};
}

Status PageCache::read(RemoteAddr from, std::span<std::byte> into) const {
    if (into.size() > kMaxBytes || from.value + into.size() < from.value) return under_.read(from, into);
    std::size_t done = 0;
    while (done < into.size()) {
        const std::uint64_t at = from.value + done;
        const std::size_t in_page = at % kPageSize;
        const std::size_t size = std::min(into.size() - done, kPageSize - in_page);
        if (const std::byte* bytes = page(at / kPageSize)) {
            std::memcpy(into.data() + done, bytes + in_page, size);
        } else if (auto read = under_.read({at}, into.subspan(done, size)); !read) {
            return read;
        }
        done += size;
    }
    return {};
}

const std::byte* PageCache::page(std::uint64_t number) const {
    if (!bytes_) return nullptr;
    // Neighbouring pages go to neighbouring sets; the high bits keep far mappings apart.
    const std::size_t set = (number ^ (number >> 12) ^ (number >> 24)) % kSets;
    Slot* const first = &slots_[set * kWays];
    for (std::size_t way = 0; way < kWays; ++way) {
        if (first[way].page == number && first[way].generation == generation_) {
            return &bytes_[first[way].place * kPageSize];
        }
    }
    Slot& victim = first[next_victim_[set]++ % kWays];
    // There are as many places as slots, and one that is valid has its own.
    const std::size_t place = victim.generation == generation_ ? victim.place : used_;
    std::byte* const into = &bytes_[place * kPageSize];
    victim.page = kNoPage;
    if (!under_.read({number * kPageSize}, {into, kPageSize})) return nullptr;
    if (place == used_) ++used_;
    victim = {number, generation_, place};
    return into;
}

}  // namespace corotrace
