#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs by apt what this machine lacks to build, test or demonstrate corotrace, and nothing else.
# The package lists below are the only ones; CI and the other scripts come through here.
# When all is there it needs neither root nor the network, and takes a fraction of a second.
set -euo pipefail

readonly kBuild=(
    g++ cmake ninja-build pkg-config
    libdw-dev libelf-dev liblzma-dev zlib1g-dev libzstd-dev libunwind-dev libunistring-dev libncurses-dev libasmjit-dev
    libfmt-dev libspdlog-dev libcli11-dev nlohmann-json3-dev libboost-dev libssl-dev libtomlplusplus-dev
)
readonly kStatic=("${kBuild[@]}" libbz2-dev) # libdw.a needs it
readonly kTest=(
    "${kStatic[@]}"
    catch2 python3 ccache
    clang clang-format clang-tidy libclang-rt-dev lld shellcheck                # lint and fuzz stages
    binutils xz-utils zstd gdb util-linux git openssl ca-certificates debian-archive-keyring # test programs, tables, suites
    musl-tools libpython3-dev                                                   # another libc, embedding
    python3-jsonschema python3-fastjsonschema                                   # the schema of the JSON lines
    python3-aiohttp python3-uvicorn python3-uvloop wrk                          # real programs
    chromium                                                                    # pages of the format html
    # libraries that the corpus of mistakes uses
    python3-fastapi python3-starlette python3-django python3-tenacity python3-apscheduler python3-pydantic
    python3-click python3-redis python3-sqlalchemy python3-trio python3-twisted python3-tornado python3-blinker
    python3-schedule python3-watchdog python3-cachetools python3-attr python3-flask python3-jinja2 python3-pluggy
    python3-backoff python3-discord
    python3-yaml systemd                                                        # remedies in YAML, scripts/deploy
    prometheus                                                                  # promtool
    gunicorn uwsgi-core uwsgi-plugin-python3
    python3-pytest python3-pytest-asyncio python3-pytest-xdist python3-pytest-forked python3-django tox # test runners
)
readonly kSuites=(
    "${kBuild[@]}"
    python3-pytest python3-pytest-asyncio python3-pytest-mock python3-trustme python3-trio # what the suites need
    python3-janus python3-anyio python3-asgiref python3-hypercorn python3-httpx
    python3-starlette python3-websockets python3-chardet python3-multipart python3-freezegun python3-uvicorn
    python3-tornado
)
readonly kDemo=("${kBuild[@]}" python3)
readonly kPackage=("${kBuild[@]}" dpkg-dev)

usage() {
    cat <<'END_USAGE'
usage: scripts/setup.sh [build|static|test|demo|package|suites]... [--list]

Installs the Debian packages that are missing for the named purposes (default: test).
  --list   print what is missing, one a line, and install nothing
Exit: 0 everything is there; 1 something is missing and could not be installed (said on stderr); 2 usage.
END_USAGE
}

fail() {
    printf 'setup.sh: %s\n' "$*" >&2
    exit 1
}

# The names of "$@" that are not installed, one a line. One dpkg-query call: it costs about 30 ms.
find_missing() {
    local installed name
    # dpkg-query exits 1 if it knows one of them not; what it knows is still printed.
    installed=" $({ dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true; } |
        awk '$1 == "installed" { print $2 }' | tr '\n' ' ') "
    for name in "$@"; do [[ "$installed" == *" $name "* ]] || printf '%s\n' "$name"; done | sort -u
}

# Runs a command with root's rights; prints one line while it works and shows its output only if it fails.
step() { # MESSAGE COMMAND...
    local message=$1 log started=$SECONDS
    shift
    log=$(mktemp)
    printf 'setup: %s ... ' "$message"
    if "${kAsRoot[@]}" env DEBIAN_FRONTEND=noninteractive "$@" >"$log" 2>&1 </dev/null; then
        printf 'done (%d s)\n' $((SECONDS - started))
        rm -f "$log"
        return
    fi
    printf 'failed\n'
    tail -n 15 "$log" >&2
    rm -f "$log"
    return 1
}

main() {
    local wanted=() missing list_only=0
    while (($#)); do
        case "$1" in
            build) wanted+=("${kBuild[@]}") ;;
            static) wanted+=("${kStatic[@]}") ;;
            test) wanted+=("${kTest[@]}") ;;
            demo) wanted+=("${kDemo[@]}") ;;
            package) wanted+=("${kPackage[@]}") ;;
            suites) wanted+=("${kSuites[@]}") ;;
            --list) list_only=1 ;;
            -h | --help) usage; exit 0 ;;
            *) usage >&2; exit 2 ;;
        esac
        shift
    done
    ((${#wanted[@]})) || wanted=("${kTest[@]}")

    command -v dpkg-query >/dev/null || fail "no dpkg here (this is not Debian or Ubuntu): install these by other means and build with cmake: ${wanted[*]}"
    mapfile -t missing < <(find_missing "${wanted[@]}")
    if ((list_only)); then
        ((${#missing[@]})) && printf '%s\n' "${missing[@]}"
        exit 0
    fi
    ((${#missing[@]})) || exit 0

    if ((EUID == 0)); then
        kAsRoot=()
    elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [[ -t 0 ]] && sudo -v; }; }; then
        kAsRoot=(sudo)
    else
        fail "lacks ${missing[*]}; this user is not root and has no sudo; as root run: apt-get install --no-install-recommends ${missing[*]}"
    fi

    local install=(apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends "${missing[@]}")
    # Lists that are there usually serve; they are renewed only if something is unknown or gone from the mirror.
    if ! apt-get -qq -s install --no-install-recommends "${missing[@]}" >/dev/null 2>&1; then
        step "reading package lists" apt-get -q -o DPkg::Lock::Timeout=120 update || fail "apt-get update failed (said above); lacks ${missing[*]}"
    fi
    step "installing ${missing[*]}" "${install[@]}" && exit 0
    step "reading package lists again" apt-get -q -o DPkg::Lock::Timeout=120 update || fail "apt-get update failed (said above); lacks ${missing[*]}"
    step "installing ${missing[*]}" "${install[@]}" || fail "apt-get install failed (said above); lacks ${missing[*]}"
}

main "$@"
