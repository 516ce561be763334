// SPDX-License-Identifier: MIT
#include "cpython_layouts/debug_offsets.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "symbols/bytes.hpp"

namespace corotrace {

namespace {

constexpr std::string_view kCookie = "xdebugpy";
constexpr std::size_t kMaxTableBytes = 1024;     // the largest edition has 888
constexpr std::uint64_t kMaxOffset = 1U << 16U;  // the farthest field used lies below 8 KiB

struct Head {
    std::array<char, 8> cookie;
    std::uint64_t hex;  // Py_Version
    std::uint64_t free_threaded;
};

// One entry: where it is in the editions of the table, and which number of ours it stands for.
struct Entry {
    const char* name;
    std::array<Offset, 3> position;  // 3.13, 3.14, 3.15
    Offset& (*field)(Layout&);
};

template <auto kGroup, auto kField>
Offset& number(Layout& layout) {
    return layout.*kGroup.*kField;
}

constexpr std::array kEntries = {
    Entry{"runtime_state.interpreters_head",
          {40, 40, 40},
          number<&Layout::runtime, &RuntimeLayout::interpreters_head>},
    Entry{"runtime_state.finalizing", {32, 32, 32}, number<&Layout::runtime, &RuntimeLayout::finalizing>},
    Entry{"interpreter_state.id", {56, 56, 56}, number<&Layout::interpreter, &InterpreterLayout::id>},
    Entry{"interpreter_state.next", {64, 64, 64}, number<&Layout::interpreter, &InterpreterLayout::next>},
    Entry{"interpreter_state.threads_head",
          {72, 72, 72},
          number<&Layout::interpreter, &InterpreterLayout::threads_head>},
    Entry{"interpreter_state.imports_modules",
          {88, 96, 96},
          number<&Layout::interpreter, &InterpreterLayout::modules>},
    Entry{"thread_state.next", {168, 192, 192}, number<&Layout::thread_state, &ThreadStateLayout::next>},
    Entry{"thread_state.interp",
          {176, 200, 200},
          number<&Layout::thread_state, &ThreadStateLayout::interpreter>},
    Entry{"thread_state.current_frame",
          {184, 208, 208},
          number<&Layout::thread_state, &ThreadStateLayout::frame>},
    Entry{"thread_state.thread_id",
          {192, 216, 240},
          number<&Layout::thread_state, &ThreadStateLayout::thread_id>},
    Entry{"thread_state.native_thread_id",
          {200, 224, 248},
          number<&Layout::thread_state, &ThreadStateLayout::native_thread_id>},
    Entry{"thread_state.datastack_chunk",
          {208, 232, 256},
          number<&Layout::thread_state, &ThreadStateLayout::datastack_chunk>},
    Entry{"thread_state.status", {216, 240, 264}, number<&Layout::thread_state, &ThreadStateLayout::status>},
    Entry{"interpreter_frame.previous",
          {232, 256, 320},
          number<&Layout::interpreter_frame, &InterpreterFrameLayout::previous>},
    Entry{"interpreter_frame.executable",
          {240, 264, 328},
          number<&Layout::interpreter_frame, &InterpreterFrameLayout::executable>},
    Entry{"interpreter_frame.instr_ptr",
          {248, 272, 336},
          number<&Layout::interpreter_frame, &InterpreterFrameLayout::instruction>},
    Entry{"interpreter_frame.localsplus",
          {256, 280, 344},
          number<&Layout::interpreter_frame, &InterpreterFrameLayout::locals>},
    Entry{"interpreter_frame.owner",
          {264, 288, 352},
          number<&Layout::interpreter_frame, &InterpreterFrameLayout::owner>},
    Entry{"interpreter_frame.tlbc_index",
          {kAbsent, 304, 368},
          number<&Layout::interpreter_frame, &InterpreterFrameLayout::tlbc_index>},
    Entry{"code_object.co_tlbc", {kAbsent, 392, 456}, number<&Layout::code, &CodeLayout::tlbc>},
    Entry{"code_object.filename", {280, 320, 384}, number<&Layout::code, &CodeLayout::filename>},
    Entry{"code_object.name", {288, 328, 392}, number<&Layout::code, &CodeLayout::name>},
    Entry{"code_object.qualname", {296, 336, 400}, number<&Layout::code, &CodeLayout::qualname>},
    Entry{"code_object.linetable", {304, 344, 408}, number<&Layout::code, &CodeLayout::line_table>},
    Entry{"code_object.firstlineno", {312, 352, 416}, number<&Layout::code, &CodeLayout::first_line>},
    Entry{"code_object.argcount", {320, 360, 424}, number<&Layout::code, &CodeLayout::argcount>},
    Entry{
        "code_object.localsplusnames", {328, 368, 432}, number<&Layout::code, &CodeLayout::localsplus_names>},
    Entry{
        "code_object.localspluskinds", {336, 376, 440}, number<&Layout::code, &CodeLayout::localsplus_kinds>},
    Entry{"code_object.co_code_adaptive", {344, 384, 448}, number<&Layout::code, &CodeLayout::instructions>},
    Entry{"pyobject.ob_type", {360, 408, 472}, number<&Layout::object, &ObjectLayout::type>},
    Entry{"type_object.tp_name", {376, 424, 488}, number<&Layout::type, &TypeLayout::name>},
    Entry{"type_object.tp_flags", {392, 440, 504}, number<&Layout::type, &TypeLayout::flags>},
    Entry{"tuple_object.ob_item", {408, 456, 552}, number<&Layout::tuple, &TupleLayout::items>},
    Entry{"tuple_object.ob_size", {416, 464, 560}, number<&Layout::object, &ObjectLayout::size>},
    Entry{"list_object.ob_item", {432, 480, 576}, number<&Layout::list, &ListLayout::items>},
    Entry{"dict_object.ma_keys", {456, 536, 632}, number<&Layout::dict, &DictLayout::keys>},
    Entry{"dict_object.ma_values", {464, 544, 640}, number<&Layout::dict, &DictLayout::values>},
    Entry{"float_object.ob_fval", {480, 560, 656}, number<&Layout::floating, &FloatLayout::value>},
    Entry{"long_object.lv_tag", {496, 576, 672}, number<&Layout::integer, &IntLayout::tag>},
    Entry{"long_object.ob_digit", {504, 584, 680}, number<&Layout::integer, &IntLayout::digits>},
    Entry{"bytes_object.ob_sval", {528, 608, 704}, number<&Layout::bytes, &BytesLayout::data>},
    Entry{"unicode_object.length", {552, 632, 728}, number<&Layout::unicode, &UnicodeLayout::length>},
    Entry{"unicode_object.asciiobject_size",
          {560, 640, 736},
          number<&Layout::unicode, &UnicodeLayout::ascii_data>},
    Entry{"gen_object.gi_name", {kAbsent, 672, 800}, number<&Layout::coroutine, &CoroutineLayout::name>},
    Entry{"gen_object.gi_iframe", {kAbsent, 680, 808}, number<&Layout::coroutine, &CoroutineLayout::iframe>},
    Entry{"gen_object.gi_frame_state",
          {kAbsent, 688, 816},
          number<&Layout::coroutine, &CoroutineLayout::frame_state>},
};

// The state of the collector is given in two parts.
constexpr std::array<Offset, 3> kGcPosition = {80, 88, 88};
constexpr std::array<Offset, 3> kCollectingPosition = {576, 656, 760};

std::optional<std::size_t> edition_of(const Layout& layout) {
    switch (layout.debug_offsets_rule) {
        case DebugOffsetsRule::kNone:
            return std::nullopt;
        case DebugOffsetsRule::kEdition313:
            return 0;
        case DebugOffsetsRule::kEdition314:
            return 1;
        case DebugOffsetsRule::kEdition315:
            return 2;
    }
    return std::nullopt;
}

Error malformed(const char* name, std::uint64_t value) {
    return {Errc::malformed, 0, std::string("debug offset ") + name + " is " + std::to_string(value)};
}

// Calls `take(name, value, our number)` for each entry that both sides have, until it fails.
template <typename Take>
Status walk_entries(const RemoteMemory& memory, Layout& layout, RemoteAddr runtime, Take take) {
    const auto edition = edition_of(layout);
    if (!edition) return {};
    using Table = std::array<std::byte, kMaxTableBytes>;
    CT_TRY(const auto table, memory.read_as<Table>(runtime));
    const auto value_at = [&](Offset position) {
        return load<std::uint64_t>(table, static_cast<std::size_t>(position)).value_or(kMaxOffset);
    };
    for (const Entry& entry : kEntries) {
        Offset& ours = entry.field(layout);
        const Offset position = entry.position.at(*edition);
        if (position == kAbsent || ours == kAbsent) continue;
        if (auto done = take(entry.name, value_at(position), ours); !done) return done;
    }
    const std::uint64_t gc = value_at(kGcPosition.at(*edition));
    const std::uint64_t collecting = value_at(kCollectingPosition.at(*edition));
    if (gc >= kMaxOffset || collecting >= kMaxOffset) return malformed("gc.collecting", collecting);
    return take("gc.collecting", gc + collecting, layout.interpreter.gc_collecting);
}

}  // namespace

Result<PythonVersion> read_debug_version(const RemoteMemory& memory, RemoteAddr runtime) {
    CT_TRY(const auto head, memory.read_as<Head>(runtime));
    if (std::string_view(head.cookie.data(), head.cookie.size()) != kCookie) {
        return Error{Errc::not_found, 0, "_PyRuntime has no debug offsets (they came with 3.13)"};
    }
    auto version =
        head.hex <= 0xffffffff ? parse_version_hex(static_cast<std::uint32_t>(head.hex)) : std::nullopt;
    if (!version || head.free_threaded > 1) return Error{Errc::malformed, 0, "version in the debug offsets"};
    version->free_threaded = head.free_threaded == 1;
    return *version;
}

Result<Layout> read_adjusted_layout(const RemoteMemory& memory, const Layout& base, RemoteAddr runtime) {
    if (base.debug_offsets_rule == DebugOffsetsRule::kNone) {
        return Error{Errc::unsupported, 0, "this version has no debug offsets"};
    }
    Layout layout = base;
    auto done = walk_entries(memory, layout, runtime,
                             [](const char* name, std::uint64_t value, Offset& ours) -> Status {
                                 if (value >= kMaxOffset) return malformed(name, value);
                                 ours = static_cast<Offset>(value);
                                 return {};
                             });
    if (!done) return std::move(done).error();
    return layout;
}

Status check_debug_offsets(const RemoteMemory& memory, const Layout& layout, RemoteAddr runtime) {
    Layout copy = layout;
    return walk_entries(memory, copy, runtime,
                        [](const char* name, std::uint64_t value, Offset& ours) -> Status {
                            if (value == static_cast<std::uint64_t>(ours)) return {};
                            return Error{Errc::malformed, 0,
                                         std::string("the process gives ") + std::to_string(value) + " for " +
                                             name + ", the table " + std::to_string(ours)};
                        });
}

}  // namespace corotrace
