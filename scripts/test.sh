#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs what is missing, builds, and runs the checks and tests of corotrace, in stages. CI runs this too, with
# CI=true, and then more of them.
# A stage that fails does not stop the next one, except that nothing runs after a failed build.
# The last line is the sum: "N passed, N failed", with ", N skipped" if there are any.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly kStages=(lint unit live)
# Everything is built once more for them, by another compiler: in CI, or if asked for.
readonly kCiStages=("${kStages[@]}" sanitize fuzz)
# Only if asked for: each takes as long as building everything.
readonly kMoreStages=(tidy static)
# What CI may spend on fetching interpreters before it tests with those that are here.
readonly kFetchSeconds=600
readonly kResults=build/test-results

usage() {
    cat <<'END_USAGE'
usage: scripts/test.sh [--quick | --whole] [--only STAGE]... [--all-interpreters]

Stages, after installing what is missing and building what they need:
  lint      rules of the house, format, shellcheck
  unit      C++ tests, tests of scripts, golden files
  live      corotrace attached to real interpreters: the oldest version that is found, the newest and this machine's,
            what is about processes and files to the last only
with --whole, as CI does, that on every version and build where that may matter, and then, with everything built again:
  sanitize  the C++ tests again, and corotrace attached to one interpreter, under address and undefined-behaviour
            sanitizers
  fuzz      a few seconds of each fuzz target, from the same build
and only with --only, for each takes some 9 minutes on a clean clone and quiet machine:
  tidy      clang-tidy (only what changed since it passed)
  static    the static executable: what it is made of, and corotrace at work in an empty root and in the roots of
            the interpreters that have one (Debian's suites) or another C library (musl)

  --quick             lint and unit
  --whole             all that CI runs
  --only STAGE        only this stage (may be repeated)
  --all-interpreters  first get all CPythons that can be had (scripts/interpreters.sh --all), and run each live test
                      on each of them, not only where that is enough: long, and big
CI=true               --whole, and get the Debian suites' CPythons first (at most 10 minutes, beside the build)
Exit: 0 all passed; 1 something failed; 2 usage.
END_USAGE
}

passed=0 failed=0 skipped=0 failures=() skips=() started=$SECONDS

heading() { printf '\n== %s  [%d s]\n' "$*" $((SECONDS - started)); }

count() { # NAME COMMAND...: the command as one check
    local name=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        failures+=("$name")
        return 1
    fi
}

count_ctest() { # STAGE FOLDER ARGUMENT...: each test of a ctest run
    local stage=$1 folder=$2 xml="$PWD/$kResults/$1.xml" status=0 word rest
    shift 2
    rm -rf "$xml" "$folder/live-results"
    ctest --test-dir "$folder" --output-on-failure --no-tests=error --output-junit "$xml" \
        --test-output-size-passed 65536 "$@" || status=$?
    while read -r word rest; do
        case "$word" in
            passed) passed=$((passed + rest)) ;;
            skipped) skipped=$((skipped + ${rest%% *})) skips+=("$stage: $rest") ;;
            note) skips+=("$stage: in part: $rest") ;;
            failed) failed=$((failed + 1)) status=0 failures+=("$stage: $rest") ;;
        esac
    done < <(scripts/sum_tests.py "$xml" "$folder/live-results")
    # A run that broke before it could name a failed test.
    if ((status)); then failed=$((failed + 1)) && failures+=("$stage: ctest ended with $status"); fi
}

configure() { # PRESET
    local preset=$1 how=()
    # Several files as one: half the time for all, but more after a change of one, and nothing for clang-tidy.
    if [[ " ${stages[*]} " == *" tidy "* ]]; then
        how=(-DCMAKE_UNITY_BUILD=OFF)
    elif [[ ! -e build/$preset/CMakeCache.txt ]]; then
        how=(-DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=8)
    fi
    if command -v ccache >/dev/null; then export CMAKE_CXX_COMPILER_LAUNCHER=ccache; fi
    cmake --preset "$preset" "${how[@]}" >"$kResults/configure-$preset.log" 2>&1 || {
        tail -n 30 "$kResults/configure-$preset.log"
        return 1
    }
}

build() { # PRESET [TARGET]...
    local preset=$1
    shift
    configure "$preset" && cmake --build "build/$preset" ${1:+--target "$@"}
}

build_headers() { # PRESET: the precompiled headers, all that clang-tidy needs of a build
    local headers
    configure "$1" || return 1
    mapfile -t headers < <(ninja -C "build/$1" -t targets all | sed -n 's/^\(.*\.pch\): .*/\1/p')
    cmake --build "build/$1" --target "${headers[@]}"
}

fetch_pid=""
fetch_in_background() {
    echo "fetching interpreters beside the build (log: $kResults/interpreters.log)"
    timeout --kill-after=10 "$kFetchSeconds" scripts/interpreters.sh >"$kResults/interpreters.log" 2>&1 </dev/null &
    fetch_pid=$!
    trap 'kill "$fetch_pid" 2>/dev/null || true' EXIT
}

wait_for_interpreters() {
    [[ -n "$fetch_pid" ]] || return 0
    heading "interpreters"
    local status=0
    wait "$fetch_pid" || status=$?
    fetch_pid=""
    trap - EXIT
    cat "$kResults/interpreters.log"
    ((status == 0)) || echo "interpreters.sh ended with $status (124: out of time); going on with what is here"
}

sanitized=""
build_sanitized() { # once; fails if there is no such build
    if [[ -z $sanitized ]]; then
        sanitized=no
        if ! command -v clang++ >/dev/null; then
            skipped=$((skipped + 1))
            skips+=("no clang++, so nothing was built with sanitizers or fuzzed (scripts/setup.sh test installs it)")
        elif count "sanitize: build" build sanitize test_unit test_images corotrace fuzzers; then
            sanitized=yes
        fi
    fi
    [[ $sanitized == yes ]]
}

run_stage() { # STAGE
    heading "$1"
    case "$1" in
        lint)
            local name
            for name in rooms format shell; do count "lint: $name" scripts/lint.sh --only "$name" || true; done
            ;;
        tidy) if count "tidy: headers" build_headers sanitize; then count "lint: tidy" scripts/lint.sh --only tidy || true; fi ;;
        static)
            if count "static: build" build static corotrace; then
                local others=() id traits
                while IFS=$'\t' read -r id traits _; do
                    [[ $traits == *container* || $traits == *musl* ]] && others+=(--only "$id")
                done < <(scripts/find_interpreters.py --lines)
                count "static: in an empty root" /usr/bin/python3 tests/live/run.py \
                    --corotrace build/static/corotrace --first static || true
                ((${#others[@]})) || { skipped=$((skipped + 1)) skips+=("static: no interpreter with a root of its own (scripts/interpreters.sh)"); return 0; }
                count "static: in other roots" /usr/bin/python3 tests/live/run.py \
                    --corotrace build/static/corotrace "${others[@]}" static containers || true
            fi
            ;;
        unit) count_ctest unit build/dev -LE 'live|fuzz' -j2 ;;
        live)
            scripts/find_interpreters.py --missing 2>&1 | cut -f1,2 | sed 's/^/  /'
            # Much of a live test is waiting, so more of them run at once than there are cores.
            count_ctest live build/dev -L live --verbose -j2
            ;;
        sanitize)
            # What is not C++ of ours runs in the stage unit only.
            if build_sanitized; then count_ctest sanitize build/sanitize -R '^(unit|images):|^sanitized:' -j2; fi
            ;;
        fuzz) if build_sanitized; then count_ctest fuzz build/sanitize -L fuzz -j2; fi ;;
    esac
}

finish() {
    heading "summary"
    for name in "${skips[@]}"; do echo "SKIPPED: $name"; done
    for name in "${failures[@]}"; do echo "FAILED: $name"; done
    printf '%d passed, %d failed%s\n' "$passed" "$failed" "$( ((skipped)) && printf ', %d skipped' "$skipped")"
    exit $((failed > 0))
}

all_interpreters=0 whole=0 stages=()
if [[ "${CI:-}" == true ]]; then whole=1; fi
while (($#)); do
    case "$1" in
        --quick) stages=(lint unit) ;;
        --whole) whole=1 ;;
        --only)
            [[ " ${kCiStages[*]} ${kMoreStages[*]} " == *" ${2:-?} "* ]] || { usage >&2; exit 2; }
            stages+=("$2")
            shift
            ;;
        --all-interpreters) all_interpreters=1 ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
    shift
done
if ((${#stages[@]} == 0)); then
    stages=("${kStages[@]}")
    if ((whole)); then stages=("${kCiStages[@]}"); fi
fi
if ((all_interpreters)); then
    export COROTRACE_TEST_BUILDS=all
elif ((!whole)); then
    export COROTRACE_TEST_BUILDS=few
fi

heading "setup"
count setup scripts/setup.sh test || finish
mkdir -p "$kResults"
if ((all_interpreters)); then
    heading "interpreters"
    scripts/interpreters.sh --all || echo "going on with those that are here"
elif [[ "${CI:-}" == true ]]; then
    fetch_in_background
fi

if [[ " ${stages[*]} " =~ \ (unit|live)\  ]]; then
    heading "build"
    count build build dev || finish
fi
# What needs no interpreter comes first, so that their fetch goes on beside it.
if [[ " ${stages[*]} " == *" lint "* ]]; then run_stage lint; fi
if [[ " ${stages[*]} " =~ \ (sanitize|fuzz)\  ]]; then
    heading "build with sanitizers"
    build_sanitized || true
fi
wait_for_interpreters
for stage in "${stages[@]}"; do
    [[ $stage == lint ]] || run_stage "$stage"
done
finish
