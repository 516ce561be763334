# SPDX-License-Identifier: MIT
"""Run with -c in any CPython from 3.8 on: tells the addresses of the standard library's code objects and a
checksum of what dis says of each, after many of them have been specialised, instrumented and, where there is a
JIT, compiled; then stays blocked until its standard input ends."""
import argparse
import ast
import asyncio
import binascii
import contextlib
import dataclasses
import dis
import email.message
import gc
import inspect
import json
import logging.config
import os
import sys
import tarfile
import traceback
import types
import typing
import unittest.mock

MOST = 1500  # dis is slow
SPLIT = ("LOAD_FAST_LOAD_FAST", "LOAD_FAST_BORROW_LOAD_FAST_BORROW", "STORE_FAST_STORE_FAST", "STORE_FAST_LOAD_FAST")
NAMED = ("LOAD_FAST", "LOAD_FAST_BORROW", "LOAD_FAST_CHECK", "LOAD_FAST_AND_CLEAR", "STORE_FAST", "DELETE_FAST",
         "LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF", "STORE_DEREF", "DELETE_DEREF", "LOAD_NAME",
         "LOAD_FROM_DICT_OR_GLOBALS", "STORE_NAME", "DELETE_NAME", "LOAD_GLOBAL", "STORE_GLOBAL", "DELETE_GLOBAL",
         "LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR", "STORE_ATTR", "DELETE_ATTR", "IMPORT_NAME", "IMPORT_FROM")
IMPLIED = {"DUP_TOP": 1, "ROT_TWO": 2, "ROT_THREE": 3, "ROT_FOUR": 4}
JUMPS = (set(dis.hasjrel) | set(dis.hasjabs)) - {dis.opmap["END_ASYNC_FOR"]}


def instructions(code):
    """One a line: offset, opcode, and the name, the target or the argument."""
    lines = []
    for found in dis.get_instructions(code):
        if found.opname in ("EXTENDED_ARG", "CACHE"):
            continue
        if found.opname in SPLIT:
            lines += ["%d %s %s" % (found.offset, found.opname, name) for name in found.argval]
        elif found.opname in NAMED or found.opcode in JUMPS:
            lines.append("%d %s %s" % (found.offset, found.opname, found.argval))
        else:
            lines.append("%d %s %d" % (found.offset, found.opname, IMPLIED.get(found.opname, found.arg or 0)))
    return "\n".join(lines)


def hot(limit):
    """A loop that a JIT compiles, with calls that specialise."""
    total = 0
    for number in range(limit):
        total += number & 3
        if total > 1000:
            total = 0
    return total


async def stepped():
    for _ in range(20):
        await asyncio.sleep(0)


def work():
    hot(20000)
    for _ in range(20):
        json.loads(json.dumps([{"a": [1, 2.5, None, "x"]}] * 5, indent=1))
        ast.dump(ast.parse("def f(a, *b, c=1, **d):\n  return [x for x in a if x > c]\n"))
        parser = argparse.ArgumentParser(prog="p")
        parser.add_argument("--flag", action="store_true")
        parser.parse_args(["--flag"])
        dataclasses.make_dataclass("D", ["x", ("y", int, 3)])(1)
        inspect.signature(argparse.ArgumentParser)
        textwrap = traceback.format_list(traceback.extract_stack())
        message = email.message.EmailMessage()
        message["subject"] = "text %d" % len(textwrap)
        message.as_string()
        unittest.mock.Mock(spec=["a"]).a(1)
    asyncio.run(stepped())


def traced():
    """Under the same events that debuggers and coverage ask for. From 3.12 on they rewrite the code."""
    def trace(frame, event, argument):
        frame.f_trace_opcodes = True
        return trace
    sys.settrace(trace)
    json.dumps({"a": [1]}, indent=2)
    inspect.signature(json.dumps)
    ast.dump(ast.parse("x = 1"))
    sys.settrace(None)
    if not hasattr(sys, "monitoring"):
        return
    events = sys.monitoring.events
    sys.monitoring.use_tool_id(1, "test")
    sys.monitoring.set_events(1, events.LINE | events.INSTRUCTION | events.CALL | events.PY_RETURN | events.BRANCH
                              | events.JUMP | events.PY_START)
    json.loads("[1, 2]")
    argparse.ArgumentParser(prog="p").parse_args([])
    email.message.EmailMessage().as_string()
    hot(10)
    sys.monitoring.set_events(1, events.LINE)
    inspect.getdoc(inspect)
    traceback.format_list(traceback.extract_stack())


def found_codes():
    codes = [value.__code__ for value in gc.get_objects() if isinstance(value, types.FunctionType)]
    codes.sort(key=lambda code: (code.co_filename, code.co_firstlineno, code.co_name))
    # The program's own and what it worked with first.
    codes.sort(key=lambda code: os.path.basename(code.co_filename) not in (
        "<string>", "decoder.py", "encoder.py", "inspect.py", "argparse.py", "traceback.py", "events.py", "message.py"))
    codes = codes[:MOST]
    for code in codes:
        codes.extend(const for const in code.co_consts if isinstance(const, types.CodeType))
    return codes[:2 * MOST]


def main():
    work()
    traced()
    keep = found_codes()
    told = [[id(code), code.co_filename + " " + code.co_name, len(text), binascii.crc32(text.encode())]
            for code, text in zip(keep, map(instructions, keep))]
    print(json.dumps({"version": sys.version, "codes": told}), flush=True)
    sys.stdin.read()


main()
