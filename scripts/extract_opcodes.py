#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes or checks an opcode table of cpython_layouts/versions from what an interpreter says of itself.

usage: extract_opcodes.py [--update] TABLE PYTHON [ARGUMENT...]

Numbers, inline caches, jumps and the specialised forms come from the interpreter's own modules (opcode, dis,
_opcode_metadata). What an opcode is to us (EFFECTS: its Op, what it pops and pushes) is written here by hand
after CPython's Python/ceval.c (up to 3.11) and Python/bytecodes.c (from 3.12 on), and checked against
dis.stack_effect(). An opcode that is not in EFFECTS is refused: a new version needs a person.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

# Runs in the interpreter.
PROBE = r"""
import dis, json, opcode, sys
opmap = {name: number for name, number in opcode.opmap.items() if number < 256}
every = dict(getattr(dis, "_all_opmap", opmap))
every.update(getattr(opcode, "_specialized_opmap", {}))
caches = getattr(opcode, "_inline_cache_entries", {})
def cache(name, number):
    return caches.get(name, 0) if hasattr(caches, "get") else caches[number] if number < len(caches) else 0
def effect(number, argument, jump):
    for given in (argument, None):
        try:
            return dis.stack_effect(number, given, jump=jump)
        except ValueError:
            pass
print(json.dumps({
    "version": list(sys.version_info[:3]),
    "opmap": opmap,
    "all": {name: number for name, number in every.items() if number < 256},
    "specialised": {base: list(forms) for base, forms in getattr(opcode, "_specializations", {}).items()},
    "caches": {name: cache(name, number) for name, number in opmap.items()},
    "relative": [name for name, number in opmap.items() if number in dis.hasjrel],
    "absolute": [name for name, number in opmap.items() if number in dis.hasjabs],
    "effects": {name: [[effect(number, argument, jump) for jump in (False, True)] for argument in range(8)]
                for name, number in opmap.items()},
}))
"""

# "Op pops>pushes", or "Op pops>pushes|pops>pushes" with what happens on a jump. Terms: n (the argument), 2n,
# low (its lowest bit), bit2 (its third), bits (how many are set), ex (what UNPACK_EX makes of it).
# Where versions differ: {first minor version: ...}.
EFFECTS = {
    "Nothing 0>0": "NOP RESUME CACHE RESERVED MAKE_CELL COPY_FREE_VARS SETUP_ANNOTATIONS NOT_TAKEN POP_BLOCK GEN_START "
                   "KW_NAMES PRECALL",
    "ExtendedArg 0>0": "EXTENDED_ARG",
    "PopTop 1>0": "POP_TOP",
    "PushNull 0>1": "PUSH_NULL",
    "LoadConst 0>1": "LOAD_CONST",
    "LoadFast 0>1": "LOAD_FAST LOAD_FAST_BORROW LOAD_FAST_CHECK LOAD_FAST_AND_CLEAR",
    "LoadFastTwice 0>2": "LOAD_FAST_LOAD_FAST LOAD_FAST_BORROW_LOAD_FAST_BORROW",
    "StoreFastTwice 2>0": "STORE_FAST_STORE_FAST",
    "StoreFastLoadFast 1>1": "STORE_FAST_LOAD_FAST",
    "LoadDeref 0>1": "LOAD_DEREF LOAD_CLASSDEREF",
    "LoadDeref 1>1": "LOAD_FROM_DICT_OR_DEREF",
    "LoadName 0>1": "LOAD_NAME",
    "LoadName 1>1": "LOAD_FROM_DICT_OR_GLOBALS",
    "Push 0>1": "LOAD_CLOSURE LOAD_LOCALS LOAD_BUILD_CLASS LOAD_ASSERTION_ERROR LOAD_COMMON_CONSTANT LOAD_SMALL_INT "
                "GET_LEN MATCH_MAPPING MATCH_SEQUENCE",
    "ImportName 2>1": "IMPORT_NAME",
    "ImportFrom 0>1": "IMPORT_FROM",
    "StoreFast 1>0": "STORE_FAST",
    "StoreDeref 1>0": "STORE_DEREF",
    "StoreName 1>0": "STORE_NAME",
    "StoreGlobal 1>0": "STORE_GLOBAL",
    "StoreAttr 2>0": "STORE_ATTR",
    "StoreSubscript 3>0": "STORE_SUBSCR",
    "StoreSubscript 4>0": "STORE_SLICE",
    "DeleteFast 0>0": "DELETE_FAST",
    "DeleteDeref 0>0": "DELETE_DEREF",
    "DeleteName 0>0": "DELETE_NAME",
    "DeleteGlobal 0>0": "DELETE_GLOBAL",
    "DeleteAttr 1>0": "DELETE_ATTR",
    "DeleteSubscript 2>0": "DELETE_SUBSCR",
    "Call n+1>1": "CALL_FUNCTION",
    "Call n+2>1": "CALL CALL_METHOD",
    "CallKw n+2>1": "CALL_FUNCTION_KW",
    "CallKw n+3>1": "CALL_KW",
    "Other 1>1": "CALL_INTRINSIC_1 LIST_TO_TUPLE COPY_DICT_WITHOUT_KEYS CHECK_EXC_MATCH UNARY_INVERT UNARY_NEGATIVE "
                 "UNARY_POSITIVE ASYNC_GEN_WRAP",
    "Other 2>1": "CALL_INTRINSIC_2 SET_FUNCTION_ATTRIBUTE PREP_RERAISE_STAR BUILD_TEMPLATE",
    "Other 2+low>1": "BUILD_INTERPOLATION",
    "Other 2>2": "CHECK_EG_MATCH",
    "Other 1>2": "PUSH_EXC_INFO",
    "Other 1>0": "IMPORT_STAR PRINT_EXPR EXIT_INIT_CHECK",
    "Other 3>2": "CLEANUP_THROW",
    "Jump 0>0": "JUMP_FORWARD JUMP_ABSOLUTE JUMP_BACKWARD JUMP_BACKWARD_NO_INTERRUPT",
    "JumpIf 1>0": "POP_JUMP_IF_FALSE POP_JUMP_IF_TRUE POP_JUMP_FORWARD_IF_FALSE POP_JUMP_FORWARD_IF_TRUE "
                  "POP_JUMP_BACKWARD_IF_FALSE POP_JUMP_BACKWARD_IF_TRUE",
    "JumpIfNone 1>0": "POP_JUMP_IF_NONE POP_JUMP_IF_NOT_NONE POP_JUMP_FORWARD_IF_NONE POP_JUMP_FORWARD_IF_NOT_NONE "
                      "POP_JUMP_BACKWARD_IF_NONE POP_JUMP_BACKWARD_IF_NOT_NONE",
    "JumpIfOrPop 1>0|0>0": "JUMP_IF_FALSE_OR_POP JUMP_IF_TRUE_OR_POP",
    "ToBool 1>1": "TO_BOOL",
    "Not 1>1": "UNARY_NOT",
    "Compare 2>1": "COMPARE_OP IS_OP CONTAINS_OP",
    "Binary 2>1": "BINARY_OP BINARY_ADD BINARY_AND BINARY_FLOOR_DIVIDE BINARY_LSHIFT BINARY_MATRIX_MULTIPLY "
                  "BINARY_MODULO BINARY_MULTIPLY BINARY_OR BINARY_POWER BINARY_RSHIFT BINARY_SUBTRACT "
                  "BINARY_TRUE_DIVIDE BINARY_XOR INPLACE_ADD INPLACE_AND INPLACE_FLOOR_DIVIDE INPLACE_LSHIFT "
                  "INPLACE_MATRIX_MULTIPLY INPLACE_MODULO INPLACE_MULTIPLY INPLACE_OR INPLACE_POWER INPLACE_RSHIFT "
                  "INPLACE_SUBTRACT INPLACE_TRUE_DIVIDE INPLACE_XOR",
    "Subscript 2>1": "BINARY_SUBSCR",
    "Subscript 3>1": "BINARY_SLICE",
    "Format 1>1": "FORMAT_SIMPLE CONVERT_VALUE",
    "Format 2>1": "FORMAT_WITH_SPEC",
    "Format 1+bit2>1": "FORMAT_VALUE",
    "BuildString n>1": "BUILD_STRING",
    "Build n>1": "BUILD_TUPLE BUILD_LIST BUILD_SET BUILD_SLICE BUILD_LIST_UNPACK BUILD_MAP_UNPACK "
                 "BUILD_MAP_UNPACK_WITH_CALL BUILD_SET_UNPACK BUILD_TUPLE_UNPACK BUILD_TUPLE_UNPACK_WITH_CALL",
    "Build 2n>1": "BUILD_MAP",
    "Build n+1>1": "BUILD_CONST_KEY_MAP",
    "Append 1>0": "LIST_APPEND SET_ADD LIST_EXTEND SET_UPDATE DICT_MERGE DICT_UPDATE",
    "Append 2>0": "MAP_ADD",
    "Copy 0>1": "COPY DUP_TOP",
    "CopyTwo 0>2": "DUP_TOP_TWO",
    "Swap 0>0": "SWAP ROT_TWO",
    "Rotate 0>0": "ROT_THREE ROT_FOUR ROT_N",
    "Unpack 1>n": "UNPACK_SEQUENCE",
    "Unpack 1>ex": "UNPACK_EX",
    "Return 1>0": "INTERPRETER_EXIT",
    "ReturnConst 0>0": "RETURN_CONST",
    "ReturnGenerator 0>1": "RETURN_GENERATOR",
    "Yield 1>1": "YIELD_VALUE",
    "YieldFrom 2>1": "YIELD_FROM",
    "GetAwaitable 1>1": "GET_AWAITABLE",
    "GetIter 1>1": "GET_YIELD_FROM_ITER",
    "GetAiter 1>1": "GET_AITER",
    "GetAnext 0>1": "GET_ANEXT",
    "With 1>2": "BEFORE_WITH BEFORE_ASYNC_WITH LOAD_SPECIAL",
    "With 1>2|1>7": "SETUP_WITH",
    "Setup 0>0|1>6": "SETUP_ASYNC_WITH",
    "Setup 0>0|0>6": "SETUP_FINALLY",
    "Setup 0>0|0>1": "CALL_FINALLY",
    "WithExit 0>1": "WITH_EXCEPT_START",
    "WithExit 0>2": "WITH_CLEANUP_START",
    "Other 3>0": "WITH_CLEANUP_FINISH",
    "Other 0>6": "BEGIN_FINALLY",
    "Other 6>0": "POP_FINALLY END_FINALLY",
    "Other 2>0": "JUMP_IF_NOT_EXC_MATCH",
    "Raise n>0": "RAISE_VARARGS",
    "HiddenByLine 0>0": "INSTRUMENTED_LINE",
    "HiddenByInstruction 0>0": "INSTRUMENTED_INSTRUCTION",
    "HiddenByExecutor 0>0": "ENTER_EXECUTOR TRACE_RECORD",
}
BY_VERSION = {
    "LOAD_GLOBAL": {8: "LoadGlobal 0>1", 11: "LoadGlobal 0>1+low"},
    "LOAD_ATTR": {8: "LoadAttr 1>1", 12: "LoadAttr 1>1+low"},
    "LOAD_METHOD": {8: "LoadAttr 1>2"},
    "LOAD_SUPER_ATTR": {12: "LoadSuperAttr 3>1+low"},
    "CALL_FUNCTION_EX": {8: "CallEx 2+low>1", 11: "CallEx 3+low>1", 14: "CallEx 4>1"},
    "MAKE_FUNCTION": {8: "MakeFunction 2+bits>1", 11: "MakeFunction 1+bits>1", 13: "MakeFunction 1>1"},
    "FOR_ITER": {8: "ForIter 0>1|1>0", 12: "ForIter 0>1"},
    "SEND": {11: "Send 1>1|2>1", 12: "Send 1>1"},
    "END_SEND": {12: "EndSend 2>1", 15: "EndSend 3>1"},
    "END_FOR": {12: "Other 2>0", 13: "Other 1>0"},
    "POP_ITER": {14: "Other 1>0", 15: "Other 2>0"},
    "GET_ITER": {8: "GetIter 1>1", 15: "GetIter 1>2"},
    "END_ASYNC_FOR": {8: "Other 7>0", 11: "Other 2>0"},
    "POP_EXCEPT": {8: "PopExcept 3>0", 11: "PopExcept 1>0"},
    "RERAISE": {9: "Raise 3>0", 11: "Raise 1>0"},
    "RETURN_VALUE": {8: "Return 1>0", 14: "Return 1>1"},
    "MATCH_CLASS": {10: "Other 3>2", 11: "Other 3>1"},
    "MATCH_KEYS": {10: "Other 0>2", 11: "Other 0>1"},
}
# What dis.stack_effect() counts otherwise: 3.11 splits a call between PRECALL and CALL, a started generator
# finds a value on its stack, and 3.8 counts its finally blocks by their worst case.
COUNTED_OTHERWISE = {(11, "PRECALL"), (11, "CALL"), (10, "GEN_START"), (11, "RETURN_GENERATOR"),
                     (12, "RETURN_GENERATOR")}
# By how many bits the index of a name is shifted. Source: dis.py, _get_name_info's callers.
NAME_SHIFT = {"LOAD_GLOBAL": {11: 1}, "LOAD_ATTR": {12: 1}, "LOAD_SUPER_ATTR": {12: 2}, "IMPORT_NAME": {15: 2}}
# Its argument is a place to report, not to go to. Source: CPython 3.14 Python/bytecodes.c.
NO_JUMP = {"END_ASYNC_FOR"}
TERM = re.compile(r"(\d*)(n|low|bit2|bits|ex)?$")
BITS = {("low", 0): "kLowPops", ("low", 1): "kLowPushes", ("bit2", 0): "kThirdPops", ("bits", 0): "kSetPop",
        ("ex", 1): "kUnpackEx"}


def probe(command: list[str]) -> dict:
    done = subprocess.run([*command, "-c", PROBE], stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout)


def by_version(choices: dict, minor: int):
    fitting = [first for first in choices if first <= minor]
    return choices[max(fitting)] if fitting else None


def meaning(name: str, minor: int) -> str:
    if name in BY_VERSION:
        found = by_version(BY_VERSION[name], minor)
        if found:
            return found
    for text, names in EFFECTS.items():
        if name in names.split():
            return text
    raise SystemExit(f"{name} is unknown: what does it pop and push? (EFFECTS in {__file__})")


def side(text: str, pushes: int) -> dict:
    """"n+2" as {count: 2, per_arg: 1}, with the special bits."""
    found = {"count": 0, "per_arg": 0, "bits": None}
    for term in text.split("+"):
        number, word = TERM.match(term).groups()
        if word == "n":
            found["per_arg"] = int(number or 1)
        elif word:
            found["bits"] = BITS[(word, pushes)]
        else:
            found["count"] = int(number)
    return found


def effect_of(text: str) -> dict:
    pops, pushes = (side(part, index) for index, part in enumerate(text.split(">")))
    return {"pops": pops["count"], "pops_per_arg": pops["per_arg"], "pushes": pushes["count"],
            "pushes_per_arg": pushes["per_arg"], "bits": pops["bits"] or pushes["bits"]}


def net(effect: dict, argument: int) -> int:
    bits = effect["bits"]
    special = {None: 0, "kLowPops": -(argument & 1), "kLowPushes": argument & 1, "kThirdPops": -(argument >> 2 & 1),
               "kSetPop": -bin(argument).count("1"), "kUnpackEx": (argument & 255) + (argument >> 8) + 1}[bits]
    return (effect["pushes"] + effect["pushes_per_arg"] * argument - effect["pops"]
            - effect["pops_per_arg"] * argument + special)


def check_effects(name: str, minor: int, effects: list[dict], said: list) -> None:
    if (minor, name) in COUNTED_OTHERWISE:
        return
    for argument, theirs in enumerate(said if said[0][0] is not None else []):
        if name == "BUILD_SLICE" and argument not in (2, 3):
            continue
        ours = [net(effect, argument) for effect in effects]
        if ours != theirs:
            raise SystemExit(f"3.{minor} {name} {argument}: stack_effect() is {theirs}, ours {ours}")


def initializer(effect: dict) -> str:
    parts = [f".{key} = {effect[key]}" for key in ("pops", "pops_per_arg", "pushes", "pushes_per_arg") if effect[key]]
    if effect["bits"]:
        parts.append(f".bits = ArgBits::{effect['bits']}")
    return "{" + ", ".join(parts) + "}"


def row(name: str, facts: dict) -> str:
    minor = facts["version"][1]
    op, _, stack = meaning(name, minor).partition(" ")
    effects = [effect_of(part) for part in stack.split("|")]
    check_effects(name, minor, [effects[0], effects[-1]], facts["effects"][name])
    parts = [f'.number = {facts["opmap"][name]}', f'.name = "{name}"', f".op = Op::k{op}"]
    if facts["caches"][name]:
        parts.append(f'.caches = {facts["caches"][name]}')
    if name in facts["absolute"]:
        parts.append(".jump = JumpKind::kAbsolute")
    elif name in facts["relative"] and name not in NO_JUMP:
        parts.append(".jump = JumpKind::k" + ("Backward" if "BACKWARD" in name else "Forward"))
    shift = by_version(NAME_SHIFT.get(name, {}), minor)
    if shift:
        parts.append(f".name_shift = {shift}")
    if any(effects[0].values()):
        parts.append(".effect = " + initializer(effects[0]))
    if len(effects) > 1:
        parts.append(".jump_effect = StackEffect" + initializer(effects[1]))
    return "    {" + ", ".join(parts) + "},"


def aliases(facts: dict) -> list[str]:
    """Numbers that stand for another one: specialised and instrumented forms."""
    found = {}
    for base, forms in facts["specialised"].items():
        for form in forms:
            # 3.11 lists forms that got no number of their own.
            if form in facts["all"]:
                found[form] = base
    for name in facts["opmap"]:
        base = name.replace("INSTRUMENTED_", "")
        if base != name and base in facts["opmap"]:
            found[name] = base
    for name in facts["all"]:
        if name not in found and name not in facts["opmap"]:
            # Superinstructions of 3.11 and 3.12 overlay the first of two instructions.
            base = re.match(r"(\w+?)__\w+$", name)
            if not base or base.group(1) not in facts["opmap"]:
                raise SystemExit(f"{name} stands for what?")
            found[name] = base.group(1)
    lines = []
    for name, base in sorted(found.items(), key=lambda item: facts["all"][item[0]]):
        lines.append(f"    {{.number = {facts['all'][name]}, .base = {facts['opmap'][base]}}},  // {name}: {base}")
    return lines


def table(facts: dict) -> str:
    minor = facts["version"][1]
    names = sorted(facts["opmap"], key=facts["opmap"].get)
    forms = aliases(facts)
    bases = [name for name in names if not (name.startswith("INSTRUMENTED_")
                                            and name.replace("INSTRUMENTED_", "") in facts["opmap"])]
    rows = "\n".join(row(name, facts) for name in bases)
    unit = 2 if minor >= 10 else 1
    # Source: Python/compile.c; 3.13 turned [null, callee] round.
    null_below = str(11 <= minor <= 12).lower()
    version = ".".join(map(str, facts["version"]))
    head = f"""// SPDX-License-Identifier: MIT
// Opcodes of CPython 3.{minor}, as the modules opcode and dis of {version} have them.
// Written by scripts/extract_opcodes.py, which also says where Op and stack effects come from.
#pragma once

#include "cpython_layouts/opcode.hpp"

namespace corotrace {{

// clang-format off
inline constexpr OpcodeRow kOpcodeRows{minor:02}[] = {{
{rows}
}};
"""
    listed = "{}"
    if forms:
        head += f"\ninline constexpr OpcodeAlias kOpcodeAliases{minor:02}[] = {{\n" + "\n".join(forms) + "\n};\n"
        listed = f"kOpcodeAliases{minor:02}"
    return head + f"""
inline constexpr OpcodeTable kOpcodes{minor:02} =
    make_opcode_table(kOpcodeRows{minor:02}, {listed}, {unit}, {null_below});
// clang-format on

}}  // namespace corotrace
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="write the table")
    parser.add_argument("table", type=Path)
    parser.add_argument("python", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    facts = probe(options.python)
    text = table(facts)
    if options.update:
        options.table.write_text(text)
        return 0
    ours = options.table.read_text()
    # The patch level is that of the build which the table was written from.
    level = re.compile(r"dis of [\d.]+ have")
    if level.sub("", ours) == level.sub("", text):
        return 0
    for old, new in zip(ours.splitlines(), text.splitlines()):
        if level.sub("", old) != level.sub("", new):
            print(f"{options.table}: has\n{old}\nthe interpreter says\n{new}")
            break
    else:
        print(f"{options.table}: has other lines than the interpreter says")
    return 1


if __name__ == "__main__":
    sys.exit(main())
