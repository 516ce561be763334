#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What scripts/deploy/ has is held against the program: options that exist, capabilities that suffice, a unit that
systemd accepts, a pod whose parts fit together.

usage: check_deploy.py PROGRAM
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "scripts/deploy"
UNIT = DEPLOY / "corotrace@.service"
PROGRAM = ""
# Of 100, which is no protection at all.
MOST_EXPOSURE = 25


def unit_value(key):
    (value,) = re.findall(rf"^{key}=(.*)$", UNIT.read_text(), re.MULTILINE)
    return value


def pod():
    spec = yaml.safe_load((DEPLOY / "pod.yaml").read_text())["spec"]
    return spec, spec["initContainers"][0]


def daemonset():
    document = yaml.safe_load((DEPLOY / "daemonset.yaml").read_text())
    return document, document["spec"]["template"]


def read_metrics():
    """Name of each metric that serve has -> its labels."""
    serve = subprocess.Popen([PROGRAM, "serve", "--match", f"nobody-{os.getpid()}", "--listen", "127.0.0.1:0"],
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        address = None
        for line in serve.stderr:
            address = address or re.search(r"answers at (http://\S+)", line)
            if address:
                break
        with urllib.request.urlopen(address[1] + "metrics", timeout=60) as answer:
            samples = re.findall(r"(?m)^(\w+)(?:\{(.*)\})? ", answer.read().decode())
    finally:
        serve.kill()
        serve.communicate()
    return {name: set(re.findall(r'(\w+)="', labels)) for name, labels in samples}


def find_expressions(node):
    """All that stand anywhere in a dashboard."""
    if isinstance(node, list):
        return [found for one in node for found in find_expressions(one)]
    if not isinstance(node, dict):
        return []
    own = [node["expr"]] if "expr" in node else []
    return own + find_expressions(list(node.values()))


class Deploy(unittest.TestCase):
    def check_options(self, words):
        """A wrong word is wrong usage, whatever comes before it; with --help a right command line ends well."""
        done = subprocess.run([PROGRAM, *words, "--help"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done)
        self.assertNotEqual(subprocess.run([PROGRAM, *words, "--no-such"], capture_output=True, check=False).returncode, 0)

    def check_suffices(self, capabilities):
        """With these alone root sees into a process of somebody else."""
        if os.geteuid() != 0:
            self.skipTest("needs root to give up rights")
        target = subprocess.Popen(["/usr/bin/python3", "-c", "print('ready', flush=True); input()"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, user=65534, group=65534, extra_groups=[])
        self.addCleanup(target.communicate)
        self.addCleanup(target.kill)
        target.stdout.readline()
        kept = ",".join(["-all", *("+" + name.lower().replace("cap_", "") for name in capabilities)])
        done = subprocess.run(["setpriv", "--inh-caps", "-all", "--bounding-set", kept, "--no-new-privs", PROGRAM, "doctor",
                               str(target.pid)], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done)

    def test_unit(self):
        self.check_options(unit_value("ExecStart").split()[1:])
        self.check_suffices(unit_value("CapabilityBoundingSet").split())
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / UNIT.name
            copy.write_text(UNIT.read_text().replace("/usr/bin/corotrace", str(PROGRAM)))
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", copy], capture_output=True, text=True,
                                  check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""), done)
            done = subprocess.run(["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSURE}", copy],
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_pod(self):
        spec, sidecar = pod()
        self.assertTrue(spec["shareProcessNamespace"])
        self.assertEqual(sidecar["restartPolicy"], "Always")
        self.assertEqual(sidecar["securityContext"]["runAsUser"], 0)
        self.check_options(sidecar["args"])
        self.check_suffices(sidecar["securityContext"]["capabilities"]["add"])

    def test_daemonset(self):
        document, template = daemonset()
        self.assertEqual(document["spec"]["selector"]["matchLabels"], template["metadata"]["labels"])
        spec = template["spec"]
        self.assertTrue(spec["hostPID"])
        (container,) = spec["containers"]
        self.assertEqual(container["securityContext"]["runAsUser"], 0)
        self.assertIn(container["readinessProbe"]["httpGet"]["port"], {port["name"] for port in container["ports"]})
        self.check_options(container["args"])
        self.check_suffices(container["securityContext"]["capabilities"]["add"])

    def test_ephemeral_container(self):
        """Its command is one, and its file is what that gives to --custom."""
        file = DEPLOY / "debug-container.yaml"
        context = yaml.safe_load(file.read_text())["securityContext"]
        (command,) = re.findall(r"kubectl debug .* --custom=(\S+) -- /corotrace (.*)", file.read_text())
        self.assertEqual(command[0], file.name)
        self.check_options(command[1].split())
        self.assertEqual((context["runAsUser"], context["runAsNonRoot"]), (0, False))
        self.check_suffices(context["capabilities"]["add"])

    def test_rules(self):
        rules = DEPLOY / "prometheus-rules.yaml"
        done = subprocess.run(["promtool", "check", "rules", rules], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done)
        groups = yaml.safe_load(rules.read_text())["groups"]
        self.check_names([rule["expr"] for group in groups for rule in group["rules"]])

    def check_names(self, expressions):
        """Each metric is one that serve has, and so is each label that they are summed by; else those of a scrape."""
        metrics = read_metrics()
        self.assertTrue(expressions)
        for expression in expressions:
            names = set(re.findall(r"\b(?:corotrace|process)_[a-z_]+", re.sub(r'"[^"]*"', "", expression)))
            self.assertTrue(names, expression)
            self.assertLessEqual(names, set(metrics), expression)
            known = {"job", "instance"}.union(*(metrics[name] for name in names))
            labels = set(re.findall(r"(\w+)[=!]~?\"", expression))
            for listed in re.findall(r"\b(?:by|on) \(([^)]*)\)", expression):
                labels |= {label.strip() for label in listed.split(",")}
            self.assertLessEqual(labels, known, expression)

    def test_dashboard(self):
        board = json.loads((DEPLOY / "grafana-dashboard.json").read_text())
        expressions = find_expressions(board)
        self.check_names(expressions)
        # What Grafana puts in for its variables.
        for variable, value in (("$__rate_interval", "1m"), ("$__range", "6h"), ("$job", ".*"), ("$instance", ".*")):
            expressions = [expression.replace(variable, value) for expression in expressions]
        rules = [{"record": f"panel:{number}", "expr": expression} for number, expression in enumerate(expressions)]
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}, file)
            file.flush()
            done = subprocess.run(["promtool", "check", "rules", file.name], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done)
        self.assertNotIn("$", "".join(expressions))
        panels = board["panels"]
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        taken = set()
        for panel in panels:
            at = panel["gridPos"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            self.assertLessEqual(at["x"] + at["w"], 24, panel["title"])
            self.assertFalse(cells & taken, panel["title"])
            taken |= cells
            for target in panel["targets"]:
                self.assertEqual(target["datasource"], {"type": "prometheus", "uid": "${datasource}"})
        self.assertEqual({variable["name"] for variable in board["templating"]["list"]}, {"datasource", "job", "instance"})

    def test_image(self):
        text = (DEPLOY / "Dockerfile").read_text()
        (entry,) = re.findall(r"^ENTRYPOINT (.*)$", text, re.MULTILINE)
        (built, into) = re.findall(r"^COPY --from=build (\S+) (\S+)$", text, re.MULTILINE)[0]
        self.assertEqual(json.loads(entry), [into])
        presets = json.loads((ROOT / "CMakePresets.json").read_text())
        for word in re.findall(r"--preset (\w+)", text):
            self.assertIn(word, {preset["name"] for preset in presets["buildPresets"]})
            self.assertEqual(built, f"/src/build/{word}/corotrace")
        subprocess.run([ROOT / "scripts/setup.sh", "static", "--list"], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    PROGRAM = str(Path(sys.argv.pop(1)).resolve())
    unittest.main()
