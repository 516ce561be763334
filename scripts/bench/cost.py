# SPDX-License-Identifier: MIT
"""Writes this folder's README's table of costs from what bench.sh --jsonl put down; nobody writes it by hand."""
import json
import pathlib

README = pathlib.Path(__file__).resolve().parent / "README.md"
BEGIN, END = "<!-- cost: written by scripts/bench.sh --readme -->\n", "<!-- /cost -->\n"

# What stands in a row: the bench, and in words. A slash puts two figures into one cell.
ROWS = (
    ("attach: wall, 1 threads / attach: wall, 1000 threads", "start to armed, ms, with 1 / 1000 threads"),
    ("attach: worst gap of a busy loop, beside a --dry-run / attach: worst gap of a busy loop, attached and left",
     "longest stall of a busy loop, us: not attached (`--dry-run`) / during attach and detach"),
    ("attach: worst gap of an event loop, beside a --dry-run / attach: worst gap of an event loop, attached and left",
     "the same of an event loop"),
    ("idle: await", "awaits, none forgotten: times the untraced"),
    ("idle: task", "tasks"), ("idle: json", "JSON through three coroutines"),
    ("idle: syscall", "system calls"), ("idle: thread", "threads started and joined"),
    ("idle: signal", "signals with a Python handler"),
    ("storm: 1 site, first second / storm: 1 site",
     "one site drops as fast as it can: share of the untraced rate in the first second, when it is reported / then"),
    ("storm: 50 sites, first second / storm: 50 sites", "50 sites do"),
    ("storm: 50 sites, of which reported / storm: 50 sites, until these were",
     "so many of them were looked at / within s"),
    ("storm: 1000 sites, first second / storm: 1000 sites", "1,000 sites do"),
    ("storm: 8 frames / storm: 16 frames / storm: 64 frames",
     "one site below 8 / 16 / 64 frames drops as fast as it can: time of a drop, times the untraced"),
    ("first report of a hot place: start to armed / first report of a hot place: start to told",
     "a place that drops all the time: start to armed / to its report, ms"),
    ("places: of 154, found / places: of 154, counted exactly",
     "one coroutine forgotten at 154 places: so many are found / counted exactly"),
    ("quota of 5 %: the longest of 60 first drops, alone / quota of 5 %: the longest of 60 first drops / "
     "quota of 5 %: of 60 places, found",
     "corotrace has 5 % of a core: the longest of 60 first drops, ms, without / with it / so many places found"),
    ("quota of 5 %, --hold always: the longest of 60 first drops / quota of 5 %, --hold always: of 60 places, found",
     "the same with `--hold always`"),
    ("all cores busy, at the priority of others: the longest of 300 stops / "
     "all cores busy: the longest of 300 stops",
     "two busy loops a core beside it: the longest of 300 stops, ms, without / with its higher priority"),
    ("hold auto, at rest: signal / hold auto, at rest: thread", "`--hold auto` at rest: signals / threads"),
    ("stop, other core: a warm report / stop, other core: a cold report",
     "a report of 20 frames, known / new site: times a bare ptrace stop, tracer on another core"),
    ("stop, same core: a warm report / stop, same core: a cold report", "the same, tracer on the same core"),
    ("origin: task, auto, an unexplained site / origin: json, auto, an unexplained site",
     "`--origin auto` at work, tasks / JSON: times the untraced"),
    ("origin: task, 10 / origin: json, 10", "`--origin 10`"),
    ("peers: task, -X tracemalloc / peers: json, -X tracemalloc", "instead: `-X tracemalloc`"),
    ("peers: task, -X tracemalloc=25 / peers: json, -X tracemalloc=25", "instead: `-X tracemalloc=25`"),
    ("peers: task, asyncio debug / peers: json, asyncio debug", "instead: asyncio's debug mode"),
    ("peers: task, -X dev / peers: json, -X dev", "instead: `-X dev`"),
    ("peers: a stack by gdb's py-bt", "instead: a breakpoint of gdb with `py-bt`, times a report (-dbg builds)"),
    ("a suite: corotrace run", "a test suite of a minute under `corotrace run`: times the plain one"),
    ("a suite: -X dev / a suite: -W error, -X tracemalloc=25",
     "instead, of a tenth of it: `-X dev` / `-W error -X tracemalloc=25`"),
    ("corotrace: resident, 10000 sites", "corotrace's memory after 1,000,000 drops at 10,000 sites, MB"),
    ("corotrace: CPU idle", "its CPU where nothing is dropped, % of a core"),
)


def format_number(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def make_table(events):
    machine = next(event for event in events if event["event"] == "machine")
    medians = {(event["python"], event["bench"]): event["median"] for event in events if event["event"] == "figure"}
    pythons = list(dict.fromkeys(python for python, _ in medians))
    lines = [f"`{machine['command']}` on {machine['cores']} cores, Linux {machine['kernel']}, medians of "
             f"{machine['rounds']} rounds:", "",
             "| | " + " | ".join(pythons) + " |", "|---|" + "---:|" * len(pythons)]
    for benches, words in ROWS:
        cells = []
        for python in pythons:
            found = [medians.get((python, bench)) for bench in benches.split(" / ")]
            cells.append(" / ".join("–" if one is None else format_number(one) for one in found))
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def write(path):
    events = [json.loads(line) for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines()]
    text = README.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise SystemExit("bench.sh: the README's marks of the table are missing or doubled")
    head, rest = text.split(BEGIN)
    README.write_text(head + BEGIN + make_table(events) + END + rest.split(END)[1], encoding="utf-8")
