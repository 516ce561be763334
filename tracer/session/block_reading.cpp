// SPDX-License-Identifier: MIT
#include "tracer/session/block_reading.hpp"

#include <algorithm>
#include <span>

#include "tracer/probes/block_plan.hpp"
#include "tracer/probes/leftovers.hpp"
#include "tracer/probes/probe.hpp"

namespace corotrace {

namespace {

StubPieces read_directory(const RemoteMemory& memory, RemoteAddr data, const StubDataHeader& header) {
    std::vector<std::uint64_t> directory(
        std::min<std::size_t>(header.capacity / arch::RowLayout::kRowsPerPiece, kMostPieces));
    StubPieces pieces;
    if (!memory.read(data + sizeof(StubDataHeader), std::as_writable_bytes(std::span(directory))))
        return pieces;
    for (const std::uint64_t address : directory) pieces.push_back({address});
    return pieces;
}

// Those that were not taken: what is taken is cleared.
std::vector<StubCapture> read_captures(const RemoteMemory& memory, const StubDataHeader& header) {
    std::vector<StubCapture> captures;
    for (std::uint32_t slot = 0; slot < std::min(header.capture_room, kMostCaptures); ++slot) {
        const RemoteAddr part{header.captures.at(slot >> arch::CaptureLayout::kPartShift)};
        const auto raw =
            memory.read_as<RawCapture>(part + (slot % arch::CaptureLayout::kPerPart) * sizeof(RawCapture));
        if (!part.is_null() && raw && raw->key != 0) captures.push_back(parse_capture(*raw));
    }
    return captures;
}

const char* type_of(ProbeKind kind) {
    switch (kind) {
        case ProbeKind::kAsend:
            return "async_generator_asend";
        case ProbeKind::kAthrow:
            return "async_generator_athrow";
        case ProbeKind::kCoroutine:
        case ProbeKind::kLostTask:
        case ProbeKind::kWarning:
        case ProbeKind::kExec:
            break;
    }
    return "coroutine";
}

class BlockReader {
public:
    BlockReader(ScanSubject& subject, const ProcessImage& image) : subject_(subject), image_(image) {}

    std::optional<WatchedFacts> read(RemoteAddr data) {
        const RemoteMemory& memory = image_.memory();
        const auto header = memory.read_as<StubDataHeader>(data);
        const auto counters = read_stub_counters(memory, data);
        if (!header || !counters) return std::nullopt;
        const auto rows = read_stub_rows(memory, data, read_directory(memory, data, *header));
        if (!rows) return std::nullopt;
        captures_ = read_captures(memory, *header);
        WatchedFacts facts{
            .never_awaited = counters->never_awaited(), .warned = counters->warned, .sites = {}};
        for (const StubRow& row : *rows) {
            const auto kind = static_cast<ProbeKind>(row.key & arch::kKeyTagMask);
            if (row.count == 0 || kind == ProbeKind::kLostTask) continue;
            auto site = row.key == 0 ? std::nullopt : name_row(row, type_of(kind));
            if (site) {
                facts.sites.push_back(std::move(*site));
            } else {
                facts.unnamed += row.count;
                facts.unnamed_places += row.key == 0 ? 0 : 1;
            }
        }
        std::ranges::stable_sort(facts.sites, std::ranges::greater{}, &WatchedSite::count);
        return facts;
    }

private:
    std::optional<WatchedSite> name_row(const StubRow& row, const char* type) {
        const auto capture = std::ranges::find(captures_, row.key, &StubCapture::key);
        const bool is_noted = capture != captures_.end();
        const std::uint64_t code_word = is_noted ? capture->code : row.key;
        const auto code = subject_.codes.find_or_read(image_.memory(), subject_.layout(),
                                                      {code_word & ~std::uint64_t{arch::kKeyTagMask}});
        if (!code) return std::nullopt;
        WatchedSite site{.count = row.count, .coroutine = {}, .stack = {}};
        site.coroutine.name = (*code)->name;
        site.coroutine.qualname = (*code)->qualname;
        site.coroutine.type = type;
        site.coroutine.file = (*code)->filename;
        site.coroutine.line = (*code)->first_line;
        if (is_noted) site.stack = read_stack(*capture);
        return site;
    }

    std::vector<Frame> read_stack(const StubCapture& capture) {
        std::vector<RawFrame> frames;
        for (const CapturedFrame& from : capture.frames) {
            auto code = subject_.codes.find_or_read(image_.memory(), subject_.layout(), from.code);
            if (!code) continue;  // it stands for a call of C
            if (auto frame = place_frame(subject_.layout(), *std::move(code), from.place))
                frames.push_back(std::move(*frame));
        }
        return to_frames(subject_, std::move(frames));
    }

    ScanSubject& subject_;
    const ProcessImage& image_;
    std::vector<StubCapture> captures_;
};

}  // namespace

std::vector<WatchedFacts> read_blocks(ScanSubject& subject, const ProcessImage& image) {
    std::vector<WatchedFacts> blocks;
    const auto found = find_leftovers(image.memory(), subject.symbols);
    if (!found) return blocks;
    for (const Leftover& one : *found) {
        if (auto facts = BlockReader(subject, image).read(one.data.start))
            blocks.push_back(std::move(*facts));
    }
    return blocks;
}

}  // namespace corotrace
