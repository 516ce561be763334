// SPDX-License-Identifier: MIT
#include "tracer/probes/leftovers.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <thread>

#include "symbols/live_image.hpp"
#include "tracer/probes/block_plan.hpp"
#include "tracer/probes/code_cave.hpp"
#include "tracer/process/code_write.hpp"
#include "tracer/process/quiescence.hpp"

namespace corotrace {

namespace {

constexpr std::chrono::milliseconds kQuietLimit{2000};
constexpr std::uint64_t kMarkAlign = 16;
// The top byte is the version of the layout; the fields read here are those that all versions share.
constexpr std::uint64_t kNameMask = (std::uint64_t{1} << 56) - 1;

bool has_name(std::uint64_t word) {
    return (word & kNameMask) == (kStubMagic & kNameMask);
}

struct StubMark {
    std::uint64_t name = 0;  // inverted
    std::uint64_t data = 0;
};
static_assert(sizeof(StubMark) == kStubHeaderBytes);

// Written word by word the first one comes first, and cleared so it goes last: it may stand there alone.
bool leads_to(const RemoteMemory& memory, RemoteAddr stub, RemoteAddr data) {
    const auto mark = memory.read_as<StubMark>(stub);
    return mark && has_name(~mark->name) && (mark->data == data.value || mark->data == 0);
}

// Those that the block's directory names, and that are there.
std::vector<AddressRange> read_pieces(const RemoteMemory& memory, RemoteAddr data,
                                      const StubDataHeader& header) {
    std::vector<AddressRange> pieces;
    if (header.capacity > stub_capacity(kMostPieces)) return pieces;
    std::vector<std::uint64_t> directory(header.capacity / arch::RowLayout::kRowsPerPiece);
    const RemoteAddr start = data + sizeof(StubDataHeader);
    if (!memory.read(start, std::as_writable_bytes(std::span(directory)))) return pieces;
    std::vector<std::byte> rows(kPieceBytes);
    for (const std::uint64_t address : directory) {
        const bool inside = data.value <= address && address < data.value + header.data_bytes;
        if (inside || !memory.read({address}, rows)) continue;
        pieces.push_back({{address}, {address + kPieceBytes}});
    }
    // And the further parts of the ring.
    std::vector<std::byte> captures(kCaptureBytes);
    for (const std::uint64_t address : header.captures) {
        const bool inside = data.value <= address && address < data.value + header.data_bytes;
        if (address != 0 && !inside && memory.read({address}, captures))
            pieces.push_back({{address}, {address + kCaptureBytes}});
    }
    return pieces;
}

// The block at `data`, if it is one of ours; its addresses are taken for true only when they are used.
std::optional<Leftover> read_block(const RemoteMemory& memory, RemoteAddr data) {
    const auto header = memory.read_as<StubDataHeader>(data);
    if (!header || !has_name(header->magic)) return std::nullopt;
    if (header->stub_bytes > arch::kPageBytes || header->data_bytes > arch::kPageBytes ||
        header->slot_count > kMaxSlots) {
        return std::nullopt;
    }
    const RemoteAddr stub{header->stub};
    const bool is_present = header->magic == kStubMagic;
    return Leftover{.data = {data, data + header->data_bytes},
                    .pieces = is_present ? read_pieces(memory, data, *header) : std::vector<AddressRange>{},
                    .stub = {stub, stub + header->stub_bytes},
                    .has_stub = leads_to(memory, stub, data),
                    .slots = {header->slots.begin(), header->slots.begin() + header->slot_count},
                    .origin = is_present ? header->origin : OriginRecord{},
                    .beat = is_present ? header->beat : 0};
}

// Where a cave can be.
std::vector<Tail> find_tails(SymbolIndex& symbols) {
    std::vector<Tail> tails;
    for (const ElfModule* elf : symbols.modules()) {
        for (const Segment& segment : elf->segments()) {
            if (const auto tail = find_tail(symbols.memory_map(), segment)) tails.push_back(*tail);
        }
    }
    return tails;
}

// Those of its pieces that lie there: nothing else is cleared, whatever the block says.
void keep_in_tails(Leftover& leftover, const std::vector<Tail>& tails) {
    std::erase_if(leftover.pieces, [&](const AddressRange& piece) {
        return std::ranges::none_of(tails, [&](const Tail& tail) {
            return tail.writable && tail.start <= piece.start && piece.end <= tail.end;
        });
    });
}

// Addresses of data blocks that the words of a tail name or are.
Result<std::vector<RemoteAddr>> find_blocks(const RemoteMemory& memory, const Tail& tail) {
    std::vector<std::byte> bytes(tail.end.value - tail.start.value);
    if (auto done = memory.read(tail.start, bytes); !done) return done.error();
    std::vector<RemoteAddr> found;
    const std::uint64_t first = (tail.start.value + kMarkAlign - 1) & ~(kMarkAlign - 1);
    for (std::uint64_t at = first; at + sizeof(StubMark) <= tail.end.value; at += kMarkAlign) {
        const auto mark = load<StubMark>(bytes, static_cast<std::size_t>(at - tail.start.value));
        if (!mark) break;
        if (tail.writable && has_name(mark->name)) found.push_back({at});
        if (tail.executable && has_name(~mark->name)) found.push_back({mark->data});
    }
    return found;
}

bool is_code(const MemoryMap& map, RemoteAddr address) {
    const Mapping* mapping = map.find(address);
    return mapping != nullptr && mapping->executable;
}

}  // namespace

Result<std::vector<Leftover>> find_leftovers(const RemoteMemory& memory, SymbolIndex& symbols) {
    std::vector<Leftover> leftovers;
    std::optional<Error> unread;
    const std::vector<Tail> tails = find_tails(symbols);
    for (const Tail& tail : tails) {
        const auto blocks = find_blocks(memory, tail);
        if (!blocks && blocks.error().code == Errc::gone) return blocks.error();
        if (!blocks) {
            if (!unread) unread = blocks.error();
            continue;
        }
        for (const RemoteAddr data : *blocks) {
            const auto is_it = [&](const Leftover& one) { return one.data.start == data; };
            if (std::ranges::any_of(leftovers, is_it)) continue;
            if (auto block = read_block(memory, data)) leftovers.push_back(std::move(*block));
        }
    }
    for (Leftover& leftover : leftovers) keep_in_tails(leftover, tails);
    // "Nothing was left" is said only by who has seen everything.
    if (unread && leftovers.empty()) return *std::move(unread);
    return leftovers;
}

bool is_watched(const RemoteMemory& memory, const std::vector<Leftover>& leftovers,
                const std::function<void()>& meanwhile) {
    constexpr std::chrono::milliseconds kPause{20};
    const auto beats = [&](const Leftover& one) {
        const auto now = memory.read_as<std::uint32_t>(one.data.start + offsetof(StubDataHeader, beat));
        return one.beat != 0 && now && *now != one.beat;
    };
    if (std::ranges::none_of(leftovers, [](const Leftover& one) { return one.beat != 0; })) return false;
    const auto enough = std::chrono::steady_clock::now() + kBeatAtLeast;
    while (std::chrono::steady_clock::now() < enough) {
        if (std::ranges::any_of(leftovers, beats)) return true;
        meanwhile();
        std::this_thread::sleep_for(kPause);
    }
    return false;
}

Status write_slot(const ProcessMemory& memory, RemoteAddr slot, RemoteAddr value) {
    return memory.write(slot, std::as_bytes(std::span(&value.value, 1)));
}

Status write_zeros(const ProcessMemory& memory, RemoteAddr start, std::uint64_t bytes) {
    return memory.write(start, std::vector<std::byte>(bytes));
}

Status restore_slot(pid_t pid, const ProcessMemory& memory, RemoteAddr slot, RemoteAddr original,
                    AddressRange stub) {
    const auto now = memory.read_pointer(slot);
    if (!now && now.error().code == Errc::unreadable) return {};  // unmapped together with its object
    if (!now) return now.error();
    if (*now == original) return {};
    CT_TRY(const auto map, LiveImage(pid, memory).read_map());
    if (!stub.contains(*now)) {
        if (!is_code(map, *now)) return {};
        return Error{Errc::malformed, 0, "another program redirected a slot meanwhile"};
    }
    if (!is_code(map, original)) {
        return Error{Errc::malformed, 0, "the address that a slot had before is no code"};
    }
    return write_slot(memory, slot, original);
}

Status write_version(const ProcessMemory& memory, RemoteAddr slot, std::uint32_t version) {
    return memory.write(version_of(slot), std::as_bytes(std::span(&version, 1)));
}

Status restore_version(const ProcessMemory& memory, RemoteAddr slot, std::uint32_t version,
                       AddressRange stub) {
    const auto now = memory.read_pointer(slot);
    const auto version_now = memory.read_as<std::uint32_t>(version_of(slot));
    if (!now && now.error().code == Errc::gone) return now.error();
    if (!now || !stub.contains(*now) || !version_now || *version_now != 0) return {};
    return write_version(memory, slot, version);
}

Status clear_stub(pid_t pid, const ProcessMemory& memory, AddressRange stub,
                  const std::function<void()>& meanwhile) {
    if (auto quiet = wait_until_outside(pid, stub.start, stub.end, kQuietLimit, meanwhile); !quiet) {
        return quiet;
    }
    const auto cleared = clear_code(pid, memory, stub.start, stub.end.value - stub.start.value);
    return cleared ? Status{} : cleared.error();
}

std::vector<RemoteAddr> starts_of(const std::vector<AddressRange>& ranges) {
    std::vector<RemoteAddr> starts;
    starts.reserve(ranges.size());
    for (const AddressRange& range : ranges) starts.push_back(range.start);
    return starts;
}

Result<StubTally> remove_leftover(pid_t pid, const ProcessMemory& memory, const Leftover& leftover,
                                  const std::function<void()>& meanwhile) {
    for (std::size_t i = 0; i < leftover.slots.size(); ++i) {
        const SlotRecord& slot = leftover.slots[i];
        if (slot.address % 2 != 0) continue;
        if (i + 1 < leftover.slots.size() &&
            leftover.slots[i + 1].address == version_record({slot.address}, 0).address) {
            const auto version = static_cast<std::uint32_t>(leftover.slots[i + 1].original);
            auto done = restore_version(memory, {slot.address}, version, leftover.stub);
            if (!done) return done.error();
        }
        auto done = restore_slot(pid, memory, {slot.address}, {slot.original}, leftover.stub);
        if (!done) return done.error();
    }
    if (leftover.has_stub) {
        if (auto done = clear_stub(pid, memory, leftover.stub, meanwhile); !done) return done.error();
    }
    auto counted = read_stub_tally(memory, leftover.data.start, starts_of(leftover.pieces));
    for (const AddressRange& piece : leftover.pieces) {
        auto done = write_zeros(memory, piece.start, piece.end.value - piece.start.value);
        if (!done) return done.error();
    }
    auto done = write_zeros(memory, leftover.data.start, leftover.data.end.value - leftover.data.start.value);
    if (!done) return done.error();
    return counted ? std::move(counted).value() : StubTally{};
}

}  // namespace corotrace
