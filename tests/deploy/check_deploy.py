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

    def test_rules(self):
        rules = DEPLOY / "prometheus-rules.yaml"
        done = subprocess.run(["promtool", "check", "rules", rules], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done)
        # Each metric is one that serve has.
        source = (ROOT / "tracer/report/metrics.cpp").read_text()
        for name in set(re.findall(r"\bcorotrace_[a-z_]+", rules.read_text())):
            self.assertIn(f'"{name.removesuffix("_total")}"', source)

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
