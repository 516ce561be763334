# SPDX-License-Identifier: MIT
"""What the comments in the corpus say that corotrace has to find: see cases/__init__.py."""
import re
from pathlib import Path

import fixes

CASES = Path(__file__).resolve().parent / "cases"
LIBRARY = "/mistakes/site-packages/"  # its lines that make coroutines for a case end with "# made" too
KEY = re.compile(r"\s*# ((?:mistake|created|fix|advice|cause|ended)(?: with origin)?)(?: 3\.(\d+)-3\.(\d+))?: (.*)$")
WITH_ORIGIN = " with origin"
NAME = re.compile(r"(?:async )?def (\w+)\(")


class Expectation:
    def __init__(self, module, name):
        self.module = module
        self.name = name
        self.path = CASES / (module + ".py")
        self.made = []   # line numbers
        self.keys = []   # (key, first version, last version, alternatives)

    @property
    def has_origin_keys(self):
        return any(key.endswith(WITH_ORIGIN) for key, _, _, _ in self.keys)

    def find(self, key, minor, origin=False):
        """The alternatives for this version, or None. What is said of a version comes before the general; with origins
        noted, what is said of that before both."""
        if origin:
            return self.find(key + WITH_ORIGIN, minor) or self.find(key, minor)
        found = [values for k, first, last, values in self.keys if k == key and first <= minor <= last and last < 99]
        found += [values for k, _, last, values in self.keys if k == key and last == 99]
        return found[0] if found else None

    def differences(self, finding, minor, origin=False):
        """What a finding says otherwise."""
        mistake, created = finding["mistake"], finding["created"]
        told = []
        ids = self.find("mistake", minor, origin)
        if mistake["id"] not in ids:
            told.append(f"mistake is {mistake['id']}, not {' or '.join(ids)}: {mistake['sentence']}")
            return told
        if not mistake["sentence"]:
            told.append("no sentence")
        for key in ("fix", "advice"):
            wanted = self.find(key, minor, origin)
            if wanted and (mistake[key] or "-") not in wanted:
                told.append(f"{key} is {mistake[key]!r}, not {' or '.join(map(repr, wanted))}")
        told += fixes.differences(finding, self.path.read_text())
        told += self.created_differences(created, minor, origin)
        causes = self.find("cause", minor) or ["refcount", "unknown"]
        cause = finding["dropped"]["cause"] or "unknown"
        if cause not in causes:
            told.append(f"cause is {cause}, not {' or '.join(causes)}")
        told += self.ended_differences(finding["dropped"]["ended"], minor)
        return told

    def ended_differences(self, ended, minor):
        wanted = self.find("ended", minor) or ["-"]
        function = ended["function"].rsplit(".<locals>.", 1)[-1] if ended else "-"
        told = [] if function in wanted else [f"ended is {function}, not {' or '.join(wanted)}"]
        if ended and not (ended["recovered"] is True and ended["line"]):
            told.append(f"ended has no line or no mark: {ended}")
        return told

    def created_differences(self, created, minor, origin):
        if origin:
            made = [frame["line"] for frame in created["frames"][-1:]] if created["how"] == "origin" else []
            marked = made and (created["frames"][-1]["source"] or "").endswith("# made")
            return [] if made and (made[0] in self.made or marked) else [f"created at {made}, not {self.made}: {created['how']}"]
        wanted = self.find("created", minor)
        if created["how"] is None:
            # Up to 3.10 only names that lead to the function prove it: where they do is said of those versions.
            said = minor >= 11 or any(key == "created" and last < 11 for key, _, last, _ in self.keys)
            return ["created line not inferred"] if wanted == ["inferred"] and said else []
        line = created["frames"][-1]["line"]
        if wanted == ["unknown"]:
            return [f"created line {line} is a guess"]
        file = created["frames"][-1]["file"]
        if LIBRARY in file:
            source = (CASES.parent / file[file.index(LIBRARY) + len("/mistakes/"):]).read_text().splitlines()[line - 1]
            return [] if source.endswith("# made") else [f"created in the library, at line {line}"]
        if file.startswith("<"):  # text that the case executes
            return []
        # A library made it. Up to 3.10 one that calls by the coroutine's name a function which calls it looks like that.
        if not self.made and minor < 11 and "/mistakes/cases/" not in file:
            return []
        # A function that several cases share stands outside of them.
        marked = (created["frames"][-1]["source"] or "").endswith("# made")
        return [] if line in self.made or marked else [f"created at line {line}, not {self.made}"]


def parse(module):
    """All cases of a file, by name, in order."""
    found = {}
    current = None
    is_case = False
    for number, line in enumerate((CASES / (module + ".py")).read_text().splitlines(), 1):
        if line.startswith("@case"):
            is_case = True
            continue
        name = NAME.match(line)
        if name:
            current = Expectation(module, name.group(1)) if is_case else None
            is_case = False
            if current:
                found[current.name] = current
        elif line and not line[0].isspace():
            current = None
        if current is None:
            continue
        key = KEY.match(line)
        if key:
            word, first, last, values = key.groups()
            current.keys.append((word, int(first or 0), int(last or 99), values.split(" | ")))
        if line.endswith("# made"):
            current.made.append(number)
    return found


def parse_all():
    return {path.stem: parse(path.stem) for path in sorted(CASES.glob("*.py")) if path.stem != "__init__"}
