#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs CPython's own regression tests bare and with corotrace attached, or under `corotrace run`, on every interpreter
# found that has them, and compares results and never-awaited warnings. Takes minutes an interpreter. Needs a build:
# cmake preset dev.
# usage: scripts/hosted_tests.sh [--run] [--only ID]... [TEST]...   TEST: coroutines, asyncio, signal, ...
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 tests/safety/hosted_tests.py --corotrace build/dev/corotrace "$@"
