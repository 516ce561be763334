# SPDX-License-Identifier: MIT
"""MemorySnapshot: the bytes of a target that a tracer may have changed, to be compared later."""
import os
import struct
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")


def mappings(pid):
    """(start, end, permissions, offset, path) of /proc/PID/maps."""
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        fields = line.split(None, 5)
        start, end = (int(part, 16) for part in fields[0].split("-"))
        yield start, end, fields[1], int(fields[2], 16), fields[5] if len(fields) > 5 else ""


class Memory:
    def __init__(self, pid):
        self._fd = os.open(f"/proc/{pid}/mem", os.O_RDONLY)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        os.close(self._fd)

    def read(self, address, size):
        parts = []
        while size:
            part = os.pread(self._fd, size, address)
            if not part:
                raise OSError(f"no memory at {address:#x}")
            parts.append(part)
            address += len(part)
            size -= len(part)
        return b"".join(parts)


def _tails(pid):
    """(start, end, path): the bytes between the end of each loaded segment and the end of its last page."""
    first = {}
    for start, _, _, offset, path in mappings(pid):
        if path.startswith("/") and offset == 0:
            first.setdefault(path, []).append(start)
    for path, bases in first.items():
        try:
            # Of a target in a chroot the kernel names files as they are seen from here.
            inside = f"/proc/{pid}/root{path}"
            with open(inside if os.path.exists(inside) else path, "rb") as file:
                header = file.read(64)
                if header[:6] != b"\x7fELF\x02\x01":
                    continue
                kind, table, size, count = (struct.unpack_from("<H", header, 16)[0],
                                            struct.unpack_from("<Q", header, 32)[0],
                                            *struct.unpack_from("<HH", header, 54))
                file.seek(table)
                headers = [struct.unpack("<IIQQQQQQ", file.read(size)[:56]) for _ in range(count)]
        except OSError:
            continue
        loads = [item for item in headers if item[0] == 1]
        for base in bases:
            bias = 0 if kind == 2 else base - loads[0][3] // PAGE * PAGE
            for _, _, _, address, _, _, memory_size, _ in loads:
                end = bias + address + memory_size
                if end % PAGE:
                    yield end, end + PAGE - end % PAGE, path


class MemorySnapshot:
    """Of a target that rests meanwhile `everything` private can be compared; of one that worked: the code,
    the unused tails of all segments, and the `objects` (name, address, size) that are known to stay."""

    def __init__(self, pid, objects=(), everything=False):
        self._parts = {}
        with Memory(pid) as memory:
            for start, end, permissions, _, path in mappings(pid):
                wanted = permissions[2] == "x" or (everything and permissions[1] == "w")
                if wanted and permissions[0] == "r" and path not in ("[vsyscall]", "[vvar]"):
                    self._keep(memory, start, end, f"{permissions} {path}")
            for start, end, path in _tails(pid):
                self._keep(memory, start, end, f"tail {path}")
            for name, address, size in objects:
                self._keep(memory, address, address + size, name)

    def _keep(self, memory, start, end, name):
        self._parts[(start, end, name)] = memory.read(start, end - start)

    def changes(self, later):
        """One line for each part that is not byte for byte the same."""
        told = []
        for key in self._parts.keys() | later._parts.keys():
            old, new = self._parts.get(key), later._parts.get(key)
            if old == new:
                continue
            start, end, name = key
            if old is None or new is None:
                told.append(f"{start:x}-{end:x} {name}: {'new' if old is None else 'gone'}")
                continue
            at = [i for i in range(len(old)) if old[i] != new[i]]
            told.append(f"{start:x}-{end:x} {name}: {len(at)} bytes from {start + at[0]:x}: "
                        f"{old[at[0]:at[0] + 16].hex()} -> {new[at[0]:at[0] + 16].hex()}")
        return sorted(told)
