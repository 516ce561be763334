// SPDX-License-Identifier: MIT
#include "symbols/word_scan.hpp"

#include <algorithm>
#include <cstring>

#include "symbols/word_filter.hpp"

namespace corotrace {

namespace {

constexpr std::uint64_t kWord = sizeof(std::uint64_t);
constexpr std::uint64_t kChunkBytes = std::uint64_t{1}
                                      << 20;  // the fastest: big enough, and stays in the cache
constexpr std::uint64_t kPageBytes =
    4096;  // what is tried apart where a chunk fails; any divisor of a page serves
class Scan {
public:
    Scan(const RemoteMemory& memory, std::vector<RemoteAddr> targets, const WordVisitor& visit)
        : memory_(memory),
          targets_(std::move(targets)),
          filter_(targets_),
          visit_(visit),
          halves_(kChunkBytes / sizeof(std::uint32_t)) {
        std::ranges::sort(targets_);
    }

    // False: the visitor has enough.
    Result<bool> run(AddressSpan span) {
        span.start.value = (span.start.value + kWord - 1) / kWord * kWord;
        span.end.value = span.end.value / kWord * kWord;
        for (std::uint64_t at = span.start.value; at < span.end.value;) {
            const std::uint64_t size = std::min(kChunkBytes - at % kChunkBytes, span.end.value - at);
            CT_TRY(const bool goes_on, read_and_look(at, size, true));
            if (!goes_on) return false;
            at += size;
        }
        return true;
    }

    [[nodiscard]] const ScanFigures& figures() const { return figures_; }

private:
    Result<bool> read_and_look(std::uint64_t at, std::uint64_t size, bool splits) {
        const auto halves = std::span(halves_).first(size / sizeof(std::uint32_t));
        const auto done = memory_.read({at}, std::as_writable_bytes(halves));
        if (done) {
            figures_.bytes += size;
            return look(at, halves);
        }
        if (done.error().code == Errc::gone) return done.error();
        figures_.timed_out = done.error().code == Errc::timeout;
        if (figures_.timed_out) return false;
        if (!splits) {
            figures_.unread_bytes += size;
            return true;
        }
        for (const std::uint64_t end = at + size; at < end;) {
            const std::uint64_t part = std::min(kPageBytes - at % kPageBytes, end - at);
            CT_TRY(const bool goes_on, read_and_look(at, part, false));
            if (!goes_on) return false;
            at += part;
        }
        return true;
    }

    bool look(std::uint64_t at, std::span<const std::uint32_t> halves) {
        constexpr std::size_t kBlock = WordFilter::Block::extent;
        std::size_t i = 0;
        for (; i + kBlock <= halves.size(); i += kBlock) {
            const WordFilter::Block block(halves.subspan(i).first<kBlock>());
            if (filter_.may_hold(block) && !look_closely(at, block)) return false;
            at += block.size_bytes();
        }
        return look_closely(at, halves.subspan(i));
    }

    bool look_closely(std::uint64_t at, std::span<const std::uint32_t> halves) {
        for (std::size_t k = 0; k < halves.size(); k += 2, at += kWord) {
            std::uint64_t word = 0;
            std::memcpy(&word, &halves[k], sizeof word);
            if (!filter_.may_be(word) || !std::ranges::binary_search(targets_, RemoteAddr{word})) continue;
            if (!visit_({at}, word)) return false;
        }
        return true;
    }

    const RemoteMemory& memory_;
    std::vector<RemoteAddr> targets_;  // sorted
    WordFilter filter_;
    const WordVisitor& visit_;
    std::vector<std::uint32_t> halves_;  // of one chunk
    ScanFigures figures_;
};

}  // namespace

Result<ScanFigures> scan_words(const RemoteMemory& memory, std::span<const AddressSpan> spans,
                               std::vector<RemoteAddr> targets, const WordVisitor& visit) {
    Scan scan(memory, std::move(targets), visit);
    for (const AddressSpan& span : spans) {
        CT_TRY(const bool goes_on, scan.run(span));
        if (!goes_on) break;
    }
    return scan.figures();
}

}  // namespace corotrace
