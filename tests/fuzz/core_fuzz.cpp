// SPDX-License-Identifier: MIT
// Any bytes as a core file: it is refused, or its segments, its map and its memory keep their promises.
#include <cstdint>
#include <cstdlib>

#include "symbols/core_image.hpp"
#include "symbols/symbol_index.hpp"
#include "tests/support/made_core.hpp"

using namespace corotrace;

namespace {

void expect(bool holds) {
    if (!holds) std::abort();
}

void read_segments(const CoreFile& core) {
    RemoteAddr end;
    for (const CoreSegment& segment : core.segments()) {
        expect(segment.start >= end && segment.held <= segment.dumped && segment.dumped <= segment.size);
        end = segment.end();
        expect(core.find(segment.start) == &segment);
        std::byte one{};
        expect(core.read(segment.start, {&one, 1}).ok() == (segment.held > 0));
        if (segment.held == segment.dumped && segment.dumped < segment.size) {
            expect(!core.read(segment.start + segment.dumped, {&one, 1}));
        }
    }
}

void read_image(const CoreImage& image) {
    const auto map = image.read_map();
    expect(map.ok());
    for (const Mapping& mapping : map->mappings()) {
        std::array<std::byte, 64> bytes{};
        static_cast<void>(image.memory().read(mapping.start, bytes));
        static_cast<void>(image.memory().read(mapping.end - 32, bytes));
    }
    auto index = SymbolIndex::open(image);
    if (index) static_cast<void>(index->find_all("exported_data"));
    static_cast<void>(image.files().missing());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes = std::as_bytes(std::span(data, size));
    const auto core = CoreFile::open(memory_file(bytes));
    if (!core) return 0;
    read_segments(**core);
    // A root without files, so that none of this machine is opened by a name that was made up.
    const auto image =
        CoreImage::open(memory_file(bytes), {.program = {}, .root = {}, .debuginfod_cache = {}});
    if (image) read_image(**image);
    return 0;
}
