#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Finds every CPython from 3.8 on that tests can run on this machine.

Looked at: COROTRACE_PYTHONS (colon separated), what scripts/interpreters.sh installed, pyenv's
versions, /usr/bin and /usr/local/bin, PATH. The same file seen twice is listed once; what is no ELF
program (a pyenv shim, a wrapper script) is no interpreter.

Each interpreter has
  id              short and stable: 3.11.7-pyenv, 3.14.10-sid, 3.14.10-sid-dbg, 3.14.10t
  version         as the interpreter says it
  root            the folder that it is chrooted into, or null
  argv            what runs it from outside; add its arguments. A script for one with a root must lie
                  below that root: put it into ROOT/tmp and name it /tmp/NAME.
  argv_container  the same in pid and mount namespaces of its own, with its own /proc (needs root's
                  rights; the interpreter is then a child of the process started), or null
  executable      the program's file on the host
  image           the file on the host that holds the interpreter's code: executable or libpython
  libpython       its libpython3.N.so on the host, for embedding, or null
  debug_file      the separate DWARF of image, or null
  traits          shared | static: whether image is a libpython
                  stripped (no .symtab), dwarf (in image or debug_file), debug (Py_DEBUG), lto (known
                  from symbols, so of a stripped image without debug_file it stays unknown),
                  free_threaded, musl (linked with it), jit (built with it), jit_on (in use by default), container (has a root)
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import os
import re
import shlex
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

OLDEST = (3, 8)
# What the tests are meant to cover, and where one that is missing is to be had.
EXPECTED = {
    "3.8": None, "3.9": "bullseye", "3.10": None, "3.11": "bookworm", "3.12": None,
    "3.13": "trixie", "3.14": "sid", "3.15": "sid",
    "3.13t": "3.13t", "3.14t": "3.14t", "3.15t": "3.15t", "3.13 with musl": "3.13musl",
}
NAME = re.compile(r"python3(\.\d+)?t?d?")
# Generous: ten at once on two busy cores, and a first run that compiles its modules.
TIMEOUT_S = 30

# Runs inside the interpreter, any from 3.6 on.
PROBE = r"""
import json, platform, sys, sysconfig
jit = getattr(sys, "_jit", None)
config = sysconfig.get_config_var
print(json.dumps({
    "implementation": platform.python_implementation(),
    "version": sys.version.split()[0],
    "version_info": list(sys.version_info[:2]),
    "debug": hasattr(sys, "gettotalrefcount"),
    "free_threaded": bool(config("Py_GIL_DISABLED")),
    "jit": bool(jit and jit.is_available()) or "experimental-jit" in (config("CONFIG_ARGS") or ""),
    "jit_on": bool(jit and jit.is_enabled()),
    "libpython": (config("LIBDIR") or "") + "/" + (config("INSTSONAME") or ""),
}))
"""


def complain(text: str) -> None:
    print("find_interpreters.py: " + text, file=sys.stderr)


def cache_folder() -> Path:
    base = os.environ.get("COROTRACE_CACHE") or os.path.expanduser("~/.cache/corotrace")
    return Path(base) / "interpreters"


class Elf:
    """The few facts wanted of a 64-bit little-endian ELF file. ValueError: it is none."""

    def __init__(self, path: Path) -> None:
        self.sections: dict[str, tuple[int, int]] = {}
        with open(path, "rb") as file:
            self._file = file
            header = file.read(64)
            if len(header) < 64 or header[:6] != b"\x7fELF\x02\x01":
                raise ValueError(f"{path} is no 64-bit ELF program")
            (table,) = struct.unpack_from("<Q", header, 40)
            size, count, names_index = struct.unpack_from("<HHH", header, 58)
            entries = [struct.unpack("<IIQQQQIIQQ", self._read(table + i * size, 64)) for i in range(count)]
            if not entries:
                raise ValueError(f"{path} has no section table")
            names = self._read(entries[names_index][4], entries[names_index][5])
            for entry in entries:
                name = names[entry[0]:names.index(b"\0", entry[0])].decode()
                # type 8 (NOBITS) has no bytes here: a debug file keeps the sections' names only.
                if entry[1] != 8:
                    self.sections[name] = (entry[4], entry[5])
            self.needs_libpython = b"libpython3" in self._needed(entries)
            self.lto = b".lto_priv" in self._section(".strtab")
            self.musl = b"ld-musl-" in self._section(".interp")
            note = self._section(".note.gnu.build-id")
            self.build_id = note[16:].hex()

    def _read(self, offset: int, size: int) -> bytes:
        self._file.seek(offset)
        data = self._file.read(size)
        if len(data) != size:
            raise ValueError("the ELF file ends early")
        return data

    def _section(self, name: str) -> bytes:
        return self._read(*self.sections[name]) if name in self.sections else b""

    def _needed(self, entries: list) -> bytes:
        """The names of the libraries it needs, one after the other."""
        strings, wanted = self._section(".dynstr"), []
        dynamic = self._section(".dynamic")
        for tag, value in struct.iter_unpack("<qQ", dynamic):
            if tag == 1:  # DT_NEEDED
                wanted.append(strings[value:strings.index(b"\0", value)])
        return b" ".join(wanted)

    @property
    def stripped(self) -> bool:
        return ".symtab" not in self.sections

    @property
    def dwarf(self) -> bool:
        return ".debug_info" in self.sections or ".zdebug_info" in self.sections


class Candidate:
    """A file that may be an interpreter, not run yet."""

    def __init__(self, path: Path, root: Path | None, origin: str) -> None:
        self.executable = path.resolve()
        self.root = root.resolve() if root else None
        self.origin = origin
        # Named in COROTRACE_PYTHONS: leaving it out is worth a word, wherever else it was found.
        self.asked_for = origin == "env"

    @property
    def inside(self) -> str:
        """The program's path as seen where it runs."""
        return "/" + str(self.executable.relative_to(self.root)) if self.root else str(self.executable)

    @property
    def argv(self) -> list[str]:
        if not self.root:
            return [self.inside]
        if os.geteuid() == 0:
            return ["chroot", str(self.root), self.inside]
        # A user namespace gives the right to change the root folder.
        return ["unshare", "--map-root-user", f"--root={self.root}", self.inside]

    @property
    def argv_container(self) -> list[str] | None:
        if not self.root:
            return None
        return ["unshare", "--mount", "--pid", "--kill-child", f"--root={self.root}", "--mount-proc", self.inside]


def pythons_in(folder: Path, root: Path | None, origin: str) -> list[Candidate]:
    try:
        # Backwards: of two names of one file, the longer says more.
        names = sorted((entry.name for entry in folder.iterdir() if NAME.fullmatch(entry.name)), reverse=True)
    except OSError:
        return []
    return [Candidate(folder / name, root, origin) for name in names]


def host_name() -> str:
    """What the distribution calls itself: debian, fedora, arch."""
    try:
        for line in Path("/etc/os-release").read_text().splitlines():
            if line.startswith("ID="):
                return line[3:].strip("\"'")
    except OSError:
        pass
    return "system"


def candidates() -> list[Candidate]:
    """Everything there is to look at, the most telling origin first, each file once."""
    found: list[Candidate] = []
    cache = cache_folder()
    # The marker is written last: without it, an installation is half done.
    for mark in sorted(cache.glob("roots/*/.corotrace-installed")):
        # interpreters.sh unpacks into NAME.new and renames.
        if not mark.parent.name.endswith(".new"):
            found += pythons_in(mark.parent / "usr/bin", mark.parent, mark.parent.name)
    for mark in sorted(cache.glob("built/*/.corotrace-installed")):
        found += pythons_in(mark.parent / "bin", None, "built")
    pyenv = Path(os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv"))
    for folder in sorted(pyenv.glob("versions/*/bin")):
        found += pythons_in(folder, None, "pyenv")
    found += pythons_in(Path("/usr/bin"), None, host_name())
    found += pythons_in(Path("/usr/local/bin"), None, "local")
    for name in os.environ.get("COROTRACE_PYTHONS", "").split(":"):
        if name and not os.path.exists(name):
            complain(f"{name} of COROTRACE_PYTHONS does not exist; correct or unset the variable")
        elif name:
            found.append(Candidate(Path(name), None, "env"))
    for folder in os.get_exec_path():
        found += pythons_in(Path(folder), None, "path")

    unique: dict[tuple, Candidate] = {}
    for candidate in found:
        try:
            stat = candidate.executable.stat()
        except OSError:
            continue  # A link to nothing.
        # By inode: CPython's own installation gives one file two names, python3.13 and python3.13t.
        first = unique.setdefault((stat.st_dev, stat.st_ino, candidate.root), candidate)
        first.asked_for |= candidate.asked_for
    return list(unique.values())


class ProbeCache:
    """What interpreters said when they were run, kept while their files do not change."""

    def __init__(self) -> None:
        self._path = cache_folder() / "probes.json"
        self._known: dict[str, dict] = {}
        self._used: dict[str, dict] = {}
        try:
            self._known = json.loads(self._path.read_text())
        except (OSError, ValueError):
            pass

    @staticmethod
    def key(candidate: Candidate) -> str:
        # The probe's text belongs to it, so that a new question is asked anew.
        stat = candidate.executable.stat()
        return f"{candidate.executable}|{candidate.root}|{stat.st_mtime_ns}|{stat.st_size}|{len(PROBE)}"

    def find(self, candidate: Candidate) -> dict | None:
        return self._known.get(self.key(candidate))

    def keep(self, candidate: Candidate, facts: dict) -> None:
        self._used[self.key(candidate)] = facts

    def save(self) -> None:
        if self._used == self._known:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # Renamed into place: tests in parallel read it.
            handle, name = tempfile.mkstemp(dir=self._path.parent)
            with os.fdopen(handle, "w") as file:
                json.dump(self._used, file)
            os.replace(name, self._path)
        except OSError:
            pass  # A read-only home folder costs speed only.


def run_probe(candidate: Candidate) -> dict:
    """Asks the interpreter itself. RuntimeError: it does not run, and why."""
    command = candidate.argv + ["-I", "-S", "-c", PROBE]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=TIMEOUT_S, cwd="/", check=False)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"no answer within {TIMEOUT_S} s") from None
    except OSError as error:
        raise RuntimeError(str(error)) from None
    try:
        return json.loads(done.stdout)
    except ValueError:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise RuntimeError(lines[-1] if lines else f"exit status {done.returncode}") from None


def describe(candidate: Candidate, facts: dict) -> dict:
    program = Elf(candidate.executable)
    base = str(candidate.root or "")
    libpython = Path(base + facts["libpython"])
    # INSTSONAME names a static archive where no shared library was built.
    has_library = ".so" in libpython.name and libpython.exists()
    image = candidate.executable
    code = program
    if program.needs_libpython and has_library:
        image = libpython.resolve()
        code = Elf(image)

    debug_file = Path(f"{base}/usr/lib/debug/.build-id/{code.build_id[:2]}/{code.build_id[2:]}.debug")
    debug = Elf(debug_file) if code.build_id and debug_file.exists() else None
    traits = ["shared" if program.needs_libpython else "static"]
    for name, holds in (
        ("stripped", code.stripped),
        ("dwarf", code.dwarf or (debug is not None and debug.dwarf)),
        ("lto", code.lto or (debug is not None and debug.lto)),
        ("debug", facts["debug"]),
        ("free_threaded", facts["free_threaded"]),
        ("musl", program.musl),
        ("jit", facts["jit"]),
        ("jit_on", facts["jit_on"]),
        ("container", candidate.root is not None),
    ):
        if holds:
            traits.append(name)

    parts = [facts["version"] + ("t" if facts["free_threaded"] else "")]
    if candidate.origin != "built":
        parts.append(candidate.origin)
    if program.musl:
        parts.append("musl")
    if facts["debug"]:
        parts.append("dbg")
    return {
        "id": "-".join(parts),
        "version": facts["version"],
        "root": str(candidate.root) if candidate.root else None,
        "argv": candidate.argv,
        "argv_container": candidate.argv_container,
        "executable": str(candidate.executable),
        "image": str(image),
        "libpython": str(libpython.resolve()) if has_library else None,
        "debug_file": str(debug_file) if debug else None,
        "traits": traits,
    }


def find_all() -> list[dict]:
    cache = ProbeCache()

    def look(candidate: Candidate) -> dict | None:
        try:
            Elf(candidate.executable)
        except (OSError, ValueError) as error:
            if candidate.asked_for:
                complain(f"COROTRACE_PYTHONS: {error}; name the interpreter itself, no wrapper or shim")
            return None
        try:
            facts = cache.find(candidate) or run_probe(candidate)
        except RuntimeError as error:
            complain(f"{candidate.executable} is here but does not run: {error}; "
                     f"try: {shlex.join(candidate.argv)} --version")
            return None
        cache.keep(candidate, facts)
        if facts["implementation"] != "CPython" or tuple(facts["version_info"]) < OLDEST:
            if candidate.asked_for:
                complain(f"{candidate.executable} of COROTRACE_PYTHONS is {facts['implementation']} "
                         f"{facts['version']}: corotrace reads CPython from 3.8 on; left out")
            return None
        return describe(candidate, facts)

    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        found = [item for item in pool.map(look, candidates()) if item]
    cache.save()

    def order(item: dict) -> tuple:
        return ([int(number) for number in re.findall(r"\d+", item["version"])], item["id"], item["executable"])

    found.sort(key=order)
    seen: dict[str, int] = {}
    for item in found:
        plain = item["id"]
        seen[plain] = seen.get(plain, 0) + 1
        if seen[plain] > 1:
            item["id"] = f"{plain}-{seen[plain]}"
    return found


def report_missing(found: list[dict]) -> None:
    here = set()
    for item in found:
        minor = ".".join(item["version"].split(".")[:2])
        here.add(minor + ("t" if "free_threaded" in item["traits"] else "") +
                 (" with musl" if "musl" in item["traits"] else ""))
    for version, source in EXPECTED.items():
        if version not in here:
            how = (f"scripts/interpreters.sh --only {source}" if source
                   else "no Debian suite has it: pyenv install " + version + ", or name one in COROTRACE_PYTHONS")
            print(f"missing: {version} ({how})", file=sys.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="everything that is known, as one JSON array")
    form.add_argument("--lines", action="store_true", help="id, traits and command, separated by tabs (the default)")
    parser.add_argument("--missing", action="store_true", help="name on stderr the versions that nothing was found for")
    options = parser.parse_args()

    found = find_all()
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        for item in found:
            print(item["id"], ",".join(item["traits"]), shlex.join(item["argv"]), sep="\t")
    if options.missing:
        report_missing(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
