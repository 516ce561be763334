// SPDX-License-Identifier: MIT
#include "tracer/probes/planted_probes.hpp"

#include <algorithm>
#include <bit>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <random>
#include <span>
#include <utility>

#include "tracer/probes/block_plan.hpp"
#include "tracer/probes/leftovers.hpp"
#include "tracer/process/code_write.hpp"

namespace corotrace {

namespace {

// An address and a number that take as many bytes in an instruction as any.
constexpr RemoteAddr kAnyData{0x7fff'ffff'0000};

// Header and code as they stand in the cave. The header lets a later corotrace find the data block.
std::vector<std::byte> stub_image(RemoteAddr data, const std::vector<std::byte>& code) {
    const std::uint64_t header[] = {~kStubMagic, data.value};
    static_assert(sizeof(header) == kStubHeaderBytes);
    const auto header_bytes = std::as_bytes(std::span(header));
    std::vector<std::byte> image(header_bytes.begin(), header_bytes.end());
    image.insert(image.end(), code.begin(), code.end());
    return image;
}

// Slots of one kind that led to the same place share an entry: these are the first ones.
std::vector<const SlotPlan*> find_entries(const ProbePlan& plan) {
    std::vector<const SlotPlan*> entries;
    for (const SlotPlan& slot : plan.slots) {
        const bool known = std::ranges::any_of(entries, [&](const SlotPlan* other) {
            return other->kind == slot.kind && other->entry.original == slot.entry.original;
        });
        if (!known) entries.push_back(&slot);
    }
    return entries;
}

// Where there is no room for all: what is counted, then what checks that count, then the rest.
std::vector<const SlotPlan*> by_importance(const ProbePlan& plan) {
    std::vector<const SlotPlan*> slots;
    for (const SlotPlan& slot : plan.slots) {
        if (!slot.slot.is_null()) slots.push_back(&slot);
    }
    const auto rank = [](const SlotPlan* slot) {
        if (slot->kind == ProbeKind::kWarning) return 1;
        if (slot->kind == ProbeKind::kExec) return 3;
        return slot->kind == ProbeKind::kLostTask ? 2 : 0;
    };
    std::ranges::stable_sort(slots, {}, rank);
    return slots;
}

Result<arch::StubCode> assemble(const ProbePlan& plan, RemoteAddr data, std::uint32_t capacity, int signal) {
    arch::StubSpec spec{.data = data,
                        .offsets = stub_data_offsets(capacity),
                        .stop_signal = signal,
                        .entries = {},
                        .walk = plan.walk};
    for (const SlotPlan* slot : find_entries(plan)) spec.entries.push_back(slot->entry);
    return arch::make_stub(spec);
}

Result<CaveSizes> measure(const ProbePlan& plan, int signal) {
    CT_TRY(const auto draft, assemble(plan, kAnyData, stub_capacity(kMostPieces), signal));
    return CaveSizes{.code = kStubHeaderBytes + draft.bytes.size(),
                     .least_data = stub_head_bytes(1, 0) + kPieceBytes,
                     .further_data = kPieceBytes,
                     .wanted_data = stub_head_bytes(kMostPieces, kMostCaptures) + kMostPieces * kPieceBytes};
}

}  // namespace

Result<std::vector<PlannedWrite>> plan_writes(pid_t pid, const ProcessMemory& memory, SymbolIndex& symbols,
                                              const ProbePlan& plan) {
    CT_TRY(const auto sizes, measure(plan, SIGURG));
    CT_TRY(const auto caves, find_caves(pid, memory, symbols, sizes));
    const BlockPlan block = plan_block(caves.data, false);
    std::vector<PlannedWrite> writes{{caves.data.front().start, block.first_bytes,
                                      "counters, behind the data of " + caves.data.front().module}};
    for (std::size_t i = 1; i < caves.data.size(); ++i) {
        const Cave& cave = caves.data[i];
        const auto pieces = std::ranges::count_if(block.pieces, [&](RemoteAddr piece) {
            return cave.start <= piece && piece < cave.start + cave.bytes;
        });
        if (pieces == 0) continue;
        writes.push_back({cave.start, static_cast<std::uint64_t>(pieces) * kPieceBytes,
                          "counters, behind the data of " + cave.module});
    }
    writes.push_back({caves.code.start, sizes.code, "code, behind the code of " + caves.code.module});
    for (const SlotPlan& slot : plan.slots) {
        if (slot.slot.is_null()) continue;
        writes.push_back({slot.slot, sizeof(std::uint64_t), describe(slot.kind)});
        if (!slot.call_version) continue;
        writes.push_back({version_of(slot.slot), sizeof(*slot.call_version), "version of that function"});
    }
    return writes;
}

Result<PlantedProbes> PlantedProbes::plant(pid_t pid, const ProcessMemory& memory, SymbolIndex& symbols,
                                           const ProbePlan& plan, const Settings& settings,
                                           const std::function<void()>& meanwhile) {
    CT_TRY(const auto sizes, measure(plan, settings.stop_signal));
    CT_TRY(const auto caves, find_caves(pid, memory, symbols, sizes));
    PlantedProbes probes(pid, memory);
    auto done = probes.write_stub(caves, plan, settings);
    if (done) done = probes.turn_slots();
    if (done) return probes;
    static_cast<void>(probes.remove(meanwhile));
    return done.error();
}

Status PlantedProbes::write_stub(const Caves& caves, const ProbePlan& plan, const Settings& settings) {
    BlockPlan block = plan_block(caves.data, settings.many_captures);
    pieces_ = std::move(block.pieces);
    data_ = caves.data.front().start;
    data_bytes_ = block.first_bytes;
    stub_ = caves.code.start;
    CT_TRY(const auto code, assemble(plan, data_, capacity(), settings.stop_signal));
    const auto image = stub_image(data_, code.bytes);
    stub_bytes_ = image.size();
    const RemoteAddr entry = stub_ + kStubHeaderBytes;
    stop_pc_ = entry + static_cast<std::uint64_t>(code.stop_pc);
    unblocked_pc_ = entry + static_cast<std::uint64_t>(code.unblocked_pc);

    StubDataHeader header;
    header.stub = stub_.value;
    header.stub_bytes = static_cast<std::uint32_t>(stub_bytes_);
    header.data_bytes = static_cast<std::uint32_t>(data_bytes_);
    header.capacity = capacity();
    header.budget = settings.budget;
    header.initial_stops = settings.initial_stops;
    header.owner = owner_ = std::random_device{}();
    header.pid = static_cast<std::uint32_t>(settings.pid);
    header.walk_depth = plan.walk ? settings.walk_depth : 0;
    header.capture_only = settings.capture_only ? 1 : 0;
    const PlacedTally placed = place_tally(settings.counted_before, capacity());
    put_tally(settings.counted_before, placed, header);
    ring_ = make_ring(block, data_);
    std::ranges::transform(ring_.parts, header.captures.begin(), &RemoteAddr::value);
    header.capture_room = ring_.room;
    const auto entries = find_entries(plan);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        entries_.push_back({.kind = entries[i]->kind,
                            .original = entries[i]->entry.original,
                            .start = entry + static_cast<std::uint64_t>(code.entries[i])});
    }
    for (const SlotPlan* plan_of : by_importance(plan)) {
        if (header.task_finalizer == 0) header.task_finalizer = plan_of->task_finalizer.value;
        Slot slot = make_slot(*plan_of);
        // Interpreters beyond are watched from their first drop on, if there is room then.
        if (!find_record(slot.records())) continue;
        slot.record = *find_record(slot.records());
        header.slots[slot.record] = {.address = slot.address.value, .original = slot.original.value};
        if (slot.call_version)
            header.slots[slot.record + 1] = version_record(slot.address, *slot.call_version);
        header.slot_count =
            std::max(header.slot_count, static_cast<std::uint32_t>(slot.record + slot.records()));
        slots_.push_back(slot);
    }
    planted_ = true;
    if (auto done = write_block(header); !done) return done;
    if (!settings.counted_before.rows.empty()) {
        if (auto done = write_rows(*memory_, pieces_, placed); !done) return done;
    }
    auto written = write_code(pid_, *memory_, stub_, image);
    if (!written) return std::move(written).error().in("writing the stub");
    stopped_to_write_ = *written == CodeWrite::kThreadStopped;
    return {};
}

// In one piece, so that whoever finds the header finds all of the table.
Status PlantedProbes::write_block(const StubDataHeader& header) const {
    const auto head = std::as_bytes(std::span(&header, 1));
    std::vector<std::byte> block(head.begin(), head.end());
    for (const RemoteAddr piece : pieces_) {
        const auto entry = std::as_bytes(std::span(&piece.value, 1));
        block.insert(block.end(), entry.begin(), entry.end());
    }
    return memory_->write(data_, block);
}

// The warning path first: what is counted on the deallocation path must find it turned.
Status PlantedProbes::turn_slots() {
    std::stable_partition(slots_.begin(), slots_.end(),
                          [](const Slot& slot) { return slot.kind == ProbeKind::kWarning; });
    for (Slot& slot : slots_) {
        CT_TRY(const auto now, memory_->read_pointer(slot.address));
        if (now != slot.original) return Error{Errc::malformed, 0, "a slot changed while it was planned"};
        if (auto done = turn(slot); !done) return done;
    }
    return {};
}

// In this order: a function that is called by way of the stub is given no new version.
Status PlantedProbes::turn(Slot& slot) const {
    slot.turned = true;
    if (auto done = write_slot(*memory_, slot.address, slot.redirected); !done) return done;
    return slot.call_version ? write_version(*memory_, slot.address, 0) : Status{};
}

Status PlantedProbes::turn_back(Slot& slot) {
    if (!slot.turned) return {};
    const AddressRange stub{stub_, stub_ + stub_bytes_};
    if (slot.call_version) {
        if (auto done = restore_version(*memory_, slot.address, *slot.call_version, stub); !done) return done;
    }
    auto done = restore_slot(pid_, *memory_, slot.address, slot.original, stub);
    if (done) slot.turned = false;
    return done;
}

Result<StubCounters> PlantedProbes::read_counters() const {
    CT_TRY(const auto counters, read_stub_counters(*memory_, data_));
    if (counters.owner != owner_)
        return Error{Errc::malformed, 0, "the stub's block belongs to another program"};
    return counters;
}

bool PlantedProbes::counts_warnings() const {
    return std::ranges::any_of(slots_, [](const Slot& slot) { return slot.kind == ProbeKind::kWarning; });
}

bool PlantedProbes::has_slot(RemoteAddr address) const {
    return std::ranges::any_of(slots_, [&](const Slot& slot) { return slot.address == address; });
}

const PlantedProbes::Entry* PlantedProbes::find_entry(const SlotPlan& plan) const {
    const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) {
        return entry.kind == plan.kind && entry.original == plan.entry.original;
    });
    return found == entries_.end() ? nullptr : &*found;
}

PlantedProbes::Slot PlantedProbes::make_slot(const SlotPlan& plan) const {
    const Entry* entry = find_entry(plan);
    return {.kind = plan.kind,
            .address = plan.slot,
            .original = plan.entry.original,
            .redirected = entry == nullptr ? RemoteAddr{} : entry->start,
            .call_version = plan.call_version};
}

std::optional<std::size_t> PlantedProbes::find_record(std::size_t records) const {
    for (std::size_t first = 0; first + records <= kMaxSlots; ++first) {
        const bool taken = std::ranges::any_of(slots_, [&](const Slot& slot) {
            return slot.record < first + records && first < slot.record + slot.records();
        });
        if (!taken) return first;
    }
    return std::nullopt;
}

Status PlantedProbes::add_slot(const SlotPlan& plan) {
    const auto same = std::ranges::find(slots_, plan.slot, &Slot::address);
    // Another function lies there now, if the slot has the value that it had before.
    if (same != slots_.end() && plan.entry.original == same->original) {
        if (plan.call_version != same->call_version) {
            same->call_version = plan.call_version;
            if (auto done = record(*same); !done) return done;
        }
        return turn(*same);
    }
    if (same != slots_.end()) return {};
    Slot slot = make_slot(plan);
    if (slot.redirected.is_null()) {
        return Error{Errc::unsupported, 0, "the stub has no entry for this slot"};
    }
    const auto place = find_record(slot.records());
    if (!place) return Error{Errc::not_found, 0, "no room for a further slot"};
    slot.record = *place;
    if (!plan.task_finalizer.is_null()) {
        if (auto done = write_stub_task_finalizer(*memory_, data_, plan.task_finalizer); !done) return done;
    }
    // Recorded before it is turned: whoever has to undo it after a kill finds it.
    if (auto done = record(slot); !done) return done;
    slots_.push_back(slot);
    return turn(slots_.back());
}

Status PlantedProbes::record(const Slot& slot) const {
    if (slot.call_version) {
        auto done = write_stub_slot(*memory_, data_, slot.record + 1,
                                    version_record(slot.address, *slot.call_version));
        if (!done) return done;
    }
    return write_stub_slot(*memory_, data_, slot.record,
                           {.address = slot.address.value, .original = slot.original.value});
}

Status PlantedProbes::forget_slot(RemoteAddr address) {
    const auto slot = std::ranges::find(slots_, address, &Slot::address);
    if (slot == slots_.end()) return {};
    // Should it be there after all, nothing that is forgotten may lead to the stub.
    const auto now = memory_->read_pointer(address);
    if (now && *now == slot->redirected) {
        if (auto done = turn_back(*slot); !done) return done;
    }
    auto done = write_stub_slot(*memory_, data_, slot->record, {});
    if (done && slot->call_version) done = write_stub_slot(*memory_, data_, slot->record + 1, {});
    slots_.erase(slot);
    return done;
}

Status PlantedProbes::grant(std::size_t index, std::uint32_t stops) const {
    return write_row_grant(*memory_, stub_row_address(data_, pieces_, index), stops);
}

// The address is what a register of the thread held.
bool PlantedProbes::has_row(RemoteAddr address) const {
    const RemoteAddr overflow = data_ + offsetof(StubDataHeader, overflow);
    const RemoteAddr call_overflow = data_ + offsetof(StubDataHeader, call_overflow);
    if (address == overflow || address == call_overflow) return true;
    return std::ranges::any_of(pieces_, [&](RemoteAddr piece) {
        return piece <= address && address < piece + arch::RowLayout::kCounts &&
               (address.value - piece.value) % arch::RowLayout::kSize == 0;
    });
}

Status PlantedProbes::grant(RemoteAddr row, std::uint32_t stops) const {
    if (!has_row(row)) return Error{Errc::not_found, 0, "row of the stub's table"};
    return write_row_grant(*memory_, row, stops);
}

Status PlantedProbes::stop_counting() {
    if (auto done = write_stub_following(*memory_, data_, true); !done) return done.error();
    if (auto done = write_stub_budget(*memory_, data_, 0); !done) return done.error();
    for (Slot& slot : slots_) {
        if (slot.kind == ProbeKind::kWarning) continue;
        if (auto done = turn_back(slot); !done) return done.error();
    }
    return {};
}

Status PlantedProbes::remove(const std::function<void()>& meanwhile) {
    if (!planted_) return {};
    auto done = put_back(meanwhile);
    planted_ = false;  // whatever came of it: who is in the stub still would be there the second time, too
    return done;
}

Status PlantedProbes::put_back(const std::function<void()>& meanwhile) {
    Status result;
    const auto keep = [&](Status step) {
        if (!step && step.error().code != Errc::gone && result) result = std::move(step);
        return result.ok();
    };
    for (auto slot = slots_.rbegin(); slot != slots_.rend(); ++slot) keep(turn_back(*slot));
    // With a slot that could not be turned back the stub is still in use.
    if (!result) return result;
    if (!keep(clear_stub(pid_, *memory_, {stub_, stub_ + stub_bytes_}, meanwhile))) return result;
    for (const RemoteAddr piece : pieces_) keep(write_zeros(*memory_, piece, kPieceBytes));
    for (const RemoteAddr part : ring_.parts) {
        const bool inside = data_ <= part && part < data_ + data_bytes_;
        if (!part.is_null() && !inside) keep(write_zeros(*memory_, part, kCaptureBytes));
    }
    keep(write_zeros(*memory_, data_, data_bytes_));
    return result;
}

PlantedProbes::PlantedProbes(PlantedProbes&& other) noexcept
    : pid_(other.pid_),
      memory_(std::exchange(other.memory_, nullptr)),
      stub_(other.stub_),
      stub_bytes_(other.stub_bytes_),
      data_(other.data_),
      data_bytes_(other.data_bytes_),
      pieces_(std::move(other.pieces_)),
      ring_(other.ring_),
      owner_(other.owner_),
      stop_pc_(other.stop_pc_),
      unblocked_pc_(other.unblocked_pc_),
      planted_(std::exchange(other.planted_, false)),
      stopped_to_write_(other.stopped_to_write_),
      entries_(std::move(other.entries_)),
      slots_(std::move(other.slots_)) {}

PlantedProbes::~PlantedProbes() {
    if (memory_ == nullptr) return;
    // Nobody is left to tell; a caller who wants to know calls remove() first. Memory may be what ran out.
    try {
        static_cast<void>(remove({}));
    } catch (...) {
        return;
    }
}

}  // namespace corotrace
