// SPDX-License-Identifier: MIT
// The help of the verb run.
#include "tracer/cli/help.hpp"

namespace corotrace::cli {

std::string_view run_help() {
    return R"help(Starts a command and reports every coroutine that any Python of its process tree
drops without having awaited it, from before the first line of Python until
after interpreter shutdown. The command does not notice.

Usage: corotrace run [OPTIONS] [--] COMMAND [ARGUMENTS]

What is reported:
      --include GLOB       only coroutines whose qualified name or file matches;
      --exclude GLOB       not those; both are repeatable, --exclude is stronger
      --own GLOB           files that are your code too (libraries are not: what
                           is below site-packages or the standard library)
      --every              each sampled drop, not only new sites
  -n, --native             the native (C) stack of each drop too
  -l, --show-values        the values of arguments, not only types and lengths
      --show-value NAME    the value of arguments (and keys of dicts) of that
                           name or GLOB, secrets too; repeatable

What it may cost:
      --max-pause-share P  in each process all pauses together take up to P
                           percent of the time (default 1)
      --origin MODE        have the interpreter note where coroutines are made:
                           auto (default: once a site needs it), off, N frames

Output:
  -f, --format NAME[:FILE] text (default), jsonl, html, sarif, junit, github,
                           gitlab; repeatable: -f text -f sarif:out.sarif
  -o, --output FILE        instead of standard error; - is standard output
      --stack WHICH        own (default): frames of libraries fold; full: all
      --source-root DIR    sarif, junit, github and gitlab name files under DIR
                           relative to it (default: the current folder)
      --color WHEN         auto (default), always, never
  -q, --quiet              no notes: the report and errors only
  -v, --verbose            what corotrace does, on standard error; -vv: more

For scripts:
      --fail-on LIST       exit with 1 if anything was found of: any,
                           never-awaited, task-destroyed, task-exception, each
                           with the least number of sites, if not 1: any:5
      --baseline FILE      what is known there is neither shown nor counted nor
                           a reason to fail; it has rules to ignore some, too
      --update-baseline    then that file knows what was found, nothing else:
                           what was not found any more is taken out
      --strict             exit with 6 if of some process the count is not
                           proved to be exact
  -h, --help    -V, --version

Each option has a variable: COROTRACE_FAIL_ON=any is --fail-on any.

Exit status: that of the command, or death by the same signal; 127 if there is
no such command, 126 if it cannot be executed. But 1 by --fail-on, 6 by
--strict or where the report is not complete, and 2 to 5 as of attach if the
command could not be traced: then it did not run.

Examples:
  corotrace run --fail-on any -- python3 -m pytest -n 4
  corotrace run -f text -f sarif:out.sarif --fail-on never-awaited -- tox
)help";
}

}  // namespace corotrace::cli
