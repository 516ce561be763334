# SPDX-License-Identifier: MIT
"""Each rule of scripts/check_rooms.py, shown to fail on a small tree that breaks it and to pass on its neighbour."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
sys.dont_write_bytecode = True
import check_rooms  # noqa: E402

SPDX = "// SPDX-License-Identifier: MIT\n"
CMAKE = """# SPDX-License-Identifier: MIT
corotrace_room(symbols                                     LINKS PkgConfig::elfutils)
corotrace_room(cpython_layouts USES symbols)
corotrace_room(tracer/process  USES symbols                LINKS Threads::Threads)
corotrace_room(tracer/probes   USES tracer/process cpython_layouts)
corotrace_room(tracer/session  USES tracer/probes)
corotrace_room(tracer/cli      USES tracer/session)
"""


def faults(files, cmake=CMAKE):
    """(rule, file, line) of each fault in a tree of `files`, path -> text."""
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        for path, text in {"CMakeLists.txt": cmake, **files}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        return [(fault.rule, fault.file, fault.line) for fault in check_rooms.check(root)]


def cpp(body):
    return SPDX + "// What it is.\n" + body


def hpp(body):
    return SPDX + "// What it is.\n#pragma once\n" + body


class Rooms(unittest.TestCase):
    def assert_fails(self, rule, path, text, line):
        self.assertEqual(faults({path: text}), [(rule, path, line)])

    def assert_passes(self, path, text):
        self.assertEqual(faults({path: text}), [])

    def test_rooms_are_read_with_all_that_they_use_in_turn(self):
        rooms = check_rooms.read_rooms(CMAKE)
        self.assertEqual(rooms["symbols"], {"symbols"})
        self.assertEqual(rooms["tracer/session"],
                         {"tracer/session", "tracer/probes", "tracer/process", "cpython_layouts", "symbols"})

    def test_a_room_includes_only_what_is_below(self):
        self.assert_fails("include", "symbols/a.cpp", cpp('#include "cpython_layouts/b.hpp"\n'), 3)
        self.assert_fails("include", "tracer/process/a.cpp", cpp('#include "cpython_layouts/b.hpp"\n'), 3)
        self.assert_fails("include", "tracer/session/a.cpp", cpp('#include "tracer/cli/b.hpp"\n'), 3)
        self.assert_passes("tracer/session/a.cpp", cpp('#include "symbols/b.hpp"\n#include "tracer/session/c.hpp"\n'))

    def test_a_class_is_measured_over_all_its_files(self):
        head = hpp("class Big {\npublic:\n    void one();\n    void two() const;\n};\n")
        one = cpp("void Big::one() {\n" + "    work();\n" * 200 + "}\n")
        two = cpp("void Big::two() const {\n" + "    work();\n" * 200 + "}\n")
        small = cpp("void Other::two() const {\n" + "    work();\n" * 200 + "}\n")
        self.assertEqual(faults({"symbols/big.hpp": head, "symbols/big.cpp": one, "symbols/more.cpp": two}),
                         [("class", "symbols/big.hpp", 4)])
        self.assertEqual(faults({"symbols/big.hpp": head, "symbols/big.cpp": one, "symbols/more.cpp": small}), [])
        # A class of that name in another room is another one.
        self.assertEqual(faults({"symbols/big.hpp": head, "symbols/big.cpp": one,
                                 "cpython_layouts/big.cpp": two.replace("symbols", "cpython_layouts")}), [])

    def test_a_class_has_at_most_twenty_members(self):
        def members(count):
            kinds = ["int a{}_ = 0;", "std::map<int, int> a{}_;", "const Thing& a{}_;", "Thing* a{}_{{nullptr}};"]
            return "".join("    " + kinds[i % 4].format(i) + "\n" for i in range(count))
        inside = "    void go() {\n        int local_ = 0;\n        int other_ = 0;\n    }\n"
        self.assert_fails("class", "symbols/a.hpp", hpp("class A {\n" + inside + members(21) + "};\n"), 4)
        self.assert_passes("symbols/a.hpp", hpp("class A {\n" + inside + members(20) + "};\n"))
        # Plain values may have more.
        self.assert_passes("symbols/a.hpp", hpp("struct A {\n" + members(21).replace("_", "") + "};\n"))

    def test_an_include_is_a_path_from_the_top_and_not_of_tests(self):
        self.assert_fails("include", "symbols/a.cpp", cpp('#include "b.hpp"\n'), 3)
        self.assert_fails("include", "symbols/a.cpp", cpp('#include "tests/support/b.hpp"\n'), 3)
        self.assert_passes("tests/unit/a.cpp", cpp('#include "tests/support/b.hpp"\n'))

    def test_tracing_headers_stay_in_their_room(self):
        for header in ("sys/ptrace.h", "sys/wait.h", "libunwind.h", "libunwind-ptrace.h"):
            self.assert_fails("header", "tracer/probes/a.cpp", cpp(f"#include <{header}>\n"), 3)
            self.assert_passes("tracer/process/a.cpp", cpp(f"#include <{header}>\n"))
            self.assert_passes("tests/unit/a.cpp", cpp(f"#include <{header}>\n"))

    def test_option_and_log_libraries_stay_in_cli(self):
        for header in ("CLI/CLI.hpp", "spdlog/spdlog.h"):
            self.assert_fails("header", "tracer/session/a.cpp", cpp(f"#include <{header}>\n"), 3)
            self.assert_passes("tracer/cli/a.cpp", cpp(f"#include <{header}>\n"))

    def test_libraries_stay_out_of_headers(self):
        for header in ("libelf.h", "elfutils/libdwfl.h", "nlohmann/json.hpp", "fmt/format.h"):
            self.assert_fails("third-party", "symbols/a.hpp", hpp(f"#include <{header}>\n"), 4)
        self.assert_passes("tests/support/catch.hpp", hpp("#include <catch2/catch.hpp>\n"))
        self.assert_passes("symbols/a.hpp", hpp("#include <elf.h>\n#include <vector>\n"))

    def test_each_system_call_has_one_home(self):
        for rule, call, home in (
            ("ptrace", "ptrace(PTRACE_CONT, 1)", "tracer/process/ptrace_call.cpp"),
            ("wait", "waitpid(1, nullptr, 0)", "tracer/process/event_pump.cpp"),
            ("wait", "::waitid(P_PID, 1, &info, 0)", "tracer/process/event_pump.cpp"),
            ("vm_readv", "process_vm_readv(1, &a, 1, &b, 1, 0)", "symbols/process_memory.cpp"),
            ("exit", "std::exit(1)", "tracer/cli/main.cpp"),
            ("exit", "abort()", "tracer/cli/main.cpp"),
        ):
            text = cpp(f"\nvoid f() {{ {call}; }}\n")
            self.assert_fails(rule, "tracer/process/thread.cpp", text, 4)
            self.assert_passes(home, text)
            self.assert_passes("tests/unit/a.cpp", text)

    def test_other_names_and_words_are_no_calls(self):
        self.assert_passes("tracer/process/thread.cpp", cpp(
            "// calls ptrace(2), then waitpid(2) and exit(3)\n/* abort() */\n"
            'auto a = "exit(1)";\nbool b = on_exit(1) && pump.waitid(2) && _exit(3);\nchar c = \'"\'; auto d = "ptrace(";\n'))

    def test_versions_are_compared_in_the_tables_only(self):
        for line in ("version.minor >= 11", "layout.minor < 12", "build.version() < other", "0x030b0000",
                     "minor == 8", "v >= PythonVersion{3, 11}"):
            text = cpp(f"bool newer = {line};\n")
            self.assert_fails("version", "cpython_layouts/frame.cpp", text, 3)
            self.assert_passes("cpython_layouts/registry.cpp", text)
            self.assert_passes("cpython_layouts/versions/py3_08.hpp", SPDX + "// A table.\n#pragma once\n" + f"// {line}\n")

    def test_using_a_version_without_comparing_it_is_fine(self):
        self.assert_passes("tracer/session/a.cpp", cpp(
            "Result<PythonVersion> read(); int n = version.minor; out << version << n; f->version->x();\n"
            "bool sane = *minor > UINT32_MAX;\n"))

    def test_processors_are_asked_for_in_arch_only(self):
        for line in ("#ifdef __x86_64__", "#if defined(__aarch64__)", "bool b = machine == EM_AARCH64;"):
            self.assert_fails("processor", "tracer/probes/stub.cpp", cpp(line + "\n"), 3)
            self.assert_passes("tracer/process/arch/x86_64.cpp", cpp(line + "\n"))

    def test_each_file_begins_with_its_licence_and_purpose(self):
        self.assert_fails("spdx", "symbols/a.cpp", "// What it is.\n", 1)
        self.assert_fails("spdx", "scripts/a.sh", "#!/bin/sh\n# What it is.\n", 2)
        self.assert_fails("spdx", "tests/a.py", '"""What it is."""\n', 1)
        self.assert_fails("comment", "symbols/a.hpp", SPDX + "#pragma once\n", 2)
        self.assert_fails("comment", "symbols/a.cpp", SPDX + "#include <vector>\n", 2)
        self.assert_fails("comment", "scripts/a.py", "# SPDX-License-Identifier: MIT\nimport os\n", 2)
        self.assert_passes("scripts/a.sh", "#!/bin/sh\n# SPDX-License-Identifier: MIT\n# What it is.\n")

    def test_a_source_file_is_described_by_its_header(self):
        self.assertEqual(faults({"symbols/a.hpp": hpp(""), "symbols/a.cpp": SPDX + '#include "symbols/a.hpp"\n'}), [])

    def test_a_header_guards_itself(self):
        self.assert_fails("once", "symbols/a.hpp", cpp(""), 1)

    def test_a_file_has_at_most_400_lines(self):
        self.assert_fails("length", "symbols/a.cpp", cpp("\n" * 399), 401)
        self.assert_passes("symbols/a.cpp", cpp("\n" * 398))

    def test_a_name_of_its_own_has_one_file_of_a_room(self):
        end = "}  // namespace\n"
        first = cpp("namespace {\nusing Clock = int;\nvoid f() {\n}\nconstexpr int kMost = 1;\nbool is_it(int a) {\n}\n" + end)
        again = cpp("namespace {\nusing Clock = int;\nusing Row = int;\nconstexpr long kMost = 2;\nint is_it(\n    int b) {\n}\n" + end)
        other = cpp("namespace {\nusing Row = long;\nbool is_it(long a) {\n    constexpr int kMost = 3;\n}\n" + end + "constexpr int kMost = 4;\n")
        found = faults({"symbols/a.cpp": first, "symbols/b.cpp": again, "symbols/c.cpp": other,
                        "cpython_layouts/d.cpp": first})
        self.assertEqual(found, [("own-name", "symbols/b.cpp", 6), ("own-name", "symbols/b.cpp", 7), ("own-name", "symbols/c.cpp", 4)])

    def test_the_top_level_is_fixed(self):
        self.assert_fails("top-level", "src", "", 1)
        self.assert_fails("top-level", "helper.py", "# SPDX-License-Identifier: MIT\n# What it is.\n", 1)
        self.assert_passes(".gitignore", "")

    def test_code_without_a_room_is_found(self):
        self.assert_fails("room", "tracer/attic/a.cpp", cpp(""), 1)
        self.assertEqual(faults({}, cmake="# SPDX-License-Identifier: MIT\n"), [("room", "CMakeLists.txt", 1)])

    def test_paths_of_one_machine_are_found_in_any_text(self):
        # Put together here, so that this file names none.
        for path in ("/".join(("", "work", "main")), "/".join(("", "root", ".cache")), "/".join(("", "home", "jo", "x"))):
            self.assert_fails("private", "README.md", f"# Title\n\nsee {path}\n", 3)
        self.assert_passes("README.md", "# Title\n\n/proc/PID/root/.hidden ~/.pyenv /usr/lib\n")


if __name__ == "__main__":
    unittest.main()
