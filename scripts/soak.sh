#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Kills corotrace many times, spread over every interpreter that is found, while it attaches to a process, looks
# at a storm of drops, holds a thread, leaves, and while the process forks. After each kill the process must live
# and count right, and `corotrace detach` must bring back every byte. Then looks 100 times at a program that
# allocates wildly, and must find what it holds and nothing else. CI runs the same tests with less of each.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    cat <<'END'
usage: scripts/soak.sh [KILLS]

KILLS   how many random kills in all (2000); on top come those at each single write
Needs a build: cmake --preset dev && cmake --build build/dev
END
}

case "${1:-}" in
    -h | --help) usage && exit 0 ;;
    *[!0-9]*) usage >&2 && exit 2 ;;
esac
interpreters=$(scripts/find_interpreters.py 2>/dev/null | wc -l)
((interpreters > 0)) || { echo "no interpreter to test with was found" >&2 && exit 1; }
# Each round of the test is half as many kills again while the target forks.
rounds=$(((${1:-2000} * 2 / 3 + interpreters - 1) / interpreters))
echo "$interpreters interpreters, $((rounds + rounds / 2)) kills each"
COROTRACE_TEST_KILLS=$rounds COROTRACE_TEST_SCANS=100 exec python3 tests/live/run.py \
    --corotrace build/dev/corotrace kill scan
