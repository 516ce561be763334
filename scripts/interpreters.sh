#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Obtains the CPython builds that the tests want and this machine lacks, without installing anything
# on it: everything goes below one cache folder and is run from there.
#
#   roots/SUITE   a Debian suite's pythons in a folder of their own, unpacked and not configured: the
#                 stripped release builds, their debug builds (python3.Nd), libpython3.N.so, and the
#                 DWARF of all of them (usr/lib/debug/.build-id). Run by `chroot ROOT /usr/bin/python3.N`.
#                 dev/ holds the few nodes that Python opens; proc/ is empty, and a target needs none.
#                 What does need it, or wants a container's pid and mount namespaces, is run by
#                 `unshare --mount --pid --kill-child --root=ROOT --mount-proc /usr/bin/python3.N`:
#                 nothing stays mounted below the cache, so it can be deleted at any time.
#   built/        from Debian's sources, with symbols, run as they are: 3.Nt free-threaded, 3.Nmusl with musl.
#
# The suite is asked which pythons there are, so that a new one comes by itself. find_interpreters.py finds them.
set -euo pipefail

# Raise it when what a finished folder holds changes, so that older caches are made anew.
readonly kRecipe=1
readonly kSuites=(sid trixie bookworm bullseye)
readonly kFreeThreaded=(3.14t 3.13t 3.15t)
readonly kMusl=(3.13musl)
readonly kCache="${COROTRACE_CACHE:-$HOME/.cache/corotrace}/interpreters"
readonly kKeyring=/usr/share/keyrings/debian-archive-keyring.gpg
# Suites whose source packages are tried for free-threaded builds. A mirror may list a source that it
# does not hold, so every version of every one of them is tried, the newest first.
readonly kSourceSuites=(sid trixie)

usage() {
    cat <<'END'
usage: scripts/interpreters.sh [--only ID[,ID]...] [--free-threaded] [--musl] [--all] [--tests] [--refresh] [--list]

Obtains CPython builds for the tests into ${COROTRACE_CACHE:-~/.cache/corotrace}/interpreters.
Without options: every Debian suite's pythons (sid, trixie, bookworm, bullseye), by download.

  --only ID,...     only these: a suite, a free-threaded version (3.14t), 3.13musl, or an id that
                    scripts/find_interpreters.py prints (3.14.10-sid-dbg stands for all of sid)
  --free-threaded   build 3.14t, 3.13t and 3.15t from source (minutes each)
  --musl            build 3.13musl from source (minutes), linked with musl as on Alpine; needs musl-tools
  --all             the suites, the free-threaded builds and that with musl
  --tests           with CPython's own tests, for scripts/hosted_tests.sh (and --refresh, if it is here without)
  --refresh         obtain again what is there already (a suite may have newer versions)
  --list            print what can be had and whether it is here, then stop

COROTRACE_MIRROR    a Debian mirror, when this machine's own apt configuration names none
COROTRACE_SOURCES   a folder with Python-3.N.*.tar.* to build from instead of Debian's sources
COROTRACE_JOBS      parallel jobs of a build (default 2)
Exit: 0 all that was asked for is here; 1 something could not be had (said on stderr); 2 usage.
END
}

say() { printf '%(%H:%M:%S)T  %s\n' -1 "$*"; }
warn() { printf 'interpreters.sh: %s\n' "$*" >&2; }

# What an interpreter must do before it is called installed. "$@" is the command that runs it.
hello() {
    timeout 60 "$@" -c '
import asyncio, sys, threading
async def main():
    await asyncio.sleep(0)
    return "hello from " + sys.version.split()[0]
print(asyncio.run(main()))' </dev/null
}

# The command prefix that runs a program inside ROOT, one word a line.
enter_argv() { # ROOT
    # Without root's rights a user namespace gives the right to change the root folder.
    if ((EUID == 0)); then printf 'chroot\n%s\n' "$1"; else printf 'unshare\n--map-root-user\n--root=%s\n' "$1"; fi
}

is_installed() { [[ "$(cat "$kCache/$1/.corotrace-installed" 2>/dev/null)" == "recipe $kRecipe"* ]]; } # FOLDER

# The mirror that this machine's apt uses for Debian itself.
find_mirror() {
    if [[ -n "${COROTRACE_MIRROR:-}" ]]; then
        printf '%s\n' "$COROTRACE_MIRROR"
        return
    fi
    local codename uri
    # shellcheck source=/dev/null
    codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
    # shellcheck disable=SC2016  # apt-get itself replaces $(REPO_URI)
    # "Origin: Debian" tells Debian's archive from a third party's, but is known only after an update.
    uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' 2>/dev/null | head -n1)
    if [[ -z "$uri" ]]; then
        # shellcheck disable=SC2016
        uri=$(apt-get indextargets --no-release-info --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' \
            'Created-By: Packages' 2>/dev/null | awk -v c="$codename" '$1 == c && $2 == "main" { print $3; exit }')
    fi
    if [[ -z "$uri" ]]; then
        warn "no Debian mirror: this machine's apt sources name none; set COROTRACE_MIRROR=<mirror> and run again"
        return 1
    fi
    printf '%s\n' "$uri"
}

# A private apt for one suite: its own sources, lists, archives and an empty package status, so that
# every dependency down to libc6 is resolved from that suite and the host's apt is never touched.
# Proxies and other transport settings are still the machine's own.
open_apt() { # SUITE -> the configuration's path in kApt
    local dir="$kCache/apt/$1" mirror
    mirror=$(find_mirror) || return 1
    mkdir -p "$dir"/{lists,archives}/partial "$dir/empty"
    : >"$dir/status"
    local trust=""
    [[ -r $kKeyring ]] && trust="[signed-by=$kKeyring] "
    printf '%s\n' "deb $trust$mirror $1 main" "deb-src $trust$mirror $1 main" >"$dir/sources.list"
    # Hooks of the host (#clear) would clean or index the host's caches on our behalf. Sandbox "root":
    # the download user cannot reach a cache below a home folder.
    cat >"$dir/apt.conf" <<END
#clear APT::Update;
#clear DPkg;
APT::Sandbox::User "root";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "3";
Dir::State::lists "$dir/lists";
Dir::State::status "$dir/status";
Dir::Cache::archives "$dir/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Etc::sourcelist "$dir/sources.list";
Dir::Etc::sourceparts "$dir/empty";
Dir::Etc::preferences "$dir/empty/none";
Dir::Etc::preferencesparts "$dir/empty";
Dir::Log "$dir";
pkgCacheGen::ForceEssential "none";
END
    kApt="$dir/apt.conf"
    # An old list names packages that the mirror no longer has, so it is asked again after a day.
    if [[ -z "$(find "$dir/lists" -name '*Packages*' -mtime -1 -print -quit)" ]] || ((refresh)); then
        say "$1: reading the suite's package lists"
        local log="$dir/update.log"
        # apt's own default is to call a mirror that does not answer a warning.
        if ! apt-get -qq -c "$kApt" -o APT::Update::Error-Mode=any update >"$log" 2>&1; then
            warn "$1: cannot read the suite from the mirror: $(grep -m1 '^E:' "$log" || tail -n1 "$log") (log: $log)"
            return 1
        fi
    fi
}

# Nodes, not a bind mount: deleting the cache must never reach the host's /dev.
make_devices() { # ROOT
    local name major minor failed=""
    mkdir -p "$1/dev/shm"
    chmod 1777 "$1/dev/shm"
    while read -r name major minor; do
        mknod -m 666 "$1/dev/$name" c "$major" "$minor" 2>/dev/null || failed+=" $name"
    done <<'END'
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
END
    [[ -z "$failed" ]] || warn "no device nodes in ${1%.new}/dev ($failed ): mknod needs root's rights and CAP_MKNOD; only a target that opens one will fail"
}

install_suite() { # SUITE
    local suite=$1 root="$kCache/roots/$1" new="$kCache/roots/$1.new" started=$SECONDS kApt packages deb python version link
    open_apt "$suite" || return 1
    mapfile -t packages < <(apt-cache -c "$kApt" pkgnames | grep -E "^(lib)?python3\.[0-9]+(-dbg$tests)?\$" | sort)
    if ((${#packages[@]} == 0)); then
        warn "$suite: the suite has no python3.N package"
        return 1
    fi
    say "$suite: downloading ${packages[*]}"
    # Only what this run needs may lie among the archives: all of them are unpacked below.
    apt-get -qq -c "$kApt" autoclean >/dev/null 2>&1 || true
    local log="$kCache/apt/$suite/download.log"
    if ! apt-get -qq -y -c "$kApt" --download-only install "${packages[@]}" >"$log" 2>&1; then
        warn "$suite: download failed: $(grep -m1 '^E:' "$log" || tail -n1 "$log"); run this again to go on where it stopped (log: $log)"
        return 1
    fi

    say "$suite: unpacking $(find "$kCache/apt/$suite/archives" -name '*.deb' | wc -l) packages"
    rm -rf "$new"
    mkdir -p "$new"/{etc,proc,run,sys,root,usr/bin,usr/sbin,usr/lib,usr/lib64}
    mkdir -m 1777 "$new/tmp"
    # Suites from trixie on expect these links of base-files, which is not unpacked; they do older ones no harm.
    for link in bin sbin lib lib64; do ln -s "usr/$link" "$new/$link"; done
    printf 'root:x:0:0:root:/root:/bin/sh\n' >"$new/etc/passwd"
    printf 'root:x:0:\n' >"$new/etc/group"
    printf '127.0.0.1 localhost\n' >"$new/etc/hosts"
    make_devices "$new"
    for deb in "$kCache/apt/$suite/archives"/*.deb; do
        # tar, not dpkg-deb -x: static archives and documentation are half of the size and of no use here.
        if ! dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$new" --keep-directory-symlink --no-same-owner \
            --exclude='*.a' --exclude='./usr/share/doc' --exclude='./usr/share/man' --exclude='./usr/share/fonts' \
            --exclude='./usr/share/locale' --exclude='./usr/share/info' --exclude='./usr/share/lintian'; then
            warn "$suite: cannot unpack $deb (said above); is the disk full? df -h $kCache; then run this again"
            return 1
        fi
    done

    local -a enter
    local count=0
    mapfile -t enter < <(enter_argv "$new")
    for python in "$new"/usr/bin/python3.*; do
        [[ "${python##*/}" =~ ^python3\.[0-9]+d?$ ]] || continue
        if ! version=$(hello "${enter[@]}" "/usr/bin/${python##*/}" 2>"$log.run"); then
            warn "$suite: ${python##*/} is unpacked but does not run: $(tail -n1 "$log.run"); try: ${enter[*]} /usr/bin/${python##*/}"
            return 1
        fi
        say "$suite: ${python##*/}: $version"
        count=$((count + 1))
    done
    # What runs now keeps its files: an old root is unlinked, not overwritten.
    rm -rf "$root"
    mv "$new" "$root"
    printf 'recipe %s\n%s\n' "$kRecipe" "$(date -u +%FT%TZ)" >"$root/.corotrace-installed"
    rm -f "$kCache/apt/$suite/archives"/*.deb
    say "$suite: $count interpreters in $((SECONDS - started)) s, $(du -sh "$root" | cut -f1)"
}

# Prints the path of a source archive of python3.N: the user's own, or Debian's. Debian's patches
# concern where files are installed, not the interpreter, so only the original archive is used.
obtain_source() { # MINOR WORK LOG
    local minor=$1 work=$2 log=$3 suite version archive kApt
    archive=$(find "${COROTRACE_SOURCES:-/nonexistent}" -maxdepth 1 \( -name "Python-$minor.*.tar.*" -o \
        -name "python${minor}_*.orig.tar.*" \) ! -name '*.asc' 2>/dev/null | sort -V | tail -n1)
    if [[ -n "$archive" ]]; then
        printf '%s\n' "$archive"
        return
    fi
    for suite in "${kSourceSuites[@]}"; do
        open_apt "$suite" >&2 || continue
        while read -r version; do
            if (cd "$work" && apt-get -q -c "$kApt" --download-only source "python$minor=$version") >>"$log" 2>&1; then
                find "$work" -name "python${minor}_*.orig.tar.*" ! -name '*.asc' -print -quit
                return
            fi
            say "${work##*/}: the mirror lists the source of python$minor $version ($suite) but does not hold it" >&2
        done < <(apt-cache -c "$kApt" showsrc "python$minor" 2>/dev/null | awk '$1 == "Version:" { print $2 }' | sort -rVu)
    done
    return 1
}

# The compiler of a musl build. musl-gcc is gcc, and configure is confused by what gcc calls this machine.
make_musl_compiler() { # FILE
    # shellcheck disable=SC2016  # they are that script's own
    printf '#!/bin/sh\n%s\n' 'case "$*" in *--print-multiarch*) echo "$(uname -m)-linux-musl" ;; *) exec musl-gcc "$@" ;; esac' >"$1"
    chmod +x "$1"
}

install_built() { # VERSION, as 3.14t or 3.13musl
    local name=$1 minor prefix="$kCache/built/$1" work="$kCache/work/$1" started=$SECONDS missing=() tool archive
    minor=$(grep -oE '^3\.[0-9]+' <<<"$name")
    local -a tools=(cc make tar xz) options=(--disable-gil)
    if [[ "$name" == *musl ]]; then
        tools+=(musl-gcc)
        # The machine's libraries are of glibc: modules that want one are left out.
        options=(CC="$work/musl-cc" PKG_CONFIG=false py_cv_module__ctypes=n/a py_cv_module__curses=n/a
            py_cv_module_readline=n/a py_cv_module__tkinter=n/a)
    fi
    for tool in "${tools[@]}"; do command -v "$tool" >/dev/null || missing+=("$tool"); done
    if ((${#missing[@]})); then
        warn "$name: cannot build, no ${missing[*]}: apt-get install build-essential xz-utils musl-tools"
        return 1
    fi
    rm -rf "$work"
    mkdir -p "$work/source" "$work/build"
    say "$name: obtaining the source of python$minor"
    local log="$kCache/work/$name.log"
    : >"$log"
    if ! archive=$(obtain_source "$minor" "$work" "$log"); then
        warn "$name: no source: the mirror gave none (log: $log); put Python-$minor.N.tar.xz into a folder and run: COROTRACE_SOURCES=<folder> scripts/interpreters.sh --only $name"
        return 1
    fi
    if ! tar -xf "$archive" -C "$work/source" --strip-components=1; then
        warn "$name: cannot unpack $archive (said above)"
        return 1
    fi

    if [[ "$name" == *musl ]]; then make_musl_compiler "$work/musl-cc"; fi
    # -O2 without PGO and LTO: quick to build, and other work shares the machine. -g for the layout tests.
    # Tests and pip are not built: nothing here uses them. No new session, so Ctrl-C ends the build too.
    say "$name: building ${archive##*/} (a few minutes; log: $log)"
    if ! (
        cd "$work/build"
        nice -n 15 ../source/configure --prefix="$prefix" "${options[@]}" --disable-test-modules \
            --without-ensurepip --without-doc-strings CFLAGS='-g -O2' &&
            nice -n 15 make -s -j"${COROTRACE_JOBS:-2}" &&
            rm -rf "$prefix" &&
            nice -n 15 make -s -j1 altinstall
    ) >>"$log" 2>&1; then
        warn "$name: the build failed: $(grep -m1 -E 'error:|Error [0-9]' "$log" || tail -n1 "$log") (log: $log)"
        return 1
    fi

    local version
    if ! version=$(hello "$prefix/bin/python${name%musl}" 2>>"$log"); then
        warn "$name: built but does not run (log: $log)"
        return 1
    fi
    if [[ "$name" == *t && "$("$prefix/bin/python$name" -c 'import sys; print(sys._is_gil_enabled())')" != False ]]; then
        warn "$name: built but its GIL is on (log: $log)"
        return 1
    fi
    find "$prefix" \( -name '*.a' -o -name '*.opt-[12].pyc' \) -delete
    printf 'recipe %s\n%s\n' "$kRecipe" "$(date -u +%FT%TZ)" >"$prefix/.corotrace-installed"
    rm -rf "$work"
    say "$name: $version, in $((SECONDS - started)) s, $(du -sh "$prefix" | cut -f1)"
}

# ID of this script or of find_interpreters.py -> suite or free-threaded version.
resolve() {
    local suite
    for suite in "${kSuites[@]}"; do
        [[ "$1" == "$suite" || "$1" == *-"$suite" || "$1" == *-"$suite"-dbg ]] && printf '%s\n' "$suite" && return
    done
    if [[ "$1" =~ ^(3\.[0-9]+)(\.[0-9a-z]+)?t$ ]]; then
        printf '%st\n' "${BASH_REMATCH[1]}"
        return
    fi
    if [[ "$1" =~ ^(3\.[0-9]+)(\.[0-9a-z]+)?-?musl$ ]]; then
        printf '%smusl\n' "${BASH_REMATCH[1]}"
        return
    fi
    warn "unknown id '$1': one of ${kSuites[*]} ${kFreeThreaded[*]} ${kMusl[*]}, or as scripts/find_interpreters.py prints it"
    return 1
}

is_built() { [[ "$1" == *t || "$1" == *musl ]]; }

folder_of() { if is_built "$1"; then printf 'built/%s' "$1"; else printf 'roots/%s' "$1"; fi; }

list() {
    local item state
    for item in "${kSuites[@]}" "${kFreeThreaded[@]}" "${kMusl[@]}"; do
        if is_installed "$(folder_of "$item")"; then state=installed; else state=missing; fi
        printf '%-10s %-10s %s\n' "$item" "$state" "$kCache/$(folder_of "$item")"
    done
}

main() {
    local -a wanted=() failed=()
    local only="" item rest=()
    refresh=0 tests=""
    while (($#)); do
        case "$1" in
            --only) [[ $# -ge 2 ]] || { usage >&2; exit 2; }; only=$2; shift ;;
            --only=*) only=${1#*=} ;;
            --free-threaded) wanted+=("${kFreeThreaded[@]}") ;;
            --musl) wanted+=("${kMusl[@]}") ;;
            --all) wanted+=("${kSuites[@]}" "${kFreeThreaded[@]}" "${kMusl[@]}") ;;
            --tests) tests="|-testsuite" ;;
            --refresh) refresh=1 ;;
            --list) list; exit 0 ;;
            -h | --help) usage; exit 0 ;;
            *) warn "unknown option '$1'"; usage >&2; exit 2 ;;
        esac
        shift
    done

    if [[ -n "$only" ]]; then
        wanted=()
        for item in ${only//,/ }; do
            item=$(resolve "$item") || exit 2
            [[ " ${wanted[*]} " == *" $item "* ]] || wanted+=("$item")
        done
    elif ((${#wanted[@]} == 0)); then
        wanted=("${kSuites[@]}")
    fi

    # The quick way out: nothing to do needs neither apt nor the lock.
    for item in "${wanted[@]}"; do
        if ((refresh)) || ! is_installed "$(folder_of "$item")"; then rest+=("$item"); else say "$item: is here"; fi
    done
    ((${#rest[@]})) || exit 0

    if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
        warn "needs apt-get and dpkg-deb, which this machine has not; on another system set COROTRACE_PYTHONS to interpreters you have"
        exit 1
    fi
    mkdir -p "$kCache"
    # Two runs at once (a test suite and a person) must not unpack into one folder.
    exec 9>"$kCache/.lock"
    if ! flock -n 9; then
        say "another run holds $kCache/.lock; waiting for it"
        flock 9
    fi
    for item in "${rest[@]}"; do
        # The other run may have obtained it while this one waited.
        if ((!refresh)) && is_installed "$(folder_of "$item")"; then say "$item: is here"; continue; fi
        if is_built "$item"; then
            install_built "$item" || failed+=("$item")
        else
            install_suite "$item" || failed+=("$item")
        fi
    done
    if ((${#failed[@]})); then
        warn "could not be had: ${failed[*]} (why is said above); the rest is usable"
        exit 1
    fi
}

# One line: bash reads a script as it goes, and somebody may edit this file during a long build.
main "$@"; exit
