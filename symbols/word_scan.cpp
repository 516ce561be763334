// SPDX-License-Identifier: MIT
#include "symbols/word_scan.hpp"

#include <algorithm>

#include "symbols/bytes.hpp"

namespace corotrace {

namespace {

constexpr std::uint64_t kWord = sizeof(std::uint64_t);
constexpr std::uint64_t kChunkBytes = std::uint64_t{1}
                                      << 20;  // the fastest: big enough, and stays in the cache
constexpr std::uint64_t kPageBytes =
    4096;  // what is tried apart where a chunk fails; any divisor of a page serves
constexpr std::size_t kBlockWords = 16;
constexpr std::uint64_t kClose = std::uint64_t{1} << 14;  // targets that share a range

constexpr std::size_t kMaxRanges = 16;

// Words from `low` to `low` + `width`: one subtraction and one comparison tell.
struct Range {
    std::uint64_t low = 0;
    std::uint64_t width = 0;
};

std::vector<Range> make_ranges(const std::vector<RemoteAddr>& sorted) {
    std::vector<Range> ranges;
    for (const RemoteAddr target : sorted) {
        if (!ranges.empty() && target.value - (ranges.back().low + ranges.back().width) <= kClose) {
            ranges.back().width = target.value - ranges.back().low;
        } else {
            ranges.push_back({target.value, 0});
        }
    }
    // Many ranges cost more than what they let through: neighbours become one.
    while (ranges.size() > kMaxRanges) {
        std::vector<Range> fewer;
        for (std::size_t i = 0; i < ranges.size(); i += 2) {
            const Range& last = ranges[std::min(i + 1, ranges.size() - 1)];
            fewer.push_back({ranges[i].low, last.low + last.width - ranges[i].low});
        }
        ranges = std::move(fewer);
    }
    return ranges;
}

class Scan {
public:
    Scan(const RemoteMemory& memory, std::vector<RemoteAddr> targets, const WordVisitor& visit)
        : memory_(memory), targets_(std::move(targets)), visit_(visit), words_(kChunkBytes / kWord) {
        std::ranges::sort(targets_);
        ranges_ = make_ranges(targets_);
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
        const auto words = std::span(words_).first(size / kWord);
        const auto done = memory_.read({at}, std::as_writable_bytes(words));
        if (done) {
            figures_.bytes += size;
            return look(at, words);
        }
        if (done.error().code == Errc::gone) return done.error();
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

    bool look(std::uint64_t at, std::span<const std::uint64_t> words) {
        std::size_t i = 0;
        for (; i + kBlockWords <= words.size(); i += kBlockWords) {
            if (has_candidate(words.subspan(i, kBlockWords)) && !look_closely(at, words, i, kBlockWords)) {
                return false;
            }
        }
        return look_closely(at, words, i, words.size() - i);
    }

    // Without a branch inside, so that the compiler can do several words at once.
    [[nodiscard]] bool has_candidate(std::span<const std::uint64_t> block) const {
        bool found = false;
        for (const Range& range : ranges_) {
            unsigned any = 0;
            for (std::size_t k = 0; k < kBlockWords; ++k) {
                any |= static_cast<unsigned>(block[k] - range.low <= range.width);
            }
            found = found || any != 0;
        }
        return found;
    }

    bool look_closely(std::uint64_t at, std::span<const std::uint64_t> words, std::size_t from,
                      std::size_t count) {
        for (std::size_t k = from; k < from + count; ++k) {
            if (!std::ranges::binary_search(targets_, RemoteAddr{words[k]})) continue;
            if (!visit_({at + k * kWord}, words[k])) return false;
        }
        return true;
    }

    const RemoteMemory& memory_;
    std::vector<RemoteAddr> targets_;  // sorted
    std::vector<Range> ranges_;
    const WordVisitor& visit_;
    std::vector<std::uint64_t> words_;
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
