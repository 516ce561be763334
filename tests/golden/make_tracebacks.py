#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes frames and what this Python's own traceback module prints of them, as JSON, for the test that
the text report prints the same. Made with CPython 3.12.1; later ones mark calls with ~~~^^^, which is
not imitated, nor are the ~ of operators and subscripts, so none of these stands here.
usage: make_tracebacks.py > tracebacks.json"""
import json
import linecache
import sys
import traceback

SOURCE = """\
def save(record):
    return fail(record)
def fail(text):
    raise KeyError(text)
def again(depth):
    if depth:
        return again(depth - 1)
    save("deep")
class Store:
    def put(self, record):
        len("x"); save(record)
    def spread(self):
        save(
            "over",
        )
    def late(self): x = 1; (save(
            "lines")); x = 2
def umlaut():
    ähnlich = "Grüße, naïve"; save(ähnlich); "é"
def tabs():
\tif True:
\t\tx = 1; save(x)
def comprehension():
    return [save(x) for x in "a"]
def with_all():
    save(record=1) if len("ab") else None
"""
CALLS = ("again(2)", "again(3)", "again(9)", "Store().put(1)", "Store().spread()", "Store().late()",
         "umlaut()", "tabs()", "comprehension()", "with_all()", "(lambda: save(0))()", "x = 1; save(x)")


def main():
    lines = SOURCE.splitlines(True) + [call + "\n" for call in CALLS]
    linecache.cache["example.py"] = (1, None, lines, "example.py")
    names, cases = {}, []
    exec(compile(SOURCE, "example.py", "exec"), names)
    for number, call in enumerate(CALLS):
        code = compile("\n" * (SOURCE.count("\n") + number) + call, "example.py", "exec")
        try:
            exec(code, names)
        except KeyError as error:
            frames = traceback.extract_tb(error.__traceback__)[1:]
        cases.append({
            "frames": [{"name": frame.name, "file": frame.filename, "line": frame.lineno,
                        "end_line": frame.end_lineno, "col": frame.colno, "end_col": frame.end_colno,
                        "source": lines[frame.lineno - 1].rstrip("\n")} for frame in frames],
            "printed": "".join(traceback.StackSummary.from_list(frames).format()),
        })
    json.dump({"python": sys.version.split()[0], "cases": cases}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
