#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The checks that need no program run: the rules of the house, the format of C++, shell scripts, clang-tidy.
# Each prints nothing but its faults and one line with its result.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    cat <<'END_USAGE'
usage: scripts/lint.sh [--fix] [--only rooms|format|shell|tidy]...

  --fix        let clang-format rewrite what is not formatted
  --only NAME  only this check (may be repeated)
clang-tidy needs the build of clang (cmake --preset sanitize) and its precompiled headers, which scripts/test.sh --only tidy
makes; it checks only what changed since it passed.
Exit: 0 all is well; 1 something is not, or a tool is missing; 2 usage.
END_USAGE
}

need() { # TOOL
    command -v "$1" >/dev/null && return
    printf 'lint.sh: no %s; first: scripts/setup.sh test\n' "$1" >&2
    return 1
}

files() { # PATTERN...: tracked and new ones
    git ls-files --cached --others --exclude-standard -- "$@" |
        while read -r name; do [[ ! -f $name ]] || printf '%s\n' "$name"; done
}

check_format() {
    need clang-format || return 1
    local how=(--dry-run -Werror) names
    ((!fix)) || how=(-i)
    mapfile -t names < <(files '*.cpp' '*.hpp')
    clang-format "${how[@]}" "${names[@]}" || {
        echo 'lint.sh: not formatted; to fix it: scripts/lint.sh --fix --only format' >&2
        return 1
    }
}

check_shell() {
    need shellcheck || return 1
    local names
    mapfile -t names < <(files '*.sh' .ci/run)
    shellcheck "${names[@]}"
}

check() { # NAME
    case "$1" in
        rooms) scripts/check_rooms.py ;;
        format) check_format ;;
        shell) check_shell ;;
        tidy) need clang-tidy && scripts/tidy.py ;;
    esac
}

fix=0 wanted=() failed=0
while (($#)); do
    case "$1" in
        --fix) fix=1 ;;
        --only)
            [[ "${2:-}" =~ ^(rooms|format|shell|tidy)$ ]] || { usage >&2; exit 2; }
            wanted+=("$2")
            shift
            ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
    shift
done
((${#wanted[@]})) || wanted=(rooms format shell tidy)

for name in "${wanted[@]}"; do
    if check "$name"; then echo "lint: $name: ok"; else echo "lint: $name: FAILED" && failed=1; fi
done
exit $failed
