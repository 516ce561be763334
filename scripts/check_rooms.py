#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the rules of the house that a compiler cannot: who includes whom, which file alone may make a
system call, where versions and processors may be compared, what each file begins with, how long it may be.

The rooms and what they use come from the corotrace_room(...) lines of CMakeLists.txt, which also link
them, so the two cannot differ. Prints one message per fault, `file:line: what. Why: ... Do: ...`, and
exits 1 if there is any.
"""
import argparse
import os
import re
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import NamedTuple

MAX_LINES = 400
MAX_CLASS_LINES = 400  # its declaration and all its functions, over all files of its room
MAX_MEMBERS = 20
CPP = {".cpp", ".hpp"}
# What counts as source of ours, by suffix; data of tests (json, images, corpora) has no rules here.
SOURCE = CPP | {".py", ".sh", ".cmake", ".txt", ".yml"}
TOP_LEVEL = {
    "CMakeLists.txt", "CMakePresets.json", "LICENSE", "CHANGELOG.md", "README.md",
    "tracer", "symbols", "cpython_layouts", "tests", "scripts",
}


class Fault(NamedTuple):
    file: str
    line: int
    rule: str
    what: str
    why: str
    do: str

    def __str__(self):
        return f"{self.file}:{self.line}: [{self.rule}] {self.what}. Why: {self.why}. Do: {self.do}."


class File(NamedTuple):
    path: str
    text: str
    code: str  # text with comments and the contents of strings blanked; lines are kept
    room: str | None


class Confined(NamedTuple):
    """A pattern in code that only the files matching `home` may contain."""

    rule: str
    pattern: str
    home: str
    what: str
    why: str
    do: str


# What a file has in its unnamed namespace; the same alias may stand in several.
OWN = re.compile(r"^namespace \{\n(.*?)^\}  // namespace$", re.S | re.M)
OWN_NAME = re.compile(r"^(?:constexpr|const|inline constexpr)\b[^=;{\n]*?\b(?P<constant>k[A-Z]\w*)"
                      r"|^(?:class|struct|enum class) (?P<type>\w+)|^using (?P<alias>\w+) = (?P<aliased>[^;]*);"
                      r"|^(?!using|template)\w[\w:<>,&* ]*?[ &*](?P<function>\w+)\((?P<parameters>[^()]*)\)", re.M)
VERSION_HOME = r"cpython_layouts/(versions/.*|registry\.cpp|version\.[ch]pp)"
COMPARE = r"(?:==|!=|<=|>=|<(?!<)|(?<!-)>(?!>))"
NOT_A_MEMBER = r"(?<![\w.>])"

# Calls and comparisons, looked for in C++ of the rooms (tests start and reap their own processes).
CONFINED = [
    Confined("ptrace", NOT_A_MEMBER + r"ptrace\s*\(", r"tracer/process/ptrace_call\.cpp",
             "calls ptrace(2)", "every call goes through one file that checks and names its errors",
             "use tracer/process/ptrace_call.hpp, or add the request there"),
    Confined("wait", NOT_A_MEMBER + r"(?:waitpid|waitid|wait3|wait4)\s*\(", r"tracer/process/(?:event_pump|front)\.cpp",
             "waits for a process", "two waiters of one process steal each other's events", "take the event from EventPump"),
    Confined("vm_readv", NOT_A_MEMBER + r"process_vm_(?:read|write)v\s*\(", r"symbols/process_memory\.cpp",
             "reads another process directly", "all reading goes through RemoteMemory, so images and cores serve too",
             "take a const RemoteMemory&"),
    Confined("exit", NOT_A_MEMBER + r"(?:std::|::)?(?:exit|quick_exit|abort|terminate)\s*\(", r"tracer/cli/.*",
             "ends the program", "no destructor runs, and what was changed in the target stays changed",
             "return an Error; tracer/cli/exit_code.hpp maps it to an exit code"),
    Confined("version", rf"\b(?:minor|micro)\s*{COMPARE}\s*\d|\bversion\b(?:\(\))?(?:\.\w+)?\s*{COMPARE}"
             r"|(?:[=!<>]=|\s[<>])\s*PythonVersion\b|\b0x03[0-9a-fA-F]{6}\b|\b0x030[0-9a-fA-F]\b", VERSION_HOME,
             "compares a Python version", "version checks that leak out of the tables make the next version a hunt",
             "give Layout a number or a rule enum and ask for that"),
    Confined("processor", r"\b__(?:x86_64|amd64|i386|aarch64|arm|riscv|s390x|powerpc\w*)(?:__)?\b"
             r"|\bEM_(?!NONE\b)[A-Z0-9_]+\b|\bCMAKE_SYSTEM_PROCESSOR\b", r"tracer/process/arch/.*",
             "asks for the processor", "a processor is one file, tracer/process/arch/NAME.cpp",
             "put the difference behind tracer/process/arch/arch.hpp"),
]

# Headers that one room alone may include.
CONFINED_HEADERS = [
    (re.compile(r"sys/(ptrace|wait)\.h|linux/ptrace\.h|libunwind[\w-]*\.h"), "tracer/process",
     "tracing a process is that room's business alone"),
    (re.compile(r"asmjit/.*"), "tracer/process", "only the stub of a processor is made of machine code"),
    (re.compile(r"(CLI|spdlog)/.*"), "tracer/cli", "lower rooms return values and do not log or parse options"),
]
THIRD_PARTY = re.compile(r"(libelf|gelf|nlist|dwarf|lzma|zlib)\.h|libunwind[\w-]*\.h|"
                         r"(elfutils|CLI|spdlog|fmt|nlohmann|catch2)/.*")
PRIVATE = re.compile(r"(?<![\w}*.])/work/|(?<![\w}*])/root/\.")
PRIVATE_HOME = re.compile(r"/home/\w+/")  # tests may make one up
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
ROOM = re.compile(r"^corotrace_room\(\s*([\w/]+)([^)]*)\)", re.MULTILINE)


def blank_cpp(text):
    """Comments and the contents of literals become spaces; #include lines keep theirs (see INCLUDE)."""
    token = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"'
                       r"|(?<![0-9a-zA-Z])'(?:\\.|[^'\\\n])+'", re.DOTALL)
    return token.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def read_rooms(cmake):
    """Room -> all rooms it may include: itself, what it USES, and what those use."""
    uses = {}
    for name, rest in ROOM.findall(cmake):
        words = rest.split()
        start = words.index("USES") + 1 if "USES" in words else len(words)
        end = words.index("LINKS") if "LINKS" in words[start:] else len(words)
        uses[name] = words[start:end]

    def closure(room, seen):
        for used in uses.get(room, []):
            if used not in seen:
                closure(used, seen | {used})
                seen |= closure(used, {used})
        return seen

    return {room: closure(room, {room}) for room in uses}


def room_of(path, rooms):
    """The innermost room whose folder holds the path, or None."""
    return max((room for room in rooms if path.startswith(room + "/")), key=len, default=None)


def list_files(root):
    """Tracked files and new ones that are not ignored; without git, everything outside build/."""
    if (root / ".git").exists():
        out = subprocess.run(["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                             check=True, capture_output=True).stdout
        names = {os.fsdecode(name) for name in out.split(b"\0") if name}
    else:
        names = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
        names = {name for name in names if not name.startswith("build/") and "__pycache__" not in name}
    return sorted(name for name in names if (root / name).is_file())


def check_includes(file, rooms):
    for number, line in enumerate(file.text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quoted, name = match.group(1) == '"', match.group(2)
        if quoted and file.room:
            used = room_of(name, rooms)
            if used is None:
                yield Fault(file.path, number, "include", f'includes "{name}", which is in no room',
                            "rooms include each other by their path from the top, and nothing of tests",
                            "write the path from the top, or move the file into a room")
            elif used not in rooms[file.room]:
                allowed = ", ".join(sorted(rooms[file.room] - {file.room})) or "no other room"
                yield Fault(file.path, number, "include", f'includes "{name}"',
                            f"{file.room} may include {allowed}; {used} is not below it",
                            "move the code, hand the value down as an argument, or change USES in CMakeLists.txt")
        for pattern, home, why in CONFINED_HEADERS:
            if file.room and file.room != home and pattern.fullmatch(name):
                yield Fault(file.path, number, "header", f"includes <{name}> outside {home}", why,
                            f"move what needs it to {home} behind a plain interface")
        if file.room and file.path.endswith(".hpp") and THIRD_PARTY.fullmatch(name):
            yield Fault(file.path, number, "third-party", f"a header includes <{name}>",
                        "a library's types would spread to everyone who includes this",
                        "include it in the .cpp and keep the public types plain C++")


def check_confined(file):
    if not file.room:
        return
    for rule in CONFINED:
        if re.fullmatch(rule.home, file.path):
            continue
        for match in re.finditer(rule.pattern, file.code):
            line = file.code.count("\n", 0, match.start()) + 1
            where = rule.home.replace("\\", "").replace("/.*", "/")
            yield Fault(file.path, line, rule.rule, f"{rule.what} (`{match.group().strip()}`) outside {where}",
                        rule.why, rule.do)


def check_beginning(file, paths):
    """SPDX first (after #! in scripts), then a comment that says what the file is."""
    suffix = PurePosixPath(file.path).suffix
    lines = file.text.splitlines()
    first = 1 if lines and lines[0].startswith("#!") else 0
    mark = "//" if suffix in CPP else "#"
    if len(lines) <= first or lines[first] != f"{mark} SPDX-License-Identifier: MIT":
        yield Fault(file.path, first + 1, "spdx", "does not begin with its licence line",
                    "each file says its licence in a form that tools read",
                    f"make `{mark} SPDX-License-Identifier: MIT` line {first + 1}")
        return
    if suffix not in CPP | {".py", ".sh"}:
        return
    # A .cpp whose header stands beside it is described there, and a test by its name.
    described = file.path[:-3] + "hpp" in paths or file.path.startswith("tests/")
    if suffix == ".cpp" and described or file.path.endswith("__init__.py"):
        return
    follows = lines[first + 1].strip() if len(lines) > first + 1 else ""
    if not follows.startswith((mark, '"""') if suffix == ".py" else mark):
        yield Fault(file.path, first + 2, "comment", "has no first comment",
                    "a stranger must learn in two to six lines what a file is and promises",
                    "say it right below the licence line")


def check_shape(file):
    count = len(file.text.splitlines())
    if count > MAX_LINES:
        yield Fault(file.path, count, "length", f"has {count} lines, more than {MAX_LINES}",
                    "one long file hides three short ones", "split it by what it is about")
    if file.path.endswith(".hpp") and not re.search(r"^#pragma once$", file.text, re.MULTILINE):
        yield Fault(file.path, 1, "once", "is a header without #pragma once", "including it twice does not compile",
                    "put #pragma once below the first comment")


CLASS = re.compile(r"^[ \t]*class\s+(\w+)(?:\s+final)?[^;{}()=]*\{", re.MULTILINE)
# Where a member function begins outside its class: in the first column.
OUTSIDE = re.compile(r"^(?!namespace\b|using\b|return\b)[A-Za-z\[][^;{}()\n]*?\b(\w+)::~?[\w]+\(", re.MULTILINE)


def body_end(code, start):
    """The end of the block whose opening brace is before `start`."""
    depth = 1
    for match in re.finditer(r"[{}]", code[start:]):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return start + match.end()
    return len(code)


def count_lines(code, start):
    """Lines of the function that begins there: to a brace in the first column, or of one line."""
    lines = code[start:].splitlines()
    for number, line in enumerate(lines, 1):
        if line.startswith("}") or "{" in line and line.endswith("}") and line.count("{") == line.count("}"):
            return number
        if line.endswith(";") and "{" not in "".join(lines[:number]):
            return 0  # a declaration
    return len(lines)


def count_members(body):
    """Data members declared directly in a class body: what ends in `_`, see the style's names."""
    while True:
        flat = re.sub(r"\{[^{}]*\}", ";", body)
        if flat == body:
            break
        body = flat
    statements = (re.sub(r"\s+", " ", statement).strip() for statement in body.split(";"))
    return sum(1 for statement in statements
               if re.search(r"\w[\w>&*\])]* [&*]*\w+_( = .*)?$", statement) and not statement.startswith("return"))


def measure_classes(files):
    """(room, class) -> [file, line, lines over all files, members] of each class declared in a header or source."""
    found = {}
    for file in files:
        for match in CLASS.finditer(file.code):
            end = body_end(file.code, match.end())
            body = file.code[match.end():end]
            line = file.code.count("\n", 0, match.start()) + 1
            entry = found.setdefault((file.room, match.group(1)), [file.path, line, 0, 0])
            entry[2] += body.count("\n") + 1
            entry[3] += count_members(body[:-1])
    for file in files:
        for match in OUTSIDE.finditer(file.code):
            entry = found.get((file.room, match.group(1)))
            if entry:
                entry[2] += count_lines(file.code, match.start())
    return found


def check_classes(files):
    for (_, name), (path, line, lines, members) in measure_classes(files).items():
        if lines > MAX_CLASS_LINES:
            yield Fault(path, line, "class", f"the class {name} has {lines} lines over all its files, more than "
                        f"{MAX_CLASS_LINES}", "nobody can hold it in mind", "give a part of it a class of its own")
        if members > MAX_MEMBERS:
            yield Fault(path, line, "class", f"the class {name} has {members} members, more than {MAX_MEMBERS}",
                        "each may change with each of the others", "give those that belong together a class of their own")


def own_names(file):
    """(name, for an alias of what, line) of each constant, type and function, with its parameters' types, of a file's own."""
    lines = file.code.splitlines(keepends=True)
    for own in OWN.finditer(file.text):
        begin = file.text.count("\n", 0, own.start(1))
        body = "".join(lines[begin:begin + own.group(1).count("\n")])
        for match in OWN_NAME.finditer(body):
            name = match["constant"] or match["type"] or match["function"] or match["alias"]
            if match["function"]:
                types = (re.sub(r"\b\w+$", "", one.strip()).strip() for one in match["parameters"].split(","))
                name += "(" + ", ".join(types) + ")"
            yield name, match["aliased"], begin + body.count("\n", 0, match.start()) + 1


def check_own_names(files):
    seen = {}
    for file in files:
        for name, aliased, line in own_names(file):
            first, its = seen.setdefault((file.room, name), (file.path, aliased))
            if first != file.path and (aliased is None or aliased != its):
                yield Fault(file.path, line, "own-name", f"{name} is a name of {first}, too", "files of a room are compiled "
                            "several as one", "let one of them own it, or tell them apart by their names")


def check_private(file):
    for number, line in enumerate(file.text.splitlines(), 1):
        match = PRIVATE.search(line) or (not file.path.startswith("tests/") and PRIVATE_HOME.search(line))
        if match:
            yield Fault(file.path, number, "private", f"names a path of one machine (`{match.group()}`)",
                        "nobody else has it", "derive the path at run time, or write a neutral one")


def check_places(paths, rooms):
    for top in sorted({path.split("/")[0] for path in paths}):
        if top not in TOP_LEVEL and not top.startswith("."):
            yield Fault(top, 1, "top-level", "is not one of the house's top-level entries",
                        "the top level is fixed so that everyone finds everything",
                        "move it into " + ", ".join(sorted(name for name in TOP_LEVEL if "." not in name and name.islower())))
    for path in paths:
        floor = path.split("/")[0]
        if PurePosixPath(path).suffix in CPP and floor in {"tracer", "symbols", "cpython_layouts"}:
            if room_of(path, rooms) is None:
                yield Fault(path, 1, "room", "is in no room", "CMake does not build it and no rule holds for it",
                            "add a corotrace_room(...) line to CMakeLists.txt or move it into a room")


def check(root):
    """All faults of the tree at `root`, in order of file and line."""
    rooms = read_rooms((root / "CMakeLists.txt").read_text(encoding="utf-8"))
    paths = list_files(root)
    faults = list(check_places(paths, rooms))
    in_rooms = []
    for path in paths:
        suffix = PurePosixPath(path).suffix
        raw = (root / path).read_bytes()
        if b"\0" in raw or path == "LICENSE":
            continue
        text = raw.decode("utf-8", "replace")
        code = blank_cpp(text) if suffix in CPP else text
        file = File(path, text, code, room_of(path, rooms) if suffix in CPP else None)
        if path != "scripts/check_rooms.py" and not path.startswith("tests/scripts/"):
            faults += check_private(file)
        # A .txt is source only as CMakeLists.txt; expected outputs and inputs of tests may be anything.
        if suffix not in SOURCE or suffix == ".txt" and not path.endswith("CMakeLists.txt"):
            continue
        faults += check_beginning(file, paths)
        faults += check_shape(file)
        if suffix in CPP:
            if file.room:
                in_rooms.append(file)
            faults += check_includes(file, rooms)
            faults += check_confined(file)
    faults += check_classes(in_rooms)
    faults += check_own_names(in_rooms)
    if not rooms:
        faults.append(Fault("CMakeLists.txt", 1, "room", "has no corotrace_room(...) line", "nothing can be checked",
                            "declare each room"))
    return sorted(faults)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("root", nargs="?", type=Path, default=Path(__file__).resolve().parent.parent)
    args = parser.parse_args()
    faults = check(args.root)
    for fault in faults:
        print(fault)
    if faults:
        print(f"check_rooms: {len(faults)} faults in {len({fault.file for fault in faults})} files", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
