# SPDX-License-Identifier: MIT
"""Copies of an interpreter that were changed: stripped, of another version, or to be deleted while they run."""
import os
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

from .target_process import TargetProcess


class InterpreterCopy:
    """The program and, if it has one, its libpython, in a folder of their own that the interpreter can see."""

    def __init__(self, interpreter):
        self.interpreter = interpreter
        self._folder = tempfile.TemporaryDirectory(dir=Path(interpreter.root or "/") / "tmp")
        folder = Path(self._folder.name)
        os.chmod(folder, 0o755)
        self.program = Path(shutil.copy(interpreter.facts["executable"], folder / "python"))
        self.image = self.program
        if "shared" in interpreter.traits:
            self.image = Path(shutil.copy(interpreter.facts["image"], folder))

    def close(self):
        self._folder.cleanup()

    def inside(self, path):
        return "/tmp/" + str(path.relative_to(Path(self.interpreter.root or "/") / "tmp"))

    def start(self, program, *arguments, **popen):
        enter = self.interpreter.argv[:-1]
        # Loaded first, it is the one that the program needs: the loader goes by the library's own name.
        preload = [] if self.image == self.program else ["env", "LD_PRELOAD=" + self.inside(self.image)]
        return TargetProcess([*enter, *preload, self.inside(self.program), self.interpreter.program(program),
                              *map(str, arguments)], **popen)

    def strip(self):
        for path in {self.program, self.image}:
            subprocess.run(["strip", "--strip-all", path], check=True)

    def pretend(self, minor):
        """Calls itself 3.MINOR where a tracer looks: Py_Version, and in the debug offsets."""
        data = bytearray(self.image.read_bytes())
        place = file_offset(data, symbol_address(self.image, "Py_Version"))
        (number,) = struct.unpack_from("<I", data, place)
        changed = number & 0xff00ffff | minor << 16
        cookie = data.index(b"xdebugpy" + struct.pack("<Q", number))
        struct.pack_into("<Q", data, cookie + 8, changed)
        struct.pack_into("<I", data, place, changed)
        self.image.write_bytes(data)


def symbol_address(image, name):
    told = subprocess.run(["readelf", "--wide", "--dyn-syms", image], capture_output=True, text=True, check=True)
    (line,) = (line for line in told.stdout.splitlines() if line.endswith(" " + name))
    return int(line.split()[1], 16)


def file_offset(data, address):
    """Where in an ELF file the byte lies that is loaded at `address`."""
    (table,), (count,) = struct.unpack_from("<Q", data, 32), struct.unpack_from("<H", data, 56)
    for number in range(count):
        kind, _, offset, start, _, size = struct.unpack_from("<IIQQQQ", data, table + 56 * number)
        if kind == 1 and start <= address < start + size:
            return address - start + offset
    raise ValueError(f"{address:#x} is in no segment")


EMBEDDING = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
/* Declared by hand, so that any version's library will do. */
void Py_InitializeEx(int);
int PyRun_SimpleString(const char*);
int PyGILState_Ensure(void);
void PyGILState_Release(int);
void* PyEval_SaveThread(void);
int Py_FinalizeEx(void);
void PyEval_RestoreThread(void*);
static void* run(void* script) {
    int state = PyGILState_Ensure();
    long failed = PyRun_SimpleString(script);
    PyGILState_Release(state);
    return (void*)failed;
}
/* usage: SCRIPT [LIBRARY [run]]: runs the script in a thread of its own; LIBRARY, a second libpython, is loaded
   too, and with `run` an interpreter runs in it. */
int main(int count, char** words) {
    void* second = count > 2 ? dlopen(words[2], RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND) : 0;
    if (count > 2 && !second) return fprintf(stderr, "%s\n", dlerror());
    Py_InitializeEx(0);
    if (count > 3) {
        void (*start)(int) = (void (*)(int))dlsym(second, "Py_InitializeEx");
        int (*run_too)(const char*) = (int (*)(const char*))dlsym(second, "PyRun_SimpleString");
        start(0);
        if (run_too("import warnings")) return fprintf(stderr, "the second one fails\n");
    }
    void* mine = PyEval_SaveThread();
    pthread_t thread;
    void* failed = 0;
    pthread_create(&thread, 0, run, words[1]);
    pthread_join(thread, &failed);
    PyEval_RestoreThread(mine);
    return Py_FinalizeEx() < 0 || failed;
}
"""

# Runs a target as its __main__, found and named as if it were the program.
RUN = """
import sys
sys.argv = {argv!r}
sys.path.insert(0, {folder!r})
exec(compile(open({path!r}).read(), {path!r}, 'exec'))
"""


def compile_embedding(libpython, folder):
    """A C program that is linked with this libpython; raises CalledProcessError if that does not work."""
    source, program = Path(folder) / "embedding.c", Path(folder) / "embedding"
    source.write_text(EMBEDDING)
    subprocess.run(["cc", "-o", program, source, libpython, f"-Wl,-rpath,{Path(libpython).parent}", "-ldl",
                    "-lpthread"], check=True, capture_output=True)
    return program


def embedded(interpreter, program, target, *arguments, libraries=()):
    path = interpreter.program(target)
    script = RUN.format(argv=[path, *map(str, arguments)], folder=str(Path(path).parent), path=path)
    return TargetProcess([str(program), script, *libraries])
