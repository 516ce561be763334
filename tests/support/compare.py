# SPDX-License-Identifier: MIT
"""Truth against report. Each function returns what differs, as lines to read; nothing means equal."""

import fnmatch
import json

MOST = 8  # differences told; one cause often makes hundreds


def _told(differences):
    more = len(differences) - MOST
    return differences[:MOST] + ([f"... and {more} more"] if more > 0 else [])


def counts(truth, reported):
    """Drops by name."""
    return _told([f"{name}: {truth.get(name, 0)} in truth, {reported.get(name, 0)} reported"
                  for name in sorted(truth.keys() | reported.keys(), key=str)
                  if truth.get(name, 0) != reported.get(name, 0)])


def visible(text):
    """As corotrace passes it on: what is no Unicode text becomes U+FFFD."""
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)


FRAME = ("function", "name", "file", "line", "end_line", "col", "end_col", "source")


def _frame(frame):
    return tuple(visible(frame[key]) if isinstance(frame[key], str) else frame[key] for key in FRAME)


def stack(truth, reported, where):
    """Two stacks, most recent call last; None in truth: dropped outside of any frame."""
    truth = [_frame(frame) for frame in truth or []]
    if reported is None:
        return [f"{where}: no frames reported"]
    reported = [_frame(frame) for frame in reported]
    if truth == reported:
        return []
    differences = [f"{where}: {len(truth)} frames in truth, {len(reported)} reported"]
    for depth in range(1, min(len(truth), len(reported)) + 1):
        if truth[-depth] != reported[-depth]:
            differences.append(f"  {depth - 1} up: {truth[-depth]} in truth, {reported[-depth]} reported")
            break
    return differences


def stacks(truth, findings):
    """Drops in order: [(qualname, frames)] against findings."""
    differences = []
    if len(truth) != len(findings):
        differences.append(f"{len(truth)} drops in truth, {len(findings)} findings")
    for number, ((name, frames), finding) in enumerate(zip(truth, findings)):
        where = f"drop {number} of {name}"
        if finding["coroutine"]["qualname"] != name:
            differences.append(f"{where}: reported of {finding['coroutine']['qualname']}")
            break  # from here on they are shifted
        differences += stack(frames, finding["dropped"]["frames"], where)
    return _told(differences)


def _typed(argument):
    """The type as reported: with a length where it has one."""
    length = "" if argument["length"] is None else f"[{argument['length']}]"
    return argument["type"] + length


def arguments(truth, findings, shown):
    """Calls in order; `shown`: values are expected to be shown, else to be redacted."""
    differences = []
    if len(truth) != len(findings):
        differences.append(f"{len(truth)} calls in truth, {len(findings)} findings")
    for number, (call, finding) in enumerate(zip(truth, findings)):
        where = f"call {number} of {call['qualname']}"
        expected = [(a["name"], _typed(a), visible(a["value"]) if shown else None, not shown)
                    for a in call["arguments"]]
        got = [(a["name"], a["type"], a["value"], a["redacted"])
               for a in finding["coroutine"]["arguments"] or []]
        if expected != got:
            pairs = [pair for pair in zip(expected, got) if pair[0] != pair[1]]
            first = f"{pairs[0][0]} in truth, {pairs[0][1]} reported" if pairs else "other number of arguments"
            differences.append(f"{where}: {first}")
    return _told(differences)


LOST_TASKS = {"task_destroyed_pending": "destroyed_pending",
              "task_exception_never_retrieved": "exception_never_retrieved",
              "future_exception_never_retrieved": "exception_never_retrieved"}


def consistency(lines, every=False, filtered=False):
    """What must hold in any jsonl output of a session that attached."""
    differences = []

    def must(holds, text):
        if not holds:
            differences.append(text)

    if lines and lines[-1]["event"] == "total":
        lines = lines[:-1]  # of the run: what is asked here is about its only target
    events = [line["event"] for line in lines]
    must(events[:1] == ["attached"], f"begins with {events[:1]}")
    must(events[-1:] == ["summary"], f"ends with {events[-1:]}")
    must(events.count("attached") == 1 and events.count("summary") == 1, "attached or summary not once")
    if differences:
        return differences
    must(all(line.get("schema") == "corotrace/1" for line in lines), "a line without schema corotrace/1")
    must(all(next(iter(line)) == "schema" for line in lines), "schema is not the first key")
    findings = [line for line in lines if line["event"] == "finding"]
    sites = [line for line in lines if line["event"] == "site"]
    summary = lines[-1]
    if summary["never_awaited"] is None:
        must(lines[0]["read_only"], "nothing was counted, though not read-only")
        must(all(line["count"] is None for line in findings + sites), "a count of what was not counted")
        must(all(line["blamed"] for line in findings + sites), "a finding without the line blamed")
        must(summary["sites"] == len(sites) == len(findings), f"{len(sites)} sites of {len(findings)} findings")
        return _told(differences)
    total = sum(site["count"] for site in sites if site["kind"] not in LOST_TASKS)
    lost = {LOST_TASKS[site["kind"]]: 0 for site in sites if site["kind"] in LOST_TASKS}
    for site in sites:
        if site["kind"] in LOST_TASKS:
            lost[LOST_TASKS[site["kind"]]] += site["count"]
    told = {kind: count for kind, count in (summary["lost_tasks"] or {}).items() if count}
    must(filtered or lost == told, f"the sites have lost {lost}, the summary {told}")
    if not filtered:
        must(total == summary["never_awaited"], f"the sites have {total} drops, the summary {summary['never_awaited']}")
    must(summary["sites"] == len(sites), f"{len(sites)} sites, the summary says {summary['sites']}")
    must(summary["stops"] >= summary["sampled"], "less stops than sampled drops")
    must(summary["sampled"] <= summary["never_awaited"], "more sampled than there are")
    must(summary["pause_max_us"] <= summary["pause_total_us"], "the longest pause is longer than all together")
    if every and not filtered:
        # What the stub noted itself names no thread, and nobody sampled it.
        drops = [finding for finding in findings if finding["kind"] not in LOST_TASKS and finding["tid"] is not None]
        must(len(drops) == summary["sampled"], f"{len(drops)} findings, {summary['sampled']} sampled drops")
    names = [(site["fingerprint"], site["coroutine"]["qualname"]) for site in sites]
    must(len(set(names)) == len(names), "two sites with one fingerprint")
    known = {site["fingerprint"] for site in sites}
    # Sites beyond what memory is kept for are put together by coroutine, or, beyond many of these, all in one.
    folds = {(site["kind"], site["coroutine"]["qualname"]) for site in sites if site["folded"]}
    homeless = {(finding["kind"], finding["coroutine"]["qualname"])
                for finding in findings if finding["fingerprint"] not in known}
    must(all(one in folds or (one[0], None) in folds for one in homeless), "a finding of no site")
    return _told(differences)


def coverage(summary, state="exact"):
    """The count and its cross-check agree."""
    found = summary["coverage"]
    differences = []
    if found["state"] != state:
        differences.append(f"coverage is {found}, not {state}")
    if found["state"] == "exact" and found["warned"] is not None and found["dealloc"] != found["warned"]:
        differences.append(f"coverage calls itself exact: {found}")
    return differences


def parse_lines(text):
    return [json.loads(line) for line in text.splitlines()]


def filtered(truth, flags, file_of):
    """What of `truth` (drops by name) passes --include and --exclude, as corotrace documents them."""
    pairs = list(zip(flags[::2], flags[1::2]))

    def matches(flag, name):
        paths = (name, "/somewhere/" + file_of(name))
        return any(fnmatch.fnmatchcase(path, pattern) for f, pattern in pairs if f == flag for path in paths)

    has_include = any(flag == "--include" for flag, _ in pairs)
    return {name: count for name, count in truth.items()
            if (not has_include or matches("--include", name)) and not matches("--exclude", name)}
