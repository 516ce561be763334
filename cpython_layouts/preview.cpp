// SPDX-License-Identifier: MIT
#include "cpython_layouts/preview.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/dict.hpp"
#include "cpython_layouts/integer.hpp"
#include "cpython_layouts/objects.hpp"
#include "cpython_layouts/secret_names.hpp"
#include "cpython_layouts/text.hpp"
#include "symbols/utf8.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMaxIntDigits =
    512;  // of 30 bits; more than Python itself converts (4300 decimal ones)
constexpr std::size_t kMaxBytesRead = 1U << 16U;  // repr() needs all bytes to choose its quotes
constexpr std::size_t kMaxSortedEntries = 256;    // keys of larger dicts are not sorted
constexpr std::size_t kSortedChars = 64;          // of a key
constexpr std::string_view kFill = "...";

using Kind = BuiltinKind;

struct KindName {
    std::string_view type_name;
    Kind kind;
};

constexpr std::array kKinds = {
    KindName{"str", Kind::kStr},     KindName{"bytes", Kind::kBytes}, KindName{"int", Kind::kInt},
    KindName{"float", Kind::kFloat}, KindName{"bool", Kind::kBool},   KindName{"NoneType", Kind::kNone},
    KindName{"tuple", Kind::kTuple}, KindName{"list", Kind::kList},   KindName{"dict", Kind::kDict},
};

struct Typed {
    Kind kind = Kind::kOther;
    RemoteAddr type;
};

// A class statement that reuses a builtin name makes a heap type, which none of these is.
Result<Kind> read_kind_of_type(const RemoteMemory& memory, const Layout& layout, RemoteAddr type) {
    CT_TRY(const auto flags, memory.read_as<std::uint64_t>(at(type, layout.type.flags)));
    if ((flags & kTypeFlagHeap) != 0) return Kind::kOther;
    CT_TRY(const auto name, read_type_name(memory, layout, type));
    for (const KindName& known : kKinds) {
        if (known.type_name == name) return known.kind;
    }
    return Kind::kOther;
}

Result<Typed> read_kind(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    Typed typed;
    CT_TRY(typed.type, read_type(memory, layout, object));
    CT_TRY(typed.kind, read_kind_of_type(memory, layout, typed.type));
    return typed;
}

// Copies and converts nothing that takes time; a memory that gives up at a deadline ends it early.
class ValueCopier {
public:
    ValueCopier(const RemoteMemory& memory, const Layout& layout, const PreviewCaps& caps)
        : memory_(memory), layout_(layout), caps_(caps), objects_left_(caps.max_objects) {}

    Result<ValueCopy> copy(RemoteAddr object, int level) {
        if (objects_left_-- <= 0) return ValueCopy{std::string(kFill)};
        CT_TRY(const auto typed, read_kind(memory_, layout_, object));
        switch (typed.kind) {
            case Kind::kStr:
                return copy_str(object);
            case Kind::kBytes:
                return copy_bytes(object);
            case Kind::kInt:
                return copy_int(object);
            case Kind::kFloat:
                return copy_float(object);
            case Kind::kBool:
                return copy_bool(object);
            case Kind::kNone:
                return ValueCopy{cut_middle("None", caps_.max_other)};
            case Kind::kTuple:
                return copy_tuple(object, level);
            case Kind::kList:
                return copy_list(object, level);
            case Kind::kDict:
                return copy_dict(object, level);
            case Kind::kOther:
                return copy_other(object, typed.type);
        }
        return Error{Errc::internal, 0, "unknown kind of object"};
    }

private:
    // An item that cannot be read must not hide its neighbours. Once the time is over the rest is left out.
    ValueCopy copy_inner(RemoteAddr object, int level) {
        auto inner = copy(object, level);
        if (inner) return *std::move(inner);
        return {std::string(inner.error().code == Errc::timeout ? "<not read in time>" : "<unreadable>")};
    }

    Result<ValueCopy> copy_str(RemoteAddr object) {
        const int max = std::clamp(caps_.max_string, 0, static_cast<int>(kMaxStringChars));
        CT_TRY(auto part, read_str_part(memory_, layout_, object, 0, static_cast<std::size_t>(max)));
        std::u32string text = repr_str(part.chars);
        if (text.size() <= static_cast<std::size_t>(max)) return ValueCopy{to_utf8(text)};
        const int head = std::max(0, (max - 3) / 2);
        const int tail = std::max(0, max - 3 - head);
        const auto tail_chars = static_cast<std::size_t>(tail);
        // What reprlib's x[len(x) - j:] takes where that is negative: a short string with a long repr().
        const std::uint64_t twice = 2 * part.length;
        const std::uint64_t tail_at = part.length >= tail_chars ? part.length - tail_chars
                                      : twice > tail_chars      ? twice - tail_chars
                                                                : 0;
        CT_TRY(const auto end, read_str_part(memory_, layout_, object, tail_at, tail_chars));
        text = repr_str(part.chars.substr(0, static_cast<std::size_t>(head)) + end.chars);
        text.replace(static_cast<std::size_t>(head),
                     text.size() - static_cast<std::size_t>(head) - tail_chars, U"...");
        return ValueCopy{to_utf8(text)};
    }

    Result<ValueCopy> copy_bytes(RemoteAddr object) {
        CT_TRY(const auto length, read_length(memory_, layout_, object));
        if (length > kMaxBytesRead)
            return ValueCopy{"<bytes[" + std::to_string(length) + "] at " + to_hex(object) + '>'};
        CT_TRY(auto bytes, read_bytes(memory_, layout_, object, kMaxBytesRead));
        return ValueCopy{std::move(bytes)};
    }

    Result<ValueCopy> copy_int(RemoteAddr object) {
        CT_TRY(auto number, read_int_digits(memory_, layout_, object, kMaxIntDigits));
        if (number.digit_count > kMaxIntDigits) {
            return ValueCopy{"<int of " + std::to_string(number.digit_count * 30) + " bits at " +
                             to_hex(object) + '>'};
        }
        return ValueCopy{std::move(number)};
    }

    Result<ValueCopy> copy_float(RemoteAddr object) {
        CT_TRY(const auto value, memory_.read_as<double>(at(object, layout_.floating.value)));
        return ValueCopy{cut_middle(repr_float(value), caps_.max_other)};
    }

    Result<ValueCopy> copy_bool(RemoteAddr object) {
        CT_TRY(const auto value, read_int(memory_, layout_, object));
        return ValueCopy{cut_middle(value != 0 ? "True" : "False", caps_.max_other)};
    }

    Result<ValueCopy> copy_tuple(RemoteAddr object, int level) {
        CT_TRY(const auto items, read_tuple(memory_, layout_, object, cap(caps_.max_tuple, level)));
        ItemsCopy made = copy_items(items, level);
        made.is_single_tuple = items.length == 1 && level > 0;
        return ValueCopy{std::move(made)};
    }

    Result<ValueCopy> copy_list(RemoteAddr object, int level) {
        CT_TRY(const auto items, read_list(memory_, layout_, object, cap(caps_.max_list, level)));
        ItemsCopy made = copy_items(items, level);
        made.kind = ItemsCopy::Kind::kList;
        return ValueCopy{std::move(made)};
    }

    static std::size_t cap(int max, int level) {
        return level <= 0 ? 0 : static_cast<std::size_t>(std::max(max, 0));
    }

    ItemsCopy copy_items(const Items& items, int level) {
        ItemsCopy made;
        for (const RemoteAddr item : items.items) made.items.push_back(copy_inner(item, level - 1));
        made.has_more = items.length > items.items.size();
        return made;
    }

    Result<ValueCopy> copy_dict(RemoteAddr object, int level) {
        const std::size_t shown = cap(caps_.max_dict, level);
        CT_TRY(auto items, read_dict(memory_, layout_, object, shown == 0 ? 0 : kMaxSortedEntries + 1));
        if (items.entries.size() <= kMaxSortedEntries) sort_entries(items.entries);
        ItemsCopy made;
        made.kind = ItemsCopy::Kind::kDict;
        items.entries.resize(std::min(items.entries.size(), shown));
        for (const DictEntry& entry : items.entries) {
            made.items.push_back(copy_inner(entry.key, level - 1));
            made.items.push_back(shows_value_of(entry.key) ? copy_inner(entry.value, level - 1)
                                                           : ValueCopy{std::string("<hidden>")});
        }
        made.has_more = items.length > items.entries.size();
        return ValueCopy{std::move(made)};
    }

    bool shows_value_of(RemoteAddr key) {
        const auto typed = read_kind(memory_, layout_, key);
        if (!typed || typed->kind != Kind::kStr) return typed.ok();
        const auto part = read_str_part(memory_, layout_, key, 0, kMaxStringChars);
        return part && caps_.shows_key(to_utf8(part->chars));
    }

    // reprlib shows keys sorted where they can be compared: done here for all str and for all numbers.
    void sort_entries(std::vector<DictEntry>& entries) {
        sort_by(entries, [&](RemoteAddr key) -> std::optional<std::u32string> {
            auto part = read_str_part(memory_, layout_, key, 0, kSortedChars);
            if (!part) return std::nullopt;
            return std::move(part->chars);
        });
        sort_by(entries, [&](RemoteAddr key) { return read_number(key); });
    }

    // Nothing for what is no number, is too large, or has no order. long double holds each int64 exactly.
    std::optional<long double> read_number(RemoteAddr key) {
        const auto typed = read_kind(memory_, layout_, key);
        if (typed && typed->kind == Kind::kFloat) {
            const auto value = memory_.read_as<double>(at(key, layout_.floating.value));
            return value && !std::isnan(*value) ? std::optional<long double>(*value) : std::nullopt;
        }
        if (!typed || (typed->kind != Kind::kInt && typed->kind != Kind::kBool)) return std::nullopt;
        const auto value = read_int(memory_, layout_, key);
        return value ? std::optional<long double>(*value) : std::nullopt;
    }

    // Leaves the order alone if one key has no value to sort by.
    template <typename ValueOf>
    static void sort_by(std::vector<DictEntry>& entries, ValueOf value_of) {
        using Value = typename decltype(value_of(RemoteAddr{}))::value_type;
        std::vector<std::pair<Value, DictEntry>> sorted;
        for (const DictEntry& entry : entries) {
            auto value = value_of(entry.key);
            if (!value) return;
            sorted.emplace_back(std::move(*value), entry);
        }
        std::stable_sort(sorted.begin(), sorted.end(),
                         [](const auto& a, const auto& b) { return a.first < b.first; });
        std::transform(sorted.begin(), sorted.end(), entries.begin(),
                       [](const auto& pair) { return pair.second; });
    }

    Result<ValueCopy> copy_other(RemoteAddr object, RemoteAddr type) {
        CT_TRY(const auto name, read_full_type_name(memory_, layout_, type));
        return ValueCopy{'<' + name + " at " + to_hex(object) + '>'};
    }

    const RemoteMemory& memory_;
    const Layout& layout_;
    const PreviewCaps& caps_;
    int objects_left_;
};

}  // namespace

namespace {

bool matches_any(const std::vector<std::string>& globs, const std::string& name) {
    return std::ranges::any_of(
        globs, [&](const std::string& glob) { return ::fnmatch(glob.c_str(), name.c_str(), 0) == 0; });
}

}  // namespace

bool PreviewCaps::shows_key(std::string_view name) const {
    return !is_secret_name(name) || matches_any(named, std::string(name));
}

bool PreviewCaps::shows_argument(std::string_view name) const {
    const std::string text(name.substr(std::min(name.find_first_not_of('*'), name.size())));
    return (all_names && !is_secret_name(text)) || matches_any(named, text);
}

Result<ValueCopy> copy_value(const RemoteMemory& memory, const Layout& layout, RemoteAddr object,
                             const PreviewCaps& caps) {
    return ValueCopier(memory, layout, caps).copy(object, caps.max_level);
}

std::string show_value(const ValueCopy& copy, const PreviewCaps& caps) {
    return to_text(copy, {.max_long = caps.max_long, .max_other = caps.max_other});
}

Result<std::string> preview(const RemoteMemory& memory, const Layout& layout, RemoteAddr object,
                            const PreviewCaps& caps) {
    CT_TRY(const auto copy, copy_value(memory, layout, object, caps));
    return show_value(copy, caps);
}

Result<TypeFacts> TypeFacts::read(const RemoteMemory& memory, const Layout& layout, RemoteAddr address) {
    TypeFacts facts{.address = address, .kind = Kind::kOther, .name = {}};
    CT_TRY(facts.kind, read_kind_of_type(memory, layout, address));
    CT_TRY(facts.name, read_full_type_name(memory, layout, address));
    return facts;
}

Result<bool> is_still(const RemoteMemory& memory, const Layout& layout, const TypeFacts& type) {
    CT_TRY(const auto now, TypeFacts::read(memory, layout, type.address));
    return now == type;
}

Result<std::string> describe_type(const RemoteMemory& memory, const Layout& layout, TypeCache& types,
                                  RemoteAddr object) {
    CT_TRY(const auto address, read_type(memory, layout, object));
    CT_TRY(const auto type, types.find_or_read(memory, layout, address));
    std::uint64_t length = 0;
    switch (type->kind) {
        case Kind::kStr: {
            CT_TRY(length, memory.read_as<std::uint64_t>(at(object, layout.unicode.length)));
            break;
        }
        case Kind::kBytes:
        case Kind::kTuple:
        case Kind::kList: {
            CT_TRY(length, read_length(memory, layout, object));
            break;
        }
        case Kind::kDict: {
            CT_TRY(const auto items, read_dict(memory, layout, object, 0));
            length = items.length;
            break;
        }
        case Kind::kInt:
        case Kind::kFloat:
        case Kind::kBool:
        case Kind::kNone:
        case Kind::kOther:
            return type->name;
    }
    return type->name + '[' + std::to_string(length) + ']';
}

}  // namespace corotrace
