#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What others' own tools say of what corotrace gives them: Grafana's grammar of LogQL, the types of Kubernetes' API, and
Microsoft's validator of SARIF, which npm has and Debian has not.

usage: check_outside.py PROGRAM [FOLDER]

Installs them into FOLDER, some 130 MB (default: build/outside). A command of its own, as it needs npm and its registry.
"""
import json
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "scripts/deploy"
PACKAGES = ("@grafana/lezer-logql@0.4", "@lezer/lr@1", "@lezer/common@1", "kubernetes-types@1.30", "typescript@5",
            "@microsoft/sarif-multitool@5")
PARSE_LOGQL = """
import {parser} from "@grafana/lezer-logql";
import {readFileSync} from "fs";
const text = readFileSync(0, "utf8");
let errors = 0;
parser.parse(text).iterate({enter(node) {
  if (!node.type.isError) return;
  errors += 1;
  console.log("at " + node.from + ": " + text.slice(Math.max(0, node.from - 30), node.from + 30));
}});
process.exit(errors ? 1 : 0);
"""
MODULES = {"DaemonSet": "apps/v1", "Pod": "core/v1", "ServiceAccount": "core/v1", "ClusterRole": "rbac/v1",
           "ClusterRoleBinding": "rbac/v1", "Namespace": "core/v1", "Service": "core/v1", "ConfigMap": "core/v1"}
PROGRAM_WITH_MISTAKES = """
import asyncio
async def save(row): return row
async def load(): return {"a": 1}
async def main():
    save(1)
    row = load()
    if row: pass
    await asyncio.gather(save(2))
asyncio.run(main())
"""
PROGRAM = ""
FOLDER = ROOT / "build/outside"


def run(*command, **more):
    return subprocess.run(command, cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **more)


class Outside(unittest.TestCase):
    def check(self, *command, **more):
        done = run(*command, **more)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def test_the_query_for_loki_is_logql(self):
        (FOLDER / "logql.mjs").write_text(PARSE_LOGQL)
        query = (DEPLOY / "fleet.logql").read_text()
        self.check("node", "logql.mjs", input=query)
        self.assertEqual(run("node", "logql.mjs", input=query.replace("| unwrap", "| unwrp")).returncode, 1)

    def check_manifest(self, document, kind):
        name = f"{kind}.ts"
        (FOLDER / name).write_text(f'import {{{kind}}} from "kubernetes-types/{MODULES[kind]}";\n'
                                   f"export const it: {kind} = {json.dumps(document)};\n")
        return run("node_modules/.bin/tsc", "--noEmit", "--strict", "--skipLibCheck", "--moduleResolution", "node10",
                   "--ignoreDeprecations", "5.0", name)

    def test_manifests_are_of_kubernetes_types(self):
        for name in ("daemonset.yaml", "pod.yaml"):
            for document in yaml.safe_load_all((DEPLOY / name).read_text()):
                done = self.check_manifest(document, document["kind"])
                self.assertEqual(done.returncode, 0, f"{name}: {done.stdout}")
        document["spec"]["containres"] = []
        self.assertIn("containres", self.check_manifest(document, document["kind"]).stdout)

    def test_the_container_to_debug_with_is_of_kubernetes_types(self):
        container = yaml.safe_load((DEPLOY / "debug-container.yaml").read_text())
        pod = {"spec": {"containers": [{"name": "app"}], "ephemeralContainers": [{"name": "corotrace", **container}]}}
        done = self.check_manifest(pod, "Pod")
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_sarif_is_valid(self):
        (FOLDER / "mistakes.py").write_text(PROGRAM_WITH_MISTAKES)
        self.check(PROGRAM, "run", "-f", "sarif:report.sarif", "--", "/usr/bin/python3", "mistakes.py")
        found = json.loads((FOLDER / "report.sarif").read_text())
        self.assertEqual(len(found["runs"][0]["results"]), 2)
        told = self.check("node_modules/.bin/sarif-multitool-linux", "validate", "report.sarif")
        # corotrace has no page of its own to name.
        faults = [line for line in told.splitlines()
                  if (": error " in line or ": warning " in line) and "informationUri" not in line]
        self.assertEqual(faults, [])
        found["runs"][0]["results"][0]["ruleIndex"] = 99
        (FOLDER / "report.sarif").write_text(json.dumps(found))
        self.assertIn("SARIF1009", run("node_modules/.bin/sarif-multitool-linux", "validate", "report.sarif").stdout)


def main():
    global PROGRAM, FOLDER
    if len(sys.argv) not in (2, 3) or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        return 2
    PROGRAM = str(Path(sys.argv[1]).resolve())
    FOLDER = Path(sys.argv[2]).resolve() if len(sys.argv) == 3 else FOLDER
    if not shutil.which("npm"):
        print("check_outside.py: there is no npm; to install it: apt-get install npm")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    installed = run("npm", "install", "--no-audit", "--no-fund", *PACKAGES)
    if installed.returncode != 0:
        print(installed.stdout)
        return 1
    return not unittest.main(argv=sys.argv[:1], exit=False, verbosity=2).result.wasSuccessful()


if __name__ == "__main__":
    sys.exit(main())
