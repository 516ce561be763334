// SPDX-License-Identifier: MIT
#include "cpython_layouts/version.hpp"

#include "cpython_layouts/registry.hpp"
#include "tests/support/catch.hpp"

namespace corotrace::cpython_layouts_version_test {

TEST_CASE("versions are taken from what Python says of itself") {
    CHECK(parse_version("3.11.2 (main, Apr 28 2025, 14:11:48) [GCC 12.2.0]") ==
          PythonVersion{3, 11, 2, false, false});
    CHECK(parse_version("3.13.5 experimental free-threading build (main, ...") ==
          PythonVersion{3, 13, 5, true, false});
    CHECK(parse_version("3.14.0rc1+ free-threading build (main") == PythonVersion{3, 14, 0, true, true});
    CHECK(parse_version("3.13.5t") == PythonVersion{3, 13, 5, true, false});
    CHECK(parse_version("3.15.0a2 (main") == PythonVersion{3, 15, 0, false, true});
    CHECK(parse_version("3.8") == PythonVersion{3, 8, 0, false, false});
    for (const char* text : {"", "3", "three", "3.", "3.x", "3.8.", "-3.8.1", "99999.1.1"}) {
        INFO(text);
        CHECK(!parse_version(text));
    }
}

TEST_CASE("versions are taken from PY_VERSION_HEX") {
    CHECK(parse_version_hex(0x030d05f0) == PythonVersion{3, 13, 5, false, false});
    CHECK(parse_version_hex(0x030f00b2) == PythonVersion{3, 15, 0, false, true});
    CHECK(!parse_version_hex(0));
    CHECK(!parse_version_hex(0x020712f0));
    CHECK(!parse_version_hex(0x030d0500));
}

TEST_CASE("a version is written as people write it") {
    CHECK(format_version({3, 13, 5, true, false}) == "3.13.5t");
    CHECK(format_version({3, 15, 0, false, true}) == "3.15.0 (pre-release)");
}

TEST_CASE("a version without a table is refused with those that have one") {
    CHECK(find_layout({3, 11, 99, false, false}).ok());
    CHECK((*find_layout({3, 13, 0, true, false}))->free_threaded);
    for (const PythonVersion version :
         {PythonVersion{3, 7, 16, false, false}, PythonVersion{2, 7, 18, false, false},
          PythonVersion{3, 12, 0, true, false}, PythonVersion{4, 8, 0, false, false}}) {
        const auto layout = find_layout(version);
        REQUIRE(!layout.ok());
        CHECK(layout.error().code == Errc::unsupported);
        CHECK(layout.error().what.find("3.8 3.9 3.10 3.11 3.12 3.13 3.13t") != std::string::npos);
    }
}

}  // namespace corotrace::cpython_layouts_version_test
