#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Measures what corotrace costs a program, beside the same program without it and beside what else one could
# use, in the same run. Builds the release; the rest is scripts/bench/bench.py.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ "${1:-}" == -h || "${1:-}" == --help || "${1:-}" == --readme* ]]; then
    exec python3 scripts/bench/bench.py "$@"
fi
scripts/setup.sh test
mkdir -p build
if command -v ccache >/dev/null; then export CMAKE_CXX_COMPILER_LAUNCHER=ccache; fi
cmake --preset release >build/bench-configure.log || { cat build/bench-configure.log; exit 1; }
cmake --build build/release
c++ -std=c++20 -O2 -Wall -Wextra -o build/release/bare_tracer scripts/bench/bare_tracer.cpp
exec python3 scripts/bench/bench.py --corotrace build/release/corotrace --bare-tracer build/release/bare_tracer "$@"
