// SPDX-License-Identifier: MIT
#include "cpython_layouts/registry.hpp"

#include <array>

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

}  // namespace corotrace
