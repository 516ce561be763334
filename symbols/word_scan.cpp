// SPDX-License-Identifier: MIT
#include "symbols/word_scan.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "symbols/word_filter.hpp"

namespace corotrace {

namespace {

constexpr std::uint64_t kWord = sizeof(std::uint64_t);
// The fastest: big enough for one read, and stays in the second cache of a processor.
constexpr std::uint64_t kChunkBytes = std::uint64_t{1} << 18;
// What is tried apart where a chunk fails; any divisor of a page serves.
constexpr std::uint64_t kPageBytes = 4096;
// Chunks that may be in work at once: what the visitor takes long for lets the other thread run ahead so far.
constexpr std::size_t kSlots = 8;
// Of less a second thread is not worth its start.
constexpr std::uint64_t kMuch = std::uint64_t{16} << 20;

struct Hit {
    std::uint64_t at = 0;
    std::uint64_t word = 0;
};

struct Slot {
    AddressSpan chunk;
    std::vector<Hit> hits;
    ScanFigures figures;
    std::optional<Error> error;
    std::exception_ptr thrown;  // while it was looked through
    bool is_done = false;
};

// What a thread reads into: used again and again, so that it stays in the cache.
using Buffer = std::vector<std::uint32_t>;

Buffer make_buffer() {
    return Buffer(kChunkBytes / sizeof(std::uint32_t));
}

struct Targets {
    explicit Targets(std::vector<RemoteAddr> all) : sorted(std::move(all)), filter(sorted) {
        std::ranges::sort(sorted);
    }

    std::vector<RemoteAddr> sorted;
    WordFilter filter;
};

// Looks through one chunk.
class ChunkLook {
public:
    ChunkLook(const RemoteMemory& memory, const Targets& targets, Buffer& buffer, Slot& slot)
        : memory_(memory), targets_(targets), buffer_(buffer), slot_(slot) {
        slot_.hits.clear();
        slot_.figures = {};
        slot_.error.reset();
    }

    void run() { (void)read(slot_.chunk.start.value, slot_.chunk.end.value, true); }

private:
    // False: there is no use in more of it.
    bool read(std::uint64_t at, std::uint64_t end, bool splits) {
        const auto halves = std::span(buffer_).first((end - at) / sizeof(std::uint32_t));
        const auto done = memory_.read({at}, std::as_writable_bytes(halves));
        if (done) {
            slot_.figures.bytes += end - at;
            look(at, halves);
            return true;
        }
        if (done.error().code == Errc::gone) slot_.error = done.error();
        slot_.figures.timed_out = done.error().code == Errc::timeout;
        if (slot_.error || slot_.figures.timed_out) return false;
        if (!splits) {
            slot_.figures.unread_bytes += end - at;
            return true;
        }
        while (at < end) {
            const std::uint64_t next = std::min((at / kPageBytes + 1) * kPageBytes, end);
            if (!read(at, next, false)) return false;
            at = next;
        }
        return true;
    }

    void look(std::uint64_t at, std::span<const std::uint32_t> halves) {
        for (std::size_t i = 0; i < halves.size(); i += WordFilter::kBlockHalves) {
            i = targets_.filter.find_block(halves, i);
            const auto rest = halves.subspan(i);
            look_closely(at + i * sizeof(std::uint32_t),
                         rest.first(std::min(rest.size(), WordFilter::kBlockHalves)));
        }
    }

    void look_closely(std::uint64_t at, std::span<const std::uint32_t> halves) {
        for (std::size_t k = 0; k < halves.size(); k += 2, at += kWord) {
            std::uint64_t word = 0;
            std::memcpy(&word, &halves[k], sizeof word);
            if (!targets_.filter.may_be(word)) continue;
            if (std::ranges::binary_search(targets_.sorted, RemoteAddr{word}))
                slot_.hits.push_back({at, word});
        }
    }

    const RemoteMemory& memory_;
    const Targets& targets_;
    Buffer& buffer_;
    Slot& slot_;
};

// Cuts spans into chunks.
class Chunks {
public:
    explicit Chunks(std::span<const AddressSpan> spans) : spans_(spans) {}

    std::optional<AddressSpan> next() {
        while (!spans_.empty()) {
            const std::uint64_t start = (spans_.front().start.value + kWord - 1) / kWord * kWord;
            const std::uint64_t end = spans_.front().end.value / kWord * kWord;
            const std::uint64_t at = std::max(at_, start);
            if (at >= end) {
                spans_ = spans_.subspan(1);
                at_ = 0;
                continue;
            }
            at_ = std::min(end - at, kChunkBytes - at % kChunkBytes) + at;
            return AddressSpan{{at}, {at_}};
        }
        return std::nullopt;
    }

private:
    std::span<const AddressSpan> spans_;
    std::uint64_t at_ = 0;  // in the first of them; 0: at its beginning
};

// Chunks are claimed in order by whichever thread is free, and told to the visitor in order by that which
// called.
class Scan {
public:
    Scan(const RemoteMemory& memory, std::span<const AddressSpan> spans, std::vector<RemoteAddr> targets)
        : memory_(memory), targets_(std::move(targets)), chunks_(spans) {}
    Scan(const Scan&) = delete;
    Scan& operator=(const Scan&) = delete;
    ~Scan() {
        if (!helper_.joinable()) return;
        {
            const std::lock_guard lock(mutex_);
            has_ended_ = true;
        }
        changed_.notify_all();
        helper_.join();
    }

    Result<ScanFigures> run(const WordVisitor& visit, bool has_helper) {
        if (has_helper) start_helper();
        Buffer buffer = make_buffer();
        ScanFigures all;
        std::unique_lock lock(mutex_);
        for (;;) {
            Slot& next = slots_[told_ % kSlots];
            if (told_ < claimed_ && next.is_done) {
                lock.unlock();
                CT_TRY(const bool goes_on, tell(next, visit, all));
                if (!goes_on) return all;
                lock.lock();
                ++told_;
                changed_.notify_all();
            } else if (Slot* mine = claim()) {
                look(*mine, buffer, lock);
            } else if (told_ == claimed_) {
                return all;
            } else {
                changed_.wait(lock);
            }
        }
    }

private:
    void start_helper() {
        try {
            helper_ = std::thread([this, buffer = make_buffer()]() mutable { help(buffer); });
        } catch (const std::system_error&) {
            // Then without.
        }
    }

    void help(Buffer& buffer) {
        std::unique_lock lock(mutex_);
        while (!has_ended_) {
            if (Slot* mine = claim()) {
                look(*mine, buffer, lock);
                changed_.notify_all();
            } else if (is_all_claimed_) {
                return;
            } else {
                changed_.wait(lock);
            }
        }
    }

    // Null: too many are in work, or none is left. Needs the lock.
    Slot* claim() {
        if (is_all_claimed_ || claimed_ - told_ == kSlots) return nullptr;
        const auto chunk = chunks_.next();
        is_all_claimed_ = !chunk;
        if (!chunk) return nullptr;
        Slot& slot = slots_[claimed_++ % kSlots];
        slot.chunk = *chunk;
        slot.is_done = false;
        return &slot;
    }

    void look(Slot& slot, Buffer& buffer, std::unique_lock<std::mutex>& lock) {
        lock.unlock();
        try {
            ChunkLook(memory_, targets_, buffer, slot).run();
        } catch (...) {
            slot.thrown = std::current_exception();
        }
        lock.lock();
        slot.is_done = true;
    }

    // False: no more is to be told.
    static Result<bool> tell(const Slot& slot, const WordVisitor& visit, ScanFigures& all) {
        if (slot.thrown) std::rethrow_exception(slot.thrown);
        all.bytes += slot.figures.bytes;
        all.unread_bytes += slot.figures.unread_bytes;
        all.timed_out = slot.figures.timed_out;
        for (const Hit& hit : slot.hits) {
            if (!visit({hit.at}, hit.word)) return false;
        }
        if (slot.error) return *slot.error;
        return !slot.figures.timed_out;
    }

    const RemoteMemory& memory_;
    const Targets targets_;
    std::mutex mutex_;
    std::condition_variable changed_;
    Chunks chunks_;            // from here on under the mutex, but for slots in work
    std::size_t claimed_ = 0;  // chunks
    std::size_t told_ = 0;     // of these
    bool is_all_claimed_ = false;
    bool has_ended_ = false;
    std::array<Slot, kSlots> slots_;
    std::thread helper_;
};

}  // namespace

Result<ScanFigures> scan_words(const RemoteMemory& memory, std::span<const AddressSpan> spans,
                               std::vector<RemoteAddr> targets, const WordVisitor& visit,
                               ScanThreads threads) {
    std::uint64_t bytes = 0;
    for (const AddressSpan& span : spans) bytes += span.end.value - span.start.value;
    return Scan(memory, spans, std::move(targets)).run(visit, threads == ScanThreads::kTwo && bytes >= kMuch);
}

}  // namespace corotrace
