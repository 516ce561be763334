# SPDX-License-Identifier: MIT
"""Looks at pages in a headless Chromium: that nothing is loaded from outside, that no text of a program has become
markup, that its script runs and no other may, and that what needs the script is hidden without it.
usage: check_html.py FILE...   (77: there is no Chromium)"""
import base64
import hashlib
import html.parser
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SKIPPED = 77
# All that a page may consist of; what a hostile name smuggled in would have another name or attribute.
TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "h3", "p", "figure", "svg", "rect", "figcaption",
    "div", "input", "select", "option", "output", "main", "details", "summary", "b", "span", "code", "dl", "dt", "dd", "pre",
    "del", "ins", "mark", "ol", "li", "script",
}
LOADS = ("src", "href", "srcset", "data", "action", "formaction", "poster", "style")


class Tags(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.faults = []
        self.scripts = 0
        self.sites = 0

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        if tag not in TAGS:
            self.faults.append(f"a <{tag}>")
        self.faults += [f"{name} of <{tag}>" for name in names if name in LOADS or name.startswith("on")]
        self.scripts += tag == "script"
        self.sites += tag == "details" and ("class", "site") in attrs


def run_chromium(program, page):
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}", "--enable-logging=stderr",
             "--virtual-time-budget=2000", "--dump-dom", page.resolve().as_uri()],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", check=True, timeout=100)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def check(path, program):
    text = path.read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(text)
    faults = list(tags.faults)
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    if f"script-src 'sha256-{digest}'" not in text:
        faults.append(f"the page allows another script than its own, which is sha256-{digest}")
    if re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text):
        faults.append("a control character")
    dom, said = run_chromium(program, path)
    faults += said
    # A browser's own reading has as many of each as ours: nothing was smuggled in past our parser.
    if dom.count("<script") != tags.scripts or dom.count('class="site"') != tags.sites:
        faults.append("the browser sees other elements")
    if tags.sites > 1 and f"{tags.sites} of {tags.sites}" not in dom:
        faults.append("the script did not run")
    if 'id="tools" hidden' not in text:
        faults.append("what needs the script is shown without it")
    return faults


def main():
    program = shutil.which("chromium")
    if program is None:
        print("SKIPPED: no chromium here (scripts/setup.sh test installs it)")
        return SKIPPED
    faults = [f"{name}: {fault}" for name in sys.argv[1:] for fault in check(Path(name), program)]
    print(*faults, f"{len(sys.argv) - 1} pages, {len(faults)} faults", sep="\n")
    return 1 if faults or len(sys.argv) == 1 else 0


if __name__ == "__main__":
    sys.exit(main())
