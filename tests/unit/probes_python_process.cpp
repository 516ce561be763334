// SPDX-License-Identifier: MIT
// Which CPython is in a process and where, against what the interpreter says itself; and what is said of
// processes that are something else.
#include "cpython_layouts/python_process.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cpython_layouts/runtime.hpp"
#include "symbols/live_image.hpp"
#include "symbols/process_memory.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/interpreters.hpp"
#include "tracer/probes/not_python.hpp"

namespace corotrace::probes_python_process_test {

namespace {

// Version, free-threaded or not, address of PyCoro_Type.
constexpr const char* kTruth =
    "import sys, types; print('%d.%d.%d' % sys.version_info[:3], int('free-threading' in sys.version), "
    "id(types.CoroutineType), flush=True); ";
constexpr const char* kWait = "sys.stdin.readline()";

struct Truth {
    std::string version;
    bool free_threaded = false;
    std::uint64_t coro_type = 0;
};

Truth parse_truth(const std::string& line) {
    Truth truth;
    std::istringstream(line) >> truth.version >> truth.free_threaded >> truth.coro_type;
    return truth;
}

// What find_python_process() says of a live process, for as long as it is examined.
class Look {
public:
    explicit Look(pid_t pid) : memory_(ProcessMemory::open(pid, false)) {
        REQUIRE(memory_);
        image_.emplace(pid, *memory_);
        symbols_.emplace(SymbolIndex::open(*image_));
        REQUIRE(*symbols_);
        python_.emplace(find_python_process(pid, *memory_, **symbols_));
    }
    [[nodiscard]] const ProcessMemory& memory() const { return *memory_; }
    [[nodiscard]] const Result<PythonProcess>& python() const { return *python_; }

private:
    Result<ProcessMemory> memory_;
    std::optional<LiveImage> image_;
    std::optional<Result<SymbolIndex>> symbols_;
    std::optional<Result<PythonProcess>> python_;
};

void check_against(const Look& look, const std::string& line) {
    const auto truth = parse_truth(line);
    if (!look.python()) FAIL(look.python().error().what);
    const auto& python = *look.python();
    CHECK(python.coro_type == RemoteAddr{truth.coro_type});
    auto version = python.version;
    CHECK(version.free_threaded == truth.free_threaded);
    version.free_threaded = version.prerelease = false;
    CHECK(format_version(version) == truth.version);
    CHECK(python.layout->free_threaded == truth.free_threaded);
    const auto interpreters = read_interpreters(look.memory(), *python.layout, python.runtime);
    REQUIRE(interpreters);
    CHECK(interpreters->size() == 1);
    CHECK(python.notes.empty());
}

std::string refusal(pid_t pid) {
    const Look look(pid);
    if (look.python()) return "CPython " + format_version(look.python()->version);
    CHECK(look.python().error().code == Errc::unsupported);
    return look.python().error().what;
}

bool contains(const std::string& text, const std::string& part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
    return text.find(part) != std::string::npos;
}

// Runs the C compiler; nothing if there is none or what it links to is not installed.
std::optional<std::filesystem::path> compile(const std::string& name, const std::string& source,
                                             const std::string& flags) {
    const auto base =
        std::filesystem::temp_directory_path() / ("corotrace_" + name + "_" + std::to_string(::getpid()));
    std::ofstream(base.string() + ".c") << source;
    const std::string command =
        "cc -o " + base.string() + " " + base.string() + ".c " + flags + " 2>/dev/null";
    const int status = std::system(command.c_str());
    std::filesystem::remove(base.string() + ".c");
    if (status != 0) return std::nullopt;
    return base;
}

}  // namespace

TEST_CASE("each interpreter is found where it says that it is") {
    const auto interpreters = find_interpreters();
    CHECK_FALSE(interpreters.empty());
    for (const auto& interpreter : interpreters) {
        DYNAMIC_SECTION(interpreter.id) {
            const auto child = ChildProcess::run_ready(interpreter.running(std::string(kTruth) + kWait));
            check_against(Look(child.pid()), child.first_line());
        }
    }
}

TEST_CASE("of two copies of the library the live one is taken") {
    // The second copy is loaded later and so lies at lower addresses.
    const std::string load_again =
        "import ctypes, shutil, tempfile, os, glob\n"
        "lib = [l.split(None, 5)[5].strip() for l in open('/proc/self/maps') if 'libpython' in l][0]\n"
        "copy = tempfile.mkdtemp() + '/libpython-copy.so'\n"
        "shutil.copy(lib, copy)\n"
        "ctypes.CDLL(copy)\n"
        "shutil.rmtree(os.path.dirname(copy))\n";
    int tried = 0;
    for (const auto& interpreter : find_interpreters()) {
        if (!interpreter.has("shared")) continue;
        DYNAMIC_SECTION(interpreter.id) {
            const auto child = ChildProcess::run_ready(interpreter.running(load_again + kTruth + kWait));
            const Look look(child.pid());
            check_against(look, child.first_line());
            CHECK(look.python()->module->path().find("libpython-copy") == std::string::npos);
        }
        ++tried;
    }
    if (tried == 0) CT_SKIP("no interpreter with a shared library");
}

TEST_CASE("a program that embeds Python, without a single symbol") {
    // Declared by hand, so that no headers need to be installed.
    const auto program =
        compile("embed",
                "void Py_Initialize(void); int PyRun_SimpleString(const char*);"
                "int main(int c, char** v) { Py_Initialize(); return c + PyRun_SimpleString(v[1]); }",
                "-no-pie -s $(ls /usr/lib/*/libpython3*.a | head -1) -lexpat -lz -lm");
    if (!program) {
        CT_SKIP("no static libpython here (Debian: libpython3-dev)");
        return;
    }
    const auto child = ChildProcess::run_ready({*program, std::string(kTruth) + kWait});
    std::filesystem::remove(*program);
    check_against(Look(child.pid()), child.first_line());
}

TEST_CASE("a program that links libpython and has not started it") {
    const auto program = compile("sleeper",
                                 "#include <stdio.h>\n#include <unistd.h>\nvoid Py_Initialize(void);"
                                 "int main(int c, char** v) { if (c > 9) Py_Initialize(); puts(v[0]);"
                                 "fflush(stdout); for (;;) pause(); }",
                                 "$(ls /usr/lib/*/libpython3*.so.1.0 | head -1)");
    if (!program) {
        CT_SKIP("no shared libpython here");
        return;
    }
    const auto child = ChildProcess::run_ready({*program});
    std::filesystem::remove(*program);
    const auto said = refusal(child.pid());
    CHECK(contains(said, "it has CPython 3."));
    CHECK(contains(said, " mapped (/usr/lib/"));
    CHECK(contains(
        said, "but no interpreter runs in it: it is starting or ending, or has not begun to use Python"));
}

TEST_CASE("old Pythons are refused by their version") {
    const char* home = std::getenv("HOME");
    for (const std::string version : {"2.7.18", "3.6.15", "3.7.16"}) {
        const auto python =
            std::filesystem::path(home != nullptr ? home : "") / ".pyenv/versions" / version / "bin/python";
        if (!std::filesystem::exists(python)) {
            CT_SKIP_PART("no pyenv Python " << version);
            continue;
        }
        DYNAMIC_SECTION(version) {
            const auto child = ChildProcess::run_ready(
                {python, "-c",
                 "import sys; sys.stdout.write('ready\\n'); sys.stdout.flush(); sys.stdin.readline()"});
            const auto said = refusal(child.pid());
            CHECK(contains(said, "CPython " + version));
            CHECK(contains(said, " 3.8 3.9 3.10 3.11 3.12 3.13 "));
            CHECK(contains(said, "run the program with one of"));
        }
    }
}

TEST_CASE("PyPy is refused by name") {
    const auto child = ChildProcess::run_ready({"pypy3", "-c", "print('ready', flush=True); input()"});
    if (child.first_line() != "ready") {
        CT_SKIP("no pypy3 here");
        return;
    }
    const auto said = refusal(child.pid());
    CHECK(contains(said, "it runs PyPy (/usr/"));
    CHECK(contains(said, "run the program with one of CPython 3.8 "));
}

TEST_CASE("what is no Python names its descendants that are") {
    const auto none = ChildProcess::run_ready({"sh", "-c", "echo ready; read line"});
    CHECK(contains(refusal(none.pid()),
                   "sh (" + std::filesystem::canonical("/bin/sh").string() +
                       ") is not a Python process; if it is going to start or become one, attach "
                       "when it has; list candidates by: pgrep -a python"));

    const std::string python = "python3 -c 'import os; print(os.getpid(), flush=True); os.read(3, 1)'";
    const auto shell = ChildProcess::run_ready({"sh", "-c", "exec 3<&0; " + python + "; true"});
    const auto pid = shell.first_line();
    CHECK(contains(refusal(shell.pid()), ") is not a Python process, but its descendant " + pid +
                                             " (python3) is; run: corotrace attach --pid " + pid));

    const auto nested =
        ChildProcess::run_ready({"sh", "-c", "exec 3<&0; sh -c \"" + python + "; true\"; true"});
    CHECK(contains(refusal(nested.pid()), "but its descendant " + nested.first_line() + " (python3) is"));

    const auto several = ChildProcess::run_ready(
        {"sh", "-c",
         "exec 3<&0; for i in 1 2 3 4 5 6; do python3 -c 'import os; os.read(3, 1)' & done; echo; wait"});
    while (refusal(several.pid()).find("and 1 more; run: corotrace attach --pid ") == std::string::npos) {
    }
}

}  // namespace corotrace::probes_python_process_test
