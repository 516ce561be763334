// SPDX-License-Identifier: MIT
// ScanSubject: the Python of one image with what scan and tasks read it by. Also what is common to both: the
// facts of a coroutine and of frames as reports take them. For scan*.cpp only.
#pragma once

#include <memory>

#include "cpython_layouts/coroutine.hpp"
#include "cpython_layouts/frame.hpp"
#include "cpython_layouts/heap_scan.hpp"
#include "tracer/session/scan.hpp"
#include "tracer/session/source_reader.hpp"

namespace corotrace {

struct ScanSubject {
    SymbolIndex symbols;
    PythonProcess python;
    std::vector<AddressSpan> spans;
    ScanThreads threads = ScanThreads::kOne;
    SourceReader sources;
    CodeCache codes{};
    TypeCache types{};

    [[nodiscard]] const Layout& layout() const { return *python.layout; }
};

// Errors: a sentence that begins with "cannot look at WHAT: ".
[[nodiscard]] Result<ScanSubject> open_subject(const ProcessImage& image, const std::string& what,
                                               const FindResident& resident);

struct HeapLook {
    ScanSubject subject;
    HeapScan scan;
};
// Opens it, finds what is alive, and says in `facts` when, in what, and what was not looked at. Errors: those
// of open_subject and of scan_heap.
[[nodiscard]] Result<HeapLook> look_at_heap(const ProcessImage& image, const std::string& what,
                                            const FindResident& resident, const ScanOptions& options,
                                            LookFacts& facts);

[[nodiscard]] std::vector<Frame> to_frames(ScanSubject& subject, std::vector<RawFrame> innermost_first);
// Where a coroutine was made, most recent call last, of what read_origin() told. Null: the program does not
// note it, or it is no coroutine.
[[nodiscard]] std::optional<std::vector<Frame>> to_creation(ScanSubject& subject,
                                                            const Result<std::vector<OriginFrame>>& origin);
[[nodiscard]] CoroutineFacts to_facts(const CoroutineReading& reading, const char* type,
                                      const std::optional<PreviewCaps>& values);

}  // namespace corotrace
