// SPDX-License-Identifier: MIT
#include "cpython_layouts/registry.hpp"

#include <array>
#include <utility>

#include "cpython_layouts/debug_offsets.hpp"
#include "cpython_layouts/validate.hpp"
#include "cpython_layouts/versions/py3_08.hpp"
#include "cpython_layouts/versions/py3_09.hpp"
#include "cpython_layouts/versions/py3_10.hpp"
#include "cpython_layouts/versions/py3_11.hpp"
#include "cpython_layouts/versions/py3_12.hpp"
#include "cpython_layouts/versions/py3_13.hpp"
#include "cpython_layouts/versions/py3_13t.hpp"
#include "cpython_layouts/versions/py3_14.hpp"
#include "cpython_layouts/versions/py3_14t.hpp"
#include "cpython_layouts/versions/py3_15.hpp"
#include "cpython_layouts/versions/py3_15t.hpp"

namespace corotrace {

namespace {

constexpr std::array<const Layout*, 11> kLayouts = {
    &kPython08,  &kPython09, &kPython10,  &kPython11, &kPython12,  &kPython13,
    &kPython13t, &kPython14, &kPython14t, &kPython15, &kPython15t,
};

// The newest table that a build of a version without one may resemble; null if there is none.
const Layout* find_nearest(const PythonVersion& version) {
    const Layout* nearest = nullptr;
    for (const Layout* layout : kLayouts) {
        const bool newer = version.major == 3 && version.minor > layout->minor;
        if (newer && version.free_threaded == layout->free_threaded) nearest = layout;
    }
    // A version between the tables is left out on purpose, not unknown.
    return nearest != nullptr && nearest->minor == kLayouts.back()->minor ? nearest : nullptr;
}

// Opcodes change with every version and are in no debug offsets.
Result<Layout> adjust(const RemoteMemory& memory, const Layout& base, bool is_same_version,
                      RemoteAddr runtime) {
    CT_TRY(auto layout, read_adjusted_layout(memory, base, runtime));
    if (!is_same_version) layout.opcodes = &kUnknownOpcodes;
    return layout;
}

}  // namespace

std::span<const Layout* const> supported_layouts() {
    return kLayouts;
}

std::string supported_versions() {
    std::string text;
    for (const Layout* layout : kLayouts) {
        if (!text.empty()) text += ' ';
        text += layout->name;
    }
    return text;
}

Result<const Layout*> find_layout(const PythonVersion& version) {
    for (const Layout* layout : kLayouts) {
        if (version.major == 3 && version.minor == layout->minor &&
            version.free_threaded == layout->free_threaded) {
            return layout;
        }
    }
    return Error{
        Errc::unsupported, 0,
        "CPython " + format_version(version) + " is not supported; supported are " + supported_versions()};
}

Result<Layout> draft_layout(const RemoteMemory& memory, const PythonVersion& version, RemoteAddr runtime) {
    auto table = find_layout(version);
    if (table) return **table;
    const Layout* base = find_nearest(version);
    auto layout = base == nullptr ? Result<Layout>(table.error()) : adjust(memory, *base, false, runtime);
    if (!layout) return std::move(table).error();
    return layout;
}

Result<ChosenLayout> choose_layout(const RemoteMemory& memory, const PythonVersion& version,
                                   RemoteAddr runtime, RemoteAddr coroutine_type) {
    auto table = find_layout(version);
    const Layout* base = table ? *table : find_nearest(version);
    if (base == nullptr) return std::move(table).error();
    Error refusal = table ? Error{} : table.error();
    if (table) {
        auto fits = validate_layout(memory, **table, runtime, coroutine_type);
        if (fits) return ChosenLayout{**table, false, ""};
        refusal = std::move(fits).error();
        if (refusal.code != Errc::unsupported) return refusal;
    }
    auto adjusted = adjust(memory, *base, static_cast<bool>(table), runtime);
    if (!adjusted) return refusal;
    auto fits = validate_layout(memory, *adjusted, runtime, coroutine_type);
    if (!fits) return fits.error().code == Errc::unsupported ? refusal : std::move(fits).error();
    const std::string how = " is read by the table of " + std::string(base->name) +
                            " and by the offsets that it gives itself, which fit: experimental";
    return ChosenLayout{
        *std::move(adjusted), true,
        table ? "this build of CPython " + format_version(version) + " moved what its table says; it" + how
              : "CPython " + format_version(version) + " has no table here; it" + how +
                    ", and mistakes that only its bytecode shows stay unknown"};
}

}  // namespace corotrace
