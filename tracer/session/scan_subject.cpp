// SPDX-License-Identifier: MIT
#include "tracer/session/scan_subject.hpp"

#include <variant>

namespace corotrace {

Result<ScanSubject> open_subject(const ProcessImage& image, const std::string& what,
                                 const FindResident& resident) {
    const std::string cannot = "cannot look at " + what;
    auto symbols = SymbolIndex::open(image);
    if (!symbols) return std::move(symbols).error().in(cannot);
    auto search = find_python_process(image.memory(), *symbols);
    if (const auto* none = std::get_if<NoPython>(&search)) {
        const std::string why = none->describe();
        return Error{Errc::unsupported, 0,
                     cannot + ": " + (why.empty() ? "it is not a Python process" : why)};
    }
    ScanSubject subject{.symbols = std::move(*symbols),
                        .python = std::move(std::get<PythonProcess>(search)),
                        .spans = {},
                        .sources = SourceReader(image)};
    if (auto settled = settle_layout(image.memory(), subject.python); !settled) {
        return std::move(settled).error().in(cannot);
    }
    for (const Mapping& mapping : find_object_memory(subject.symbols.memory_map())) {
        const auto spans = resident(mapping);
        subject.spans.insert(subject.spans.end(), spans.begin(), spans.end());
    }
    return subject;
}

Result<HeapLook> look_at_heap(const ProcessImage& image, const std::string& what,
                              const FindResident& resident, const ScanOptions& options, LookFacts& facts) {
    CT_TRY(auto subject, open_subject(image, what, resident));
    subject.threads = options.threads;
    const auto state = options.core || options.freezes ? HeapState::kStands : HeapState::kRuns;
    facts.time = std::chrono::system_clock::now();
    facts.python = format_version(subject.python.version);
    facts.notes = subject.python.notes;
    CT_TRY(auto scan, scan_heap(image.memory(), subject.python, subject.spans, state, subject.threads));
    facts.bytes = scan.figures.bytes;
    facts.unread_bytes = scan.figures.unread_bytes;
    facts.notes.insert(facts.notes.end(), scan.notes.begin(), scan.notes.end());
    if (scan.capped) facts.notes.emplace_back("there are more objects than were searched");
    return HeapLook{.subject = std::move(subject), .scan = std::move(scan)};
}

std::vector<Frame> to_frames(ScanSubject& subject, std::vector<RawFrame> innermost_first) {
    RawStack stack;
    stack.frames = std::move(innermost_first);
    std::vector<Frame> frames;
    for (StackFrame& from : resolve_stack(subject.layout(), stack)) {
        Frame frame;
        frame.function = std::move(from.function);
        frame.name = std::move(from.name);
        frame.file = std::move(from.file);
        frame.line = from.position.line;
        frame.end_line = from.position.end_line;
        frame.col = from.position.col;
        frame.end_col = from.position.end_col;
        if (frame.line) frame.source = subject.sources.find_line(frame.file, *frame.line);
        frames.push_back(std::move(frame));
    }
    return frames;
}

std::optional<std::vector<Frame>> to_creation(ScanSubject& subject,
                                              const Result<std::vector<OriginFrame>>& origin) {
    if (!origin || origin->empty()) return std::nullopt;
    std::vector<Frame> frames;
    for (auto from = origin->rbegin(); from != origin->rend(); ++from) {
        Frame frame;
        frame.function = frame.name = from->function;
        frame.file = from->file;
        frame.line = from->line;
        frame.source = subject.sources.find_line(frame.file, from->line);
        frames.push_back(std::move(frame));
    }
    return frames;
}

CoroutineFacts to_facts(const CoroutineReading& reading, const char* type,
                        const std::optional<PreviewCaps>& values) {
    CoroutineFacts facts;
    facts.name = reading.name;
    facts.qualname = reading.qualname;
    facts.type = type;
    if (!reading.code) return facts;
    facts.file = reading.code->filename;
    facts.line = reading.code->first_line;
    facts.arguments.emplace();
    for (const ArgumentFacts& from : reading.arguments) {
        const auto value =
            from.value && values ? std::optional(show_value(*from.value, *values)) : std::nullopt;
        facts.arguments->push_back(
            {.name = from.name, .type = from.type, .value = value, .redacted = from.hidden});
    }
    return facts;
}

}  // namespace corotrace
