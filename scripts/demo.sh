#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Shows corotrace at work: builds it, starts a small asyncio service with three forgotten awaits, has
# customers call it, attaches to its pid for some seconds and shows the report. Leaves nothing behind
# but the build folder.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    cat <<'END_USAGE'
usage: scripts/demo.sh [-d SECONDS] [--python PROGRAM] [-- OPTION...]

  -d SECONDS        how long corotrace watches (default 8)
  --python PROGRAM  the CPython that runs the service, 3.8 or newer (default /usr/bin/python3)
  -- OPTION...      more options of `corotrace attach`, as --show-values or -f jsonl
Exit: 0 shown; 1 something was missing (said on stderr); 2 usage; else what corotrace ended with.
END_USAGE
}

readonly kClients=12
seconds=8 python=/usr/bin/python3 options=()
while (($#)); do
    case "$1" in
        -d) seconds=${2:?-d needs a number} && shift ;;
        --python) python=${2:?--python needs a program} && shift ;;
        --) shift && options=("$@") && break ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
    shift
done

if [[ -t 1 && -z "${NO_COLOR:-}" ]]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi
number=0
step() {
    number=$((number + 1))
    printf '\n%s%d. %s%s\n' "$bold" "$number" "$*" "$plain"
}

fail() {
    printf 'demo.sh: %s\n' "$*" >&2
    exit 1
}

work=$(mktemp -d)
service_pid="" customers_pid=""
end_process() { # PID: asks it to end, and sees that it did
    [[ -n "$1" ]] || return 0
    kill "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}
cleanup() {
    end_process "$customers_pid"
    end_process "$service_pid"
    customers_pid="" service_pid=""
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The first line that a process of ours writes to FILE; fails when the process ends without one.
first_line() { # FILE PID
    local line
    until IFS= read -r line <"$1"; do
        kill -0 "$2" 2>/dev/null || return 1
        sleep 0.05
    done
    printf '%s\n' "$line"
}

# What the customers saw since they were asked last.
ask_customers() {
    local before
    before=$(wc -l <"$work/customers")
    kill -USR1 "$customers_pid"
    until (($(wc -l <"$work/customers") > before)); do
        kill -0 "$customers_pid" 2>/dev/null || fail "the customers ended too early: $(tail -n 3 "$work/customers.log")"
        sleep 0.05
    done
    tail -n 1 "$work/customers"
}

step "Install what is missing"
scripts/setup.sh demo
echo "all is here"

step "Build corotrace (preset release)"
if command -v ccache >/dev/null; then export CMAKE_CXX_COMPILER_LAUNCHER=ccache; fi
cmake --preset release >"$work/configure.log" 2>&1 || { cat "$work/configure.log" >&2; exit 1; }
cmake --build build/release
corotrace=$PWD/build/release/corotrace

step "Start a service and its customers"
: >"$work/port" && : >"$work/customers"
[[ -x "$(command -v "$python")" ]] || fail "no $python; name a CPython with --python"
(cd scripts/demo && exec "$python" -B -m shop) >"$work/port" 2>"$work/service.log" &
service_pid=$!
port=$(first_line "$work/port" "$service_pid") || fail "the service did not start: $(tail -n 3 "$work/service.log")"
"$python" -B scripts/demo/load.py "$port" "$kClients" >"$work/customers" 2>"$work/customers.log" &
customers_pid=$!
first_line "$work/customers" "$customers_pid" >/dev/null || fail "the customers did not start: $(tail -n 3 "$work/customers.log")"
echo "a shop, scripts/demo/shop, in plain asyncio on $("$python" --version): pid $service_pid, port $port of 127.0.0.1"
echo "$kClients customers place, ship and refund orders; some seconds without corotrace, to compare:"
sleep 3
ask_customers

# The kernel's Yama module may let only ancestors trace. Then it takes root's rights.
attach=("$corotrace" attach --pid "$service_pid" -d "$seconds" "${options[@]}")
if ((EUID != 0)) && [[ "$(cat /proc/sys/kernel/yama/ptrace_scope 2>/dev/null || echo 0)" != 0 ]]; then
    command -v sudo >/dev/null || fail "kernel.yama.ptrace_scope is not 0 and there is no sudo; as root run: sysctl kernel.yama.ptrace_scope=0"
    attach=(sudo "${attach[@]}")
fi
step "Attach, while it serves: corotrace attach --pid $service_pid -d $seconds${options[*]:+ ${options[*]}}"
echo
status=0
"${attach[@]}" || status=$?

step "What the customers saw meanwhile"
ask_customers

step "What the three forgotten awaits did to the shop"
kill "$customers_pid"
wait "$customers_pid" || true
customers_pid=""
tail -n 3 "$work/customers"
echo "and the service's own log names each line once, however often it happens:"
grep -o 'RuntimeWarning: coroutine.*' "$work/service.log" | sed 's/^/  /' || echo "  (nothing)"

step "Clean up"
echo "ending the service, pid $service_pid"
cleanup
exit $status
