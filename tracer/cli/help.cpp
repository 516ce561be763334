// SPDX-License-Identifier: MIT
#include "tracer/cli/help.hpp"

namespace corotrace::cli {

std::string_view main_help() {
    return R"help(corotrace reports which coroutines of a running Python program were never
awaited, with what arguments, and the exact line that dropped them: from
outside, without a restart, while the program keeps running.

Usage: corotrace VERB [OPTIONS]

Verbs (the first letters are enough):
  attach    watch a running process and report what it drops
  top       the same live: sites by the rate at which they drop, on a screen
  run       start a command and watch every Python of its process tree
  scan      show what a process holds and never started
  tasks     show what every asyncio task waits for
  detach    remove what a killed corotrace left in a process
  merge     add up reports of many processes, hosts or shards
  list      the Python processes that can be seen from here
  doctor    show what prevents an attach, and how to remove it
  serve     watch every Python process that matches, for as long as it runs
  config    check a file of options for serve

Options:
  -h, --help       this text; corotrace VERB --help for the options of a verb
  -V, --version    the version

Example:
  corotrace attach --pid 1234

See man corotrace for the rest.
)help";
}

std::string_view attach_help() {
    return R"help(Watches a running CPython process and reports every coroutine that it drops
without having awaited it: a line for each new site (a coroutine and what
dropped it), and at the end all sites whole, with their counts.

Usage: corotrace attach [OPTIONS] PID
       corotrace attach [OPTIONS] --pid PID
       corotrace attach [OPTIONS] --name GLOB | --match TEXT

How long:
  -p, --pid PID            the process, by its id as it is seen from here
      --name GLOB          the one Python process of that name: of its program,
                           script or module
      --match TEXT         the one whose command line has TEXT, a glob
                           Without any, a list of what there is.
  -d, --duration TIME      end after TIME: seconds, or 500ms, 90s, 10m, 1h
  -s, --subprocesses       its children too, those there and those that come;
                           what one drops before it is found is not counted
      --max-events N       end after N drops were sampled
  Ctrl-C, SIGTERM and the end of the process end it too, with the full report.

What is reported:
      --include GLOB       only coroutines whose qualified name or file matches;
      --exclude GLOB       not those; both are repeatable, --exclude is stronger
      --own GLOB           files that are your code too (libraries are not: what
                           is below site-packages or the standard library)
      --every              each sampled drop, not only new sites
  -n, --native             the native (C) stack of each drop too
  -l, --show-values        the values of arguments, not only types and lengths;
                           they are somebody's data: mind where the report goes
      --show-value NAME    the value of arguments (and keys of dicts) of that
                           name or GLOB; repeatable. Only so are those shown
                           whose name says password, token, secret, key, ...

What it may cost:
      --max-pause-share P  all pauses together take up to P percent of the time
                           (default 1); beyond that drops are counted, and new
                           places noted by the process itself
      --hold WHEN          trace the process: always (default, unless corotrace
                           has so tight a CPU limit that a stop would take
                           long); auto, for some seconds after each new place,
                           so that signals cost nothing meanwhile and debuggers
                           may come; never, then no drop shows its arguments.
                           Counts and places are the same with each
      --origin MODE        have the interpreter note where coroutines are made:
                           auto (default: once a site needs it), off, N frames
      --dry-run            say what would be written where, and write nothing
      --read-only          write nothing and trace nothing: report which lines
                           the program's own warnings blamed, so far and from
                           now on, once each; drops are not seen and not counted

Output:
  -f, --format NAME[:FILE] text (default), jsonl (one JSON object a line),
                           html (one page), sarif, junit, github, gitlab (a
                           list of sites), the five at the end; repeatable:
                           -f text -f sarif:out.sarif
  -o, --output FILE        instead of standard output; yours alone (0600),
                           replaced if it exists, never through a symbolic link
      --stack WHICH        own (default): frames of libraries fold; full: all
      --source-root DIR    sarif, junit, github and gitlab name files under DIR
                           relative to it (default: the current folder)
      --color WHEN         auto (default), always, never
  -q, --quiet              no progress, no notes: the report and errors only
  -v, --verbose            what corotrace does, on standard error; -vv: more

For scripts:
      --fail-on LIST       exit with 1 if anything was found of: any,
                           never-awaited, task-destroyed, task-exception, each
                           with the least number of sites, if not 1: any:5
      --baseline FILE      what is known there is neither shown nor counted nor
                           a reason to fail; it has rules to ignore some, too
      --update-baseline    then that file knows what was found, nothing else:
                           what was not found any more is taken out
      --strict             exit with 6 if the count is not proved to be exact
  -h, --help    -V, --version

Each option has a variable: COROTRACE_MAX_EVENTS=5 is --max-events 5,
COROTRACE_NATIVE=1 is --native. NO_COLOR and CLICOLOR_FORCE are respected.

What it does to the process: attaching stops nothing. A few instructions are put
into unused bytes of its memory, and one pointer of the interpreter leads there.
A thread that drops a coroutine is stopped for the moment that reading it takes;
no other thread is. At the end every byte is put back. If corotrace is killed,
the process runs on as before.

Exit status:
  0  done                          4  permission, or another tracer is attached
  1  findings, with --fail-on      5  not CPython, or a build not supported
  2  wrong usage                   6  target lost, report or count incomplete
  3  no such process               130, 143  signal before there was a report

Examples:
  corotrace attach 1234                         until Ctrl-C
  corotrace attach 1234 -d 30 -l                half a minute, with values
  corotrace attach 1234 --include 'app.*' -f jsonl -o drops.jsonl
  corotrace attach --name my_service -d 10m --fail-on any -q
)help";
}

std::string_view list_help() {
    return R"help(Lists the processes that run CPython, each with its id (in its own namespace in
parentheses), user, Python, event loop if one is loaded, threads, how long it
runs, the pod, container or service it is in, whether it can be attached to, and
its command line. Reads /proc only: nothing is traced and nothing is stopped.

Usage: corotrace list [OPTIONS]

      --name GLOB      only those of that name: of the program, script or module
      --match TEXT     only those whose command line has TEXT, a glob
  -u, --user USER      only those of that user, by name or number
      --cgroup TEXT    only those whose control group has TEXT, a glob: the id
                       of a container, the uid of a pod, a service's name
  -f, --format NAME    text (default), or jsonl: one JSON object a line
  -h, --help

Exit status: 0 done; 2 wrong usage; 3 no such process; 4 no access to /proc.
)help";
}

std::string_view doctor_help() {
    return R"help(Tells everything that stands between here and an attach, all of it at once: each
obstacle with what was found, why it matters, and the command or the YAML that
removes it. Writes nothing into the process, never traces or stops it. Without a
process it looks at this machine and at the place where corotrace runs.

Usage: corotrace doctor [OPTIONS] [PID]

  -p, --pid PID        the process, by its id as it is seen from here
      --name GLOB      the one Python process of that name: of its program,
                       script or module
      --match TEXT     the one whose command line has TEXT, a glob
  -f, --format NAME    text (default), or jsonl: one JSON object a check and the
                       verdict
      --color WHEN     auto (default), always, never
  -h, --help

A check is ok, weaker (it works, with less certainty or at a higher cost), an
obstacle, or unknown (mostly because of an obstacle before it).

Exit status: 0 usable; else as attach would end: 2 a thread, or wrong usage;
3 no such process; 4 no permission, or another tracer is attached; 5 not
CPython, or a build that is not supported.
)help";
}

std::string_view detach_help() {
    return R"help(Removes what a corotrace that was killed (kill -9, out of memory) left in a
process: the pointers that it had redirected go back first, then its bytes are
cleared. What is left does no harm, and the next attach removes it too. A
process that a living corotrace watches is refused.

Usage: corotrace detach PID
       corotrace detach --pid PID

  -p, --pid PID    the process
  -h, --help

Exit status: 0 nothing is left now; 2, 3, 4 as of attach; 6 something stays, and
standard error says why.
)help";
}

std::string_view merge_help() {
    return R"help(Adds up reports in the format jsonl, of any number of processes, hosts or shards
of a test run, into one: a site that was found in several is one, with the sum
of its counts. Reads line by line, so that memory grows with the sites only.

Usage: corotrace merge [OPTIONS] FILE...

  -f, --format NAME[:FILE] text (default), jsonl, html, sarif, junit, github,
                           gitlab; repeatable, each but one with a file
  -o, --output FILE        instead of standard output
      --source-root DIR    files under DIR are named relative to it, in sarif,
                           junit, github and gitlab (default: the current one)
      --color WHEN         auto (default), always, never
      --fail-on LIST       as of attach: any, never-awaited, task-destroyed,
                           task-exception, each with a number of sites: any:5
  -h, --help

A FILE of - is standard input. A report that breaks off, because its corotrace
was killed, counts as far as it goes, and the result says so.

Exit status: 0; 1 by --fail-on; 2 wrong usage, a file that cannot be opened; 6 a
file that is no report, or the result could not be written.

Example:
  corotrace merge shard-*.jsonl -f text -f sarif:all.sarif --fail-on any
)help";
}

}  // namespace corotrace::cli
