// SPDX-License-Identifier: MIT
// The help of the verb top.
#include "tracer/cli/help.hpp"

namespace corotrace::cli {

std::string_view top_help() {
    return R"help(Watches a running CPython process as attach does, and shows it live: the sites
by the rate at which they drop now, each with its count, the place in your code
and the mistake. On a terminal full screen; else, or where TERM is dumb, a table
each interval on standard output. The whole report comes at the end.

Usage: corotrace top [OPTIONS] PID
       corotrace top [OPTIONS] --pid PID
       corotrace top [OPTIONS] --name GLOB | --match TEXT

Keys:
  up, down                 select a site; page up, page down, home, end
  Enter, right, left       open and close it: arguments, cause, fix, stacks
  s                        sort by rate, count, name
  p                        pause what is shown; counting goes on
  ?                        all keys
  q, Ctrl-C                end. SIGTERM and the end of the process do, too
  Ctrl-Z                   back to the shell. corotrace stops then, and with it
                           a thread that drops at a new place, unless --hold is
                           never: do not stay away for long

  -p, --pid PID            the process, by its id as it is seen from here
      --name GLOB          the one Python process of that name: of its program,
                           script or module
      --match TEXT         the one whose command line has TEXT, a glob
  -d, --duration TIME      end after TIME: seconds, or 500ms, 90s, 10m, 1h
  -s, --subprocesses       its children too, those there and those that come
      --interval TIME      draw, or write a table, so often (default 1s, at
                           least 100ms); counts come about once a second
      --include GLOB       only coroutines whose qualified name or file matches;
      --exclude GLOB       not those; both are repeatable, --exclude is stronger
      --own GLOB           files that are your code too
  -n, --native             the native (C) stack of each drop too
  -l, --show-values        the values of arguments, not only types and lengths
      --show-value NAME    the value of arguments of that name, secrets too
      --max-pause-share P  all pauses together take up to P percent of the time
                           (default 1)
      --hold WHEN          trace the process always (default), auto, never
      --origin MODE        have the interpreter note where coroutines are made:
                           auto (default: once a site needs it), off, N frames
      --stack WHICH        own (default): frames of libraries fold; full: all
      --color WHEN         of the report at the end: auto (default), always,
                           never
  -q, --quiet              no notes on standard error: errors only
  -v, --verbose            what corotrace does, on standard error, after the
                           screen; -vv: more
  -h, --help    -V, --version

corotrace attach --help explains them in full. Each option has a
variable: COROTRACE_INTERVAL=2s is --interval 2s.

Exit status: 0, 2, 3, 4, 5, 6 as of attach.

Example:
  corotrace top --name uvicorn -s
)help";
}

}  // namespace corotrace::cli
