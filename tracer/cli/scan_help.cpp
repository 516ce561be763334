// SPDX-License-Identifier: MIT
// The help of the verbs that look at memory.
#include "tracer/cli/help.hpp"

namespace corotrace::cli {

std::string_view scan_help() {
    return R"help(Tells which coroutines a CPython process holds and never started: in a list,
in an attribute, in a frame. They never warn, for nothing ever drops them.
Memory is only read: nothing is traced or written, nor stopped without
--freeze.

Usage: corotrace scan [OPTIONS] PID
       corotrace scan [OPTIONS] --pid PID
       corotrace scan [OPTIONS] --core CORE [PROGRAM]

  -p, --pid PID          the process
      --core CORE        a core file instead of a process, of gcore or of the
                         kernel, packed by gzip or zstd or not; PROGRAM: its
                         program's file
      --root DIR         for a core: a folder with the files that its process
                         saw, for those that are not here or have changed
  -l, --show-values      the values of arguments, not only types and lengths
  -f, --format FORMAT    text (default), jsonl or html (a page)
  -o, --output FILE      write there instead of standard output
      --holder-time TIME for how long to look for what holds them (default 10s)
  -w, --watch TIME       look again so often, and tell what stayed, since when,
                         and how each group grows, until Ctrl-C
      --freeze           stop the process for the look; says for how long
      --max-bandwidth N  read at most N MiB a second
      --check-lists      compare the result with the collector's lists too,
                         which holds only for a program that rests meanwhile
  -h, --help

What holds each one is shown as a path that begins at a module, a class, a
function or the variable of a frame: app.pending[17]. Keys are shown with
--show-values only. A holder that was not found is reported as not found.

What a task is going to run is no finding, nor what is started a moment later.

What a core file left out is read from the files that it names, if they have the
same build id; those that are missing are named.

Exit status: 0 done; 2, 3, 4, 5 as of attach; 6 the report is not complete.
)help";
}

std::string_view tasks_help() {
    return R"help(Tells what every asyncio task of a CPython process waits for, of all loops and
threads: its coroutines down to the innermost await, the tasks that it waits
for, and the deadlocks among them; and the tasks and futures that failed and
whose exception nobody has asked for. Memory is only read: nothing is traced or
written, nor stopped without --freeze.

Usage: corotrace tasks [OPTIONS] PID
       corotrace tasks [OPTIONS] --pid PID
       corotrace tasks [OPTIONS] --core CORE [PROGRAM]

  -p, --pid PID          the process
      --core CORE        a core file instead of a process, of gcore or of the
                         kernel, packed by gzip or zstd or not; PROGRAM: its
                         program's file
      --root DIR         for a core: a folder with the files that its process
                         saw, for those that are not here or have changed
      --tree             each task under the one that waits for it, instead of
                         groups of tasks that wait at the same place
  -w, --watch TIME       look again so often, and tell which tasks did not move,
                         until Ctrl-C
      --freeze           stop the process for the look; says for how long
      --max-bandwidth N  read at most N MiB a second
  -f, --format FORMAT    text (default), jsonl or html (a page)
  -o, --output FILE      write there instead of standard output
  -h, --help

Exit status: 0 done; 2, 3, 4, 5 as of attach; 6 the report is not complete.
)help";
}

}  // namespace corotrace::cli
