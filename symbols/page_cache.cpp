// SPDX-License-Identifier: MIT
#include "symbols/page_cache.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace corotrace {

namespace {

// Not from the heap, for what was freed there may stay with the process.
std::byte* map_bytes(std::size_t size) {
    void* const place =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return place == MAP_FAILED ? nullptr : static_cast<std::byte*>(place);
}

}  // namespace

void PageMemory::Unmap::operator()(std::byte* bytes) const {
    ::munmap(bytes, kPages * kPageSize);
}

PageMemory::PageMemory() : bytes_(map_bytes(kPages * kPageSize)) {}

void PageMemory::make_ready() {
    for (; bytes_ && ready_ < kReadyPages; ++ready_) {
        volatile std::byte& first = bytes_[ready_ * kPageSize];
        first = first;  // what is kept there stays
    }
}

PageCache::PageCache(const RemoteMemory& under, std::shared_ptr<PageMemory> memory)
    : under_(under), memory_(memory ? std::move(memory) : std::make_shared<PageMemory>()) {}

// Nothing that was kept in it is any more.
void PageCache::take_memory() const {
    generation_ = ++memory_->generation_;
    memory_->used_ = 0;
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
    if (!memory_->bytes_) return nullptr;
    if (generation_ == 0 || generation_ != memory_->generation_) take_memory();
    // Neighbouring pages go to neighbouring sets; the high bits keep far mappings apart.
    const std::size_t set = (number ^ (number >> 12) ^ (number >> 24)) % kSets;
    Slot* const first = &slots_[set * kWays];
    for (std::size_t way = 0; way < kWays; ++way) {
        if (first[way].page == number && first[way].generation == generation_) {
            return &memory_->bytes_[first[way].place * kPageSize];
        }
    }
    Slot& victim = first[next_victim_[set]++ % kWays];
    // There are as many places as slots, and one that is valid has its own.
    const std::size_t place = victim.generation == generation_ ? victim.place : memory_->used_;
    std::byte* const into = &memory_->bytes_[place * kPageSize];
    victim.page = kNoPage;
    if (!under_.read({number * kPageSize}, {into, kPageSize})) return nullptr;
    if (place == memory_->used_) ++memory_->used_;
    victim = {number, generation_, place};
    return into;
}

}  // namespace corotrace
