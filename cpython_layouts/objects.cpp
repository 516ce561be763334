// SPDX-License-Identifier: MIT
#include "cpython_layouts/objects.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/dict.hpp"
#include "symbols/utf8.hpp"

namespace corotrace {

namespace {

constexpr std::uint64_t kMaxLength = std::uint64_t{1} << 56U;  // no object can be longer

Error malformed(const char* what, RemoteAddr object) {
    return {Errc::malformed, 0, std::string(what) + ' ' + to_hex(object)};
}

struct StrHeader {
    std::uint64_t length = 0;
    unsigned width = 0;  // bytes a character
    RemoteAddr data;
};

// Where the characters of a str are, of any build and age.
// Source: CPython Include/cpython/unicodeobject.h, PyASCIIObject.state; "legacy" strings up to 3.11.
Result<StrHeader> read_str_header(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    const UnicodeLayout& fields = layout.unicode;
    CT_TRY(const auto type_flags, read_type_flags(memory, layout, object));
    if ((type_flags & kTypeFlagUnicode) == 0) return malformed("not a str:", object);
    CT_TRY(const auto block, Block::read(memory, object, {fields.length, fields.state, fields.wide}, "str"));
    StrHeader header{.length = block.as<std::uint64_t>(fields.length), .width = 0, .data = {}};
    const auto state = block.as<std::uint8_t>(fields.state);
    header.width = (static_cast<unsigned>(state) >> fields.kind_bit) & 7U;
    const bool compact = ((static_cast<unsigned>(state) >> fields.compact_bit) & 1U) != 0;
    const bool ascii = ((static_cast<unsigned>(state) >> fields.ascii_bit) & 1U) != 0;
    if (header.width == 0 && fields.wide != kAbsent) {
        header.width = sizeof(std::uint32_t);  // wchar_t on Linux
        header.data = block.pointer(fields.wide);
        CT_TRY(header.length, memory.read_as<std::uint64_t>(at(object, fields.wide_length)));
    } else if (compact) {
        header.data = at(object, ascii ? fields.ascii_data : fields.compact_data);
    } else {
        CT_TRY(header.data, memory.read_pointer(at(object, fields.indirect_data)));
    }
    if ((header.width != 1 && header.width != 2 && header.width != 4) || header.length > kMaxLength) {
        return malformed("impossible kind or length of str", object);
    }
    return header;
}

Result<std::u32string> read_chars(const RemoteMemory& memory, const StrHeader& header, std::uint64_t first,
                                  std::size_t count) {
    first = std::min(first, header.length);
    count = static_cast<std::size_t>(std::min<std::uint64_t>(count, header.length - first));
    std::vector<std::byte> bytes(count * header.width);
    if (auto done = memory.read(header.data + first * header.width, bytes); !done) {
        return std::move(done).error().in("characters of a str");
    }
    std::u32string chars(count, U'\0');
    for (std::size_t i = 0; i < count; ++i) {
        std::uint32_t c = 0;
        std::memcpy(&c, bytes.data() + i * header.width, header.width);  // little endian, as all we run on
        chars[i] = c;
    }
    return chars;
}

// The items of an array of pointers.
Result<std::vector<RemoteAddr>> read_pointers(const RemoteMemory& memory, RemoteAddr from,
                                              std::uint64_t length, std::size_t max_items) {
    std::vector<RemoteAddr> items(static_cast<std::size_t>(std::min<std::uint64_t>(length, max_items)));
    if (auto done = memory.read(from, std::as_writable_bytes(std::span(items))); !done) {
        return std::move(done).error();
    }
    return items;
}

}  // namespace

Result<RemoteAddr> read_type(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    auto type = memory.read_pointer(at(object, layout.object.type));
    if (!type) return std::move(type).error().in("type of object " + to_hex(object));
    return type;
}

// Source: CPython Include/object.h; Include/refcount.h, _Py_REF_SHARED_SHIFT.
Result<std::int64_t> read_refcount(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    if (layout.object.refcount != kAbsent) {
        CT_TRY(const auto count, memory.read_as<std::uint32_t>(at(object, layout.object.refcount)));
        return std::int64_t{count};
    }
    CT_TRY(const auto local, memory.read_as<std::uint32_t>(at(object, layout.object.ref_local)));
    CT_TRY(const auto shared, memory.read_as<std::int64_t>(at(object, layout.object.ref_shared)));
    return local + (shared >> 2);
}

Result<std::uint64_t> read_type_flags(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    CT_TRY(const auto type, read_type(memory, layout, object));
    auto flags = memory.read_as<std::uint64_t>(at(type, layout.type.flags));
    if (!flags) return std::move(flags).error().in("type flags of object " + to_hex(object));
    return flags;
}

Result<std::string> read_c_string(const RemoteMemory& memory, RemoteAddr from, std::size_t max_bytes) {
    constexpr std::uint64_t kChunk = 64;  // aligned chunks never cross into a page that may not be there
    std::string text;
    while (text.size() < max_bytes) {
        std::array<char, kChunk> chunk{};
        const std::uint64_t size = kChunk - from.value % kChunk;
        if (auto done = memory.read(from, std::as_writable_bytes(std::span(chunk).first(size))); !done) {
            return std::move(done).error();
        }
        const std::string_view part(chunk.data(), size);
        const std::size_t end = part.find('\0');
        text += part.substr(0, end);
        if (end != std::string_view::npos) break;
        from = from + size;
    }
    text.resize(std::min(text.size(), max_bytes));
    return to_valid_utf8(text);
}

Result<std::string> read_type_name(const RemoteMemory& memory, const Layout& layout, RemoteAddr type) {
    CT_TRY(const auto name, memory.read_pointer(at(type, layout.type.name)));
    auto text = read_c_string(memory, name, kMaxTypeNameBytes);
    if (!text) return std::move(text).error().in("tp_name of type " + to_hex(type));
    return text;
}

Result<std::string> read_type_name_of(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    CT_TRY(const auto type, read_type(memory, layout, object));
    return read_type_name(memory, layout, type);
}

Result<bool> derives_from(const RemoteMemory& memory, const Layout& layout, RemoteAddr type,
                          std::string_view name) {
    constexpr int kMaxBases = 32;
    for (int i = 0; i < kMaxBases && !type.is_null(); ++i) {
        CT_TRY(const auto type_name, read_type_name(memory, layout, type));
        if (std::string_view(type_name) == name) return true;
        CT_TRY(type, memory.read_pointer(at(type, layout.type.base)));
    }
    return false;
}

Result<std::string> read_full_type_name(const RemoteMemory& memory, const Layout& layout, RemoteAddr type) {
    CT_TRY(const auto flags, memory.read_as<std::uint64_t>(at(type, layout.type.flags)));
    if ((flags & kTypeFlagHeap) == 0) return read_type_name(memory, layout, type);
    CT_TRY(const auto qualname, memory.read_pointer(at(type, layout.type.heap_qualname)));
    CT_TRY(auto name, read_str(memory, layout, qualname, kMaxTypeNameBytes));
    CT_TRY(const auto dict, memory.read_pointer(at(type, layout.type.dict)));
    const auto found = find_dict_item(memory, layout, dict, "__module__");
    if (!found) return name;
    const auto module = read_str(memory, layout, *found, kMaxTypeNameBytes);
    if (!module || *module == "builtins") return name;
    return *module + '.' + name;
}

Result<std::string> read_str(const RemoteMemory& memory, const Layout& layout, RemoteAddr object,
                             std::size_t max_chars) {
    CT_TRY(const auto header, read_str_header(memory, layout, object));
    CT_TRY(const auto chars, read_chars(memory, header, 0, max_chars));
    return to_utf8(chars);
}

Result<StrPart> read_str_part(const RemoteMemory& memory, const Layout& layout, RemoteAddr object,
                              std::uint64_t first, std::size_t count) {
    CT_TRY(const auto header, read_str_header(memory, layout, object));
    CT_TRY(auto chars, read_chars(memory, header, first, count));
    return StrPart{std::move(chars), header.length};
}

Result<std::uint64_t> read_length(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    CT_TRY(const auto length, memory.read_as<std::uint64_t>(at(object, layout.object.size)));
    if (length > kMaxLength) return malformed("impossible length of object", object);
    return length;
}

Result<std::vector<std::byte>> read_bytes(const RemoteMemory& memory, const Layout& layout, RemoteAddr object,
                                          std::size_t max_bytes) {
    CT_TRY(const auto flags, read_type_flags(memory, layout, object));
    if ((flags & kTypeFlagBytes) == 0) return malformed("not a bytes object:", object);
    CT_TRY(const auto length, read_length(memory, layout, object));
    if (length > max_bytes) return malformed("too long a bytes object:", object);
    std::vector<std::byte> bytes(static_cast<std::size_t>(length));
    if (auto done = memory.read(at(object, layout.bytes.data), bytes); !done) {
        return std::move(done).error().in("bytes object " + to_hex(object));
    }
    return bytes;
}

Result<Items> read_tuple(const RemoteMemory& memory, const Layout& layout, RemoteAddr object,
                         std::size_t max_items) {
    CT_TRY(const auto flags, read_type_flags(memory, layout, object));
    if ((flags & kTypeFlagTuple) == 0) return malformed("not a tuple:", object);
    CT_TRY(const auto length, read_length(memory, layout, object));
    CT_TRY(auto items, read_pointers(memory, at(object, layout.tuple.items), length, max_items));
    return Items{std::move(items), length};
}

Result<Items> read_list(const RemoteMemory& memory, const Layout& layout, RemoteAddr object,
                        std::size_t max_items) {
    CT_TRY(const auto flags, read_type_flags(memory, layout, object));
    if ((flags & kTypeFlagList) == 0) return malformed("not a list:", object);
    CT_TRY(const auto length, read_length(memory, layout, object));
    if (length == 0) return Items{};
    CT_TRY(const auto first, memory.read_pointer(at(object, layout.list.items)));
    CT_TRY(auto items, read_pointers(memory, first, length, max_items));
    return Items{std::move(items), length};
}

}  // namespace corotrace
