#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the golden SARIF and JUnit files for what their readers demand: of SARIF 2.1.0 the required keys and
the bounds of regions, that rules and results point at each other and that every key is one of the standard's; of
JUnit that the counts are those of the cases and that no attribute is unknown to Jenkins' junit-10.xsd. Exits with
1 at a fault. usage: check_sites.py FILE..."""
import json
import sys
import xml.etree.ElementTree
from pathlib import Path

# SARIF 2.1.0, sections 3.14, 3.27 to 3.30, 3.44, 3.49: the keys that corotrace uses, by object.
KEYS = {
    "result": {"ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints", "relatedLocations",
               "stacks", "codeFlows", "fixes", "properties"},
    "location": {"physicalLocation", "logicalLocations", "message"},
    "physicalLocation": {"artifactLocation", "region", "contextRegion"},
    "region": {"startLine", "startColumn", "endLine", "endColumn", "snippet"},
    "artifactLocation": {"uri", "uriBaseId"},
    "rule": {"id", "name", "shortDescription", "fullDescription", "help", "defaultConfiguration"},
}
JUNIT = {"testsuites": set(), "testsuite": {"name", "tests", "failures", "errors", "skipped", "time"},
         "testcase": {"classname", "name", "time"}, "failure": {"message", "type"}}


def check_keys(kind, value):
    for key in value.keys() - KEYS[kind]:
        yield f"{key} is no key of a {kind}"


def check_region(region):
    yield from check_keys("region", region)
    if region["startLine"] < 1 or region.get("endLine", region["startLine"]) < region["startLine"]:
        yield f"lines of {region}"
    if region.get("startColumn", 1) < 1 or region.get("endColumn", 1) < region.get("startColumn", 1):
        yield f"columns of {region}"


def check_location(location):
    yield from check_keys("location", location)
    physical = location.get("physicalLocation")
    if physical is None:
        return
    yield from check_keys("physicalLocation", physical)
    artifact = physical["artifactLocation"]
    yield from check_keys("artifactLocation", artifact)
    if not artifact["uri"].isascii() or " " in artifact["uri"]:
        yield f"no URI: {artifact}"
    if artifact["uri"].startswith("file://") == ("uriBaseId" in artifact):
        yield f"neither absolute nor relative: {artifact}"
    for name in ("region", "contextRegion"):
        if name in physical:
            yield from check_region(physical[name])


def check_result(result, rules):
    yield from check_keys("result", result)
    if rules[result["ruleIndex"]]["id"] != result["ruleId"]:
        yield f"{result['ruleId']} is not rule {result['ruleIndex']}"
    if result["level"] not in ("error", "warning", "note", "none") or not result["message"]["text"].endswith("."):
        yield f"level or message of {result['ruleId']}"
    if not all(result["partialFingerprints"].values()):
        yield f"no fingerprint of {result['ruleId']}"
    locations = list(result.get("locations", [])) + list(result.get("relatedLocations", []))
    if len(result.get("relatedLocations", [])) > len(result["properties"].get("related", [])):
        yield f"related locations of {result['ruleId']} are of nobody"
    for stack in result.get("stacks", []):
        locations += [frame["location"] for frame in stack["frames"]]
    for flow in result.get("codeFlows", []):
        locations += [step["location"] for thread in flow["threadFlows"] for step in thread["locations"]]
    for location in locations:
        yield from check_location(location)
    for fix in result.get("fixes", []):
        for change in fix["artifactChanges"]:
            for replacement in change["replacements"]:
                yield from check_region(replacement["deletedRegion"])


def check_sarif(text):
    log = json.loads(text)
    if log["version"] != "2.1.0" or log.keys() != {"$schema", "version", "runs"}:
        yield "no log of version 2.1.0"
    for run in log["runs"]:
        rules = run["tool"]["driver"]["rules"]
        if run["columnKind"] != "utf16CodeUnits" or "SRCROOT" not in run["originalUriBaseIds"]:
            yield "columns or bases are not told"
        if len({rule["id"] for rule in rules}) != len(rules):
            yield "a rule twice"
        for rule in rules:
            yield from check_keys("rule", rule)
        for result in run["results"]:
            yield from check_result(result, rules)


def check_junit(text):
    root = xml.etree.ElementTree.fromstring(text)
    for element in root.iter():
        for key in set(element.keys()) - JUNIT[element.tag]:
            yield f"{key} is no attribute of {element.tag}"
    for suite in root.iter("testsuite"):
        for key, path in (("tests", "testcase"), ("failures", "testcase/failure")):
            if int(suite.get(key)) != len(suite.findall(path)):
                yield f"{key} is not the number of them"


def main():
    faults = []
    for name in sys.argv[1:]:
        text = Path(name).read_text(encoding="utf-8")
        check = check_sarif if name.endswith(".sarif") else check_junit
        faults += [f"{name}: {fault}" for fault in check(text)]
    print(*faults, f"{len(sys.argv) - 1} files, {len(faults)} faults", sep="\n")
    return 1 if faults or len(sys.argv) == 1 else 0


if __name__ == "__main__":
    sys.exit(main())
