// SPDX-License-Identifier: MIT
#include "tracer/findings/own_code.hpp"

#include "tests/support/catch.hpp"

namespace corotrace::findings_own_code_test {
namespace {

TEST_CASE("a library is known by where its file is installed") {
    CHECK(library_of("/srv/venv/lib/python3.11/site-packages/uvicorn/server.py") == "uvicorn");
    CHECK(library_of("/usr/lib/python3/dist-packages/six.py") == "six");
    CHECK(library_of("/usr/lib/python3.11/asyncio/runners.py") == "asyncio");
    CHECK(library_of("/opt/py/lib/python3.13t/threading.py") == "threading");
    CHECK(library_of("/opt/py/lib/python311.zip/json/encoder.py") == "json");
    CHECK(library_of("<frozen importlib._bootstrap>") == "importlib");
    CHECK(library_of("<string>") == "<string>");
    CHECK_FALSE(library_of("/srv/app/store.py"));
    CHECK_FALSE(library_of("/home/me/lib/pythonic/store.py"));
    CHECK_FALSE(library_of("store.py"));
    CHECK_FALSE(library_of(""));
}

TEST_CASE("globs make further files a program's own") {
    const std::string file = "/srv/venv/lib/python3.11/site-packages/ours/api.py";
    CHECK_FALSE(OwnCode().is_own(file));
    CHECK(OwnCode({"*/ours/*"}).is_own(file));
    CHECK_FALSE(OwnCode({"*/other/*"}).is_own(file));
    CHECK(OwnCode({"*/other/*"}).is_own("/srv/app/store.py"));
}

TEST_CASE("a portable path is the same wherever the file is installed") {
    CHECK(portable_path("/srv/venv/lib/python3.11/site-packages/uvicorn/server.py") == "uvicorn/server.py");
    CHECK(portable_path("/usr/lib/python3.11/asyncio/runners.py") == "asyncio/runners.py");
    CHECK(portable_path("<frozen runpy>") == "runpy.py");
    CHECK(portable_path("/usr/lib/python3.8/runpy.py") == "runpy.py");
    CHECK(portable_path("/srv/app/store.py") == "store.py");
    CHECK(portable_path("/srv/app/__init__.py") == "app/__init__.py");
    CHECK(portable_path("app/__main__.py") == "app/__main__.py");
    CHECK(portable_path("store.py") == "store.py");
    CHECK(portable_path("<string>") == "<string>");
    CHECK(portable_path("").empty());
}

}  // namespace
}  // namespace corotrace::findings_own_code_test
