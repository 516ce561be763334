// SPDX-License-Identifier: MIT
#include "cpython_layouts/coroutine.hpp"

#include <algorithm>
#include <functional>
#include <span>
#include <string_view>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/integer.hpp"
#include "cpython_layouts/keep.hpp"
#include "cpython_layouts/objects.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMaxOriginFrames = 256;

// The object itself if it is no cell, else what is inside.
Result<RemoteAddr> read_through_cell(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    CT_TRY(const auto type, read_type_name_of(memory, layout, object));
    // A view: g++ 12 takes comparing the string itself for a read of its uninitialised buffer.
    if (std::string_view(type) != "cell") return object;
    return memory.read_pointer(at(object, layout.cell.content));
}

// First of the fast locals of a coroutine that has not started.
Result<RemoteAddr> read_locals(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    if (layout.frame_rule == FrameRule::kFrameObjects) {
        CT_TRY(const auto frame, memory.read_pointer(at(object, layout.coroutine.frame)));
        return at(frame, layout.frame_object.locals);
    }
    return at(at(object, layout.coroutine.iframe), layout.interpreter_frame.locals);
}

// Null: the variable has no value.
Result<RemoteAddr> read_argument_object(const RemoteMemory& memory, const Layout& layout, RemoteAddr locals,
                                        const ArgumentSlot& slot) {
    CT_TRY(const auto word, memory.read_pointer(locals + slot.local * sizeof(std::uint64_t)));
    const RemoteAddr value{word.value & ~layout.stackref_mask};
    if (value.is_null() || !slot.in_cell) return value;
    return read_through_cell(memory, layout, value);
}

ArgumentFacts unread_argument(const ArgumentSlot& slot, const std::optional<PreviewCaps>& caps) {
    return {.name = slot.name,
            .type = std::nullopt,
            .value = std::nullopt,
            .hidden = !caps || !caps->shows_argument(slot.name)};
}

Result<ArgumentFacts> read_argument(const RemoteMemory& memory, const Layout& layout, RemoteAddr locals,
                                    TypeCache& types, const ArgumentSlot& slot,
                                    const std::optional<PreviewCaps>& caps) {
    ArgumentFacts facts = unread_argument(slot, caps);
    CT_TRY(const auto value, read_argument_object(memory, layout, locals, slot));
    if (value.is_null()) return facts;
    CT_TRY(facts.type, describe_type(memory, layout, types, value));
    if (!facts.hidden) {
        CT_TRY(facts.value, copy_value(memory, layout, value, *caps));
    }
    return facts;
}

// The str in a field of the coroutine: nearly always the one that its code has too, so read already.
Result<std::string> read_name(const RemoteMemory& memory, const Layout& layout, RemoteAddr object,
                              Offset field, const Code* code) {
    CT_TRY(const auto text, memory.read_pointer(at(object, field)));
    if (code != nullptr && text == code->name_object) return code->name;
    if (code != nullptr && text == code->qualname_object) return code->qualname;
    return read_str(memory, layout, text);
}

Status read_arguments(const RemoteMemory& memory, const Layout& layout, TypeCache& types, RemoteAddr object,
                      const std::optional<PreviewCaps>& caps, CoroutineReading& reading) {
    CT_TRY(const auto locals, read_locals(memory, layout, object));
    for (const ArgumentSlot& slot : reading.code->arguments) {
        auto facts = read_argument(memory, layout, locals, types, slot, caps);
        if (!facts) {
            if (facts.error().code == Errc::gone) return std::move(facts).error();
            reading.notes.push_back("argument " + slot.name + " unreadable: " + facts.error().what);
        }
        reading.arguments.push_back(std::move(facts).value_or(unread_argument(slot, caps)));
    }
    return {};
}

}  // namespace

Result<bool> read_is_created(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    switch (layout.created_rule) {
        case CreatedRule::kFrameLasti: {
            CT_TRY(const auto frame, memory.read_pointer(at(object, layout.coroutine.frame)));
            if (frame.is_null()) return false;
            CT_TRY(const auto lasti, memory.read_as<std::int32_t>(at(frame, layout.frame_object.lasti)));
            return lasti == layout.created_value;
        }
        case CreatedRule::kFrameState: {
            CT_TRY(const auto state, memory.read_as<std::int8_t>(at(object, layout.coroutine.frame_state)));
            return state == layout.created_value;
        }
    }
    return Error{Errc::internal, 0, "unknown created rule"};
}

Result<RemoteAddr> read_coroutine_code(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    const CodeWord word = coroutine_code_word(layout);
    CT_TRY(const auto pointer, memory.read_pointer(at(object, word.offset)));
    return RemoteAddr{pointer.value & ~word.tag_mask};
}

Result<CoroutineReading> read_coroutine_names(const RemoteMemory& memory, const Layout& layout,
                                              CodeCache& codes, RemoteAddr object) {
    CoroutineReading reading;
    auto address = read_coroutine_code(memory, layout, object);
    if (!address && address.error().code == Errc::gone) return std::move(address).error();
    auto code = address ? codes.find_or_read(memory, layout, *address)
                        : Result<std::shared_ptr<const Code>>(std::move(address).error());
    reading.code = keep(std::move(code), "code", reading.notes).value_or(nullptr);
    const auto name_in = [&](Offset field, const char* what) {
        return keep(read_name(memory, layout, object, field, reading.code.get()), what, reading.notes);
    };
    reading.name = name_in(layout.coroutine.name, "name");
    reading.qualname = name_in(layout.coroutine.qualname, "qualname");
    return reading;
}

Result<CoroutineReading> read_coroutine(const RemoteMemory& memory, const Layout& layout, CodeCache& codes,
                                        TypeCache& types, RemoteAddr object,
                                        const std::optional<PreviewCaps>& caps) {
    CT_TRY(auto reading, read_coroutine_names(memory, layout, codes, object));
    if (!reading.code) return reading;
    if (auto done = read_arguments(memory, layout, types, object, caps, reading); !done) {
        if (done.error().code == Errc::gone) return std::move(done).error();
        reading.notes.push_back("arguments unreadable: " + done.error().what);
    }
    return reading;
}

Result<std::uint64_t> read_identity(const RemoteMemory& memory, const Layout& layout, CodeCache& codes,
                                    RemoteAddr object) {
    constexpr std::size_t kMostParameters = 64;
    CT_TRY(const auto address, read_coroutine_code(memory, layout, object));
    CT_TRY(const auto code, codes.find_or_read(memory, layout, address));
    CT_TRY(const auto locals, read_locals(memory, layout, object));
    std::vector<std::uint64_t> words(std::min(code->parameters, kMostParameters));
    if (auto done = memory.read(locals, std::as_writable_bytes(std::span(words))); !done) return done.error();
    CT_TRY(const auto origin, memory.read_pointer(at(object, layout.coroutine.origin)));
    words.insert(words.end(), {object.value, address.value, origin.value});
    const auto bytes = std::as_bytes(std::span(words));
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Result<std::vector<OriginFrame>> read_origin(const RemoteMemory& memory, const Layout& layout,
                                             RemoteAddr object) {
    std::vector<OriginFrame> frames;
    CT_TRY(const auto origin, memory.read_pointer(at(object, layout.coroutine.origin)));
    if (origin.is_null()) return frames;
    CT_TRY(const auto entries, read_tuple(memory, layout, origin, kMaxOriginFrames));
    for (const RemoteAddr entry : entries.items) {
        CT_TRY(const auto parts, read_tuple(memory, layout, entry, 3));
        if (parts.items.size() != 3)
            return Error{Errc::malformed, 0, "cr_origin of coroutine " + to_hex(object)};
        OriginFrame frame;
        CT_TRY(frame.file, read_str(memory, layout, parts.items[0]));
        CT_TRY(const auto line, read_int(memory, layout, parts.items[1]));
        frame.line = static_cast<int>(line);
        CT_TRY(frame.function, read_str(memory, layout, parts.items[2]));
        frames.push_back(std::move(frame));
    }
    return frames;
}

Result<AgenMethodReading> read_agen_method(const RemoteMemory& memory, const Layout& layout,
                                           RemoteAddr object) {
    CT_TRY(const auto type, read_type_name_of(memory, layout, object));
    AgenMethodReading reading;
    const bool is_asend = type == "async_generator_asend";
    if (!is_asend && type != "async_generator_athrow") {
        return Error{Errc::malformed, 0, "not an async generator's method: " + type};
    }
    const auto fields = is_asend ? std::pair(layout.asend.generator, layout.asend.state)
                                 : std::pair(layout.athrow.generator, layout.athrow.state);
    CT_TRY(reading.generator, memory.read_pointer(at(object, fields.first)));
    CT_TRY(const auto state, memory.read_as<std::int32_t>(at(object, fields.second)));
    reading.created = state == layout.agen_method_created;
    if (is_asend) return reading;
    CT_TRY(const auto arguments, memory.read_pointer(at(object, layout.athrow.arguments)));
    reading.method = arguments.is_null() ? AgenMethod::kAclose : AgenMethod::kAthrow;
    return reading;
}

}  // namespace corotrace
