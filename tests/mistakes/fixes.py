# SPDX-License-Identifier: MIT
"""Whether what is reported as a fix is code that can be pasted, and no words."""
import re

# What a line that begins a block, or goes on with one, needs around it; each inside an async function.
AROUND = ("{}", "{} pass", "if 0: pass\n    {}", "if 0: pass\n    {} pass", "try: pass\n    {}", "try: pass\n    {} pass",
          "{}\n        case _: pass", "match 0:\n        {} pass")
# Names that a fix brings with it.
BROUGHT = set("await asyncio run create_task ensure_future lambda args kwargs task tasks add add_done_callback discard".split())
WORD = re.compile(r"[^\W\d]\w*")


def compiles(text):
    try:
        compile(text, "<fix>", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


def frames_of(finding):
    created, dropped = finding["created"], finding["dropped"]
    return [*(created["frames"] or []), *([dropped["ended"]] if dropped["ended"] else []), *(dropped["frames"] or [])]


def differences(finding, module):
    """What is wrong with the finding's fix; `module` is the text of the program's file."""
    fix = finding["mistake"]["fix"]
    if fix is None:
        return []
    # An async function cannot `yield from`.
    define = "def f():\n    " if "yield from" in fix else "async def f():\n    "
    if not any(compiles(define + around.format(fix)) for around in AROUND):
        return [f"fix does not compile: {fix!r}"]
    frames = frames_of(finding)
    known = " ".join([module] + [frame["source"] or "" for frame in frames])
    strange = set(WORD.findall(fix)) - set(WORD.findall(known)) - BROUGHT
    if strange or "(...)" in fix and "(...)" not in known:
        return [f"fix has words that are not the program's: {fix!r}"]
    return [f"fix cannot be pasted in line {frame['line']}: {fix!r}"
            for frame in frames if not can_be_pasted(fix, frame, module.splitlines())]


def can_be_pasted(fix, frame, lines):
    """False if the fix is this line with awaits in it, and the file does not compile with it."""
    at = (frame["line"] or 0) - 1
    if not frame["source"] or not 0 <= at < len(lines) or lines[at].rstrip() != frame["source"]:
        return True
    indentation = lines[at][:len(lines[at]) - len(lines[at].lstrip())]
    if lines[at].split("#")[0].strip() != fix.replace("await ", ""):
        return True
    return compiles("\n".join([*lines[:at], indentation + fix, *lines[at + 1:]]))
