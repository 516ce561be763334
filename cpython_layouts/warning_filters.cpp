// SPDX-License-Identifier: MIT
#include "cpython_layouts/warning_filters.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/code.hpp"
#include "cpython_layouts/integer.hpp"
#include "cpython_layouts/limits.hpp"
#include "cpython_layouts/objects.hpp"
#include "cpython_layouts/runtime.hpp"

namespace corotrace {

namespace {

constexpr std::string_view kModule = "warnings";
constexpr std::uint32_t kRegexIgnoresCase = 2;  // re.IGNORECASE

// A character of a simple expression, and how often it may come.
struct Atom {
    char character = 0;  // 0: any but a newline
    bool once = true;    // at least
    bool repeated = false;
};

struct Expression {
    std::vector<Atom> atoms;
    bool to_the_end = false;
};

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 128; });
}

char fold(char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

// One escape sequence at `rest`, taken away. Null: one with a meaning that is not known here.
std::optional<Expression> parse_escape(std::string_view& rest) {
    if (rest.size() < 2) return std::nullopt;
    const char escaped = rest[1];
    rest.remove_prefix(2);
    if ((escaped == 'Z' || escaped == 'z') && rest.empty())
        return Expression{.atoms = {}, .to_the_end = true};
    if (std::isalnum(static_cast<unsigned char>(escaped)) != 0) return std::nullopt;
    return Expression{.atoms = {{.character = escaped}}, .to_the_end = false};
}

std::optional<Expression> parse(std::string_view rest) {
    Expression expression;
    if (rest.starts_with('^')) rest.remove_prefix(1);
    while (!rest.empty()) {
        const char c = rest.front();
        if (c == '\\') {
            const auto part = parse_escape(rest);
            if (!part) return std::nullopt;
            expression.atoms.insert(expression.atoms.end(), part->atoms.begin(), part->atoms.end());
            expression.to_the_end = part->to_the_end;
        } else if (c == '$' && rest.size() == 1) {
            rest.remove_prefix(1);
            expression.to_the_end = true;
        } else if (std::string_view("$^?{}[]()|*+").find(c) != std::string_view::npos) {
            return std::nullopt;
        } else {
            rest.remove_prefix(1);
            expression.atoms.push_back({.character = c == '.' ? '\0' : c});
        }
        const bool repeats = rest.starts_with('*') || rest.starts_with('+');
        if (repeats && (expression.atoms.empty() || expression.to_the_end)) return std::nullopt;
        if (!repeats) continue;
        expression.atoms.back().repeated = true;
        expression.atoms.back().once = rest.front() == '+';
        rest.remove_prefix(1);
    }
    return expression;
}

// Where in the text the expression may have come to, atom by atom.
bool matches(const Expression& expression, std::string_view text, bool ignores_case) {
    const auto is_it = [&](const Atom& atom, char c) {
        if (atom.character == 0) return c != '\n';
        return ignores_case ? fold(atom.character) == fold(c) : atom.character == c;
    };
    std::vector<bool> here(text.size() + 1);
    here[0] = true;
    for (const Atom& atom : expression.atoms) {
        std::vector<bool> next(text.size() + 1);
        for (std::size_t at = 0; at <= text.size(); ++at) {
            if (here[at] && !atom.once) next[at] = true;
            const bool begun = here[at] || (atom.repeated && next[at]);
            if (begun && at < text.size() && is_it(atom, text[at])) next[at + 1] = true;
        }
        here = std::move(next);
    }
    return expression.to_the_end ? here.back() : std::ranges::find(here, true) != here.end();
}

// A str stands for itself, a compiled expression is an object with its text; None fits everything.
Result<std::optional<WarningPattern>> read_pattern(const RemoteMemory& memory, const Layout& layout,
                                                   RemoteAddr object) {
    CT_TRY(const auto type, read_type_name_of(memory, layout, object));
    if (type == "NoneType") return std::optional<WarningPattern>{};
    if (type == "str") {
        CT_TRY(auto text, read_str(memory, layout, object));
        return std::optional(WarningPattern{.text = std::move(text)});
    }
    if (type != "re.Pattern") return Error{Errc::malformed, 0, "a filter's pattern is a " + type};
    // PatternObject: groups, groupindex, indexgroup, pattern, flags behind the number of items.
    const RemoteAddr fields = at(object, layout.object.size) + sizeof(std::uint64_t);
    CT_TRY(const auto pattern, memory.read_pointer(fields + 3 * sizeof(std::uint64_t)));
    CT_TRY(const auto flags, memory.read_as<std::uint32_t>(fields + 4 * sizeof(std::uint64_t)));
    CT_TRY(auto text, read_str(memory, layout, pattern));
    return std::optional(WarningPattern{
        .text = std::move(text), .is_regex = true, .ignores_case = (flags & kRegexIgnoresCase) != 0});
}

// RuntimeWarning's bases, which are no heap types as a class of the same name would be.
Result<std::optional<std::string>> read_category(const RemoteMemory& memory, const Layout& layout,
                                                 RemoteAddr type) {
    constexpr std::array<std::string_view, 5> kBases{"RuntimeWarning", "Warning", "Exception",
                                                     "BaseException", "object"};
    CT_TRY(auto name, read_type_name(memory, layout, type));
    CT_TRY(const auto flags, memory.read_as<std::uint64_t>(at(type, layout.type.flags)));
    const bool fits = std::ranges::find(kBases, name) != kBases.end() && (flags & kTypeFlagHeap) == 0;
    return fits ? std::optional(std::move(name)) : std::nullopt;
}

// Null: of another category.
Result<std::optional<WarningFilter>> read_filter(const RemoteMemory& memory, const Layout& layout,
                                                 RemoteAddr object) {
    CT_TRY(const auto fields, read_tuple(memory, layout, object, 5));
    if (fields.items.size() != 5) return Error{Errc::malformed, 0, "a filter has not five fields"};
    CT_TRY(auto category, read_category(memory, layout, fields.items[2]));
    if (!category) return std::optional<WarningFilter>{};
    CT_TRY(auto action, read_str(memory, layout, fields.items[0], kMaxActionChars));
    CT_TRY(auto message, read_pattern(memory, layout, fields.items[1]));
    CT_TRY(auto module, read_pattern(memory, layout, fields.items[3]));
    CT_TRY(const auto line, read_int(memory, layout, fields.items[4]));
    return std::optional(WarningFilter{.action = std::move(action),
                                       .category = *std::move(category),
                                       .message = std::move(message),
                                       .module = std::move(module),
                                       .line = line});
}

}  // namespace

std::optional<bool> fits(const WarningPattern& pattern, std::string_view text, bool goes_on) {
    if (!pattern.is_regex) return goes_on ? std::nullopt : std::optional(pattern.text == text);
    if (!is_ascii(pattern.text) || !is_ascii(text)) return std::nullopt;
    const auto expression = parse(pattern.text);
    if (!expression || (goes_on && expression->to_the_end)) return std::nullopt;
    return matches(*expression, text, pattern.ignores_case);
}

std::string describe(const WarningFilter& filter) {
    std::string text = filter.action + ':' + (filter.message ? filter.message->text : "") + ':' +
                       (filter.category == "Warning" ? "" : filter.category) + ':' +
                       (filter.module ? filter.module->text : "") + ':' +
                       (filter.line != 0 ? std::to_string(filter.line) : "");
    text.resize(text.find_last_not_of(':') + 1);
    return text;
}

Result<std::vector<WarningFilter>> read_warning_filters(const RemoteMemory& memory, const Layout& layout,
                                                        RemoteAddr interpreter) {
    if (const auto flag = find_module_attribute(memory, layout, interpreter, kModule, "_use_context")) {
        CT_TRY(const auto uses, read_int(memory, layout, *flag));
        if (uses != 0) return Error{Errc::unsupported, 0, "each context has filters of its own"};
    }
    CT_TRY(const auto list, find_module_attribute(memory, layout, interpreter, kModule, "filters"));
    CT_TRY(const auto entries, read_list(memory, layout, list, kMaxWarningFilters));
    std::vector<WarningFilter> filters;
    for (const RemoteAddr entry : entries.items) {
        CT_TRY(auto filter, read_filter(memory, layout, entry));
        if (filter) filters.push_back(*std::move(filter));
    }
    return filters;
}

Result<std::string> read_default_warning_action(const RemoteMemory& memory, const Layout& layout,
                                                RemoteAddr interpreter) {
    CT_TRY(const auto action, find_module_attribute(memory, layout, interpreter, kModule, "defaultaction"));
    return read_str(memory, layout, action, kMaxActionChars);
}

Result<std::optional<std::string>> read_warning_handler(const RemoteMemory& memory, const Layout& layout,
                                                        RemoteAddr interpreter) {
    const auto find = [&](std::string_view name) {
        return find_module_attribute(memory, layout, interpreter, kModule, name);
    };
    CT_TRY(const auto show, find("showwarning"));
    CT_TRY(const auto original, find("_showwarning_orig"));
    CT_TRY(const auto implementation, find("_showwarnmsg_impl"));
    CT_TRY(const auto inner, read_type_name_of(memory, layout, implementation));
    if (inner != "function") return std::optional<std::string>("catch_warnings(record=True)");
    if (show == original) return std::optional<std::string>{};
    CT_TRY(auto type, read_type_name_of(memory, layout, show));
    if (type != "function") return std::optional(std::move(type));
    CT_TRY(const auto code, memory.read_pointer(at(show, layout.function.code)));
    CT_TRY(const auto read, Code::read(memory, layout, code));
    return std::optional(read.qualname);
}

}  // namespace corotrace
