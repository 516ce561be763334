// SPDX-License-Identifier: MIT
// The help of the verb serve.
#include "tracer/cli/help.hpp"

namespace corotrace::cli {

std::string_view serve_help() {
    return R"help(Watches every Python process that can be seen, those there are and those that
start later, and writes what they drop as JSON lines to standard output, for
as long as it runs: a sidecar or a service.

Usage: corotrace serve [OPTIONS]

Which processes (each given one must match; without any: all):
      --name GLOB          of that name: of the program, script or module
      --match TEXT         whose command line has TEXT, a glob
  -u, --user USER          of that user, by name or number
      --cgroup TEXT        whose control group has TEXT, a glob: the id of a
                           container, the uid of a pod, the name of a service
  One to which another tracer is attached, or another corotrace, is left alone
  and tried again later. What a process drops before it is found is not
  counted.

What is reported:
      --include GLOB       only coroutines whose qualified name or file matches;
      --exclude GLOB       not those; both are repeatable, --exclude is stronger
      --own GLOB           files that are your code too (libraries are not: what
                           is below site-packages or the standard library)
  Values of arguments are never shown.

What it may cost:
      --hold WHEN          when a process is traced: auto (default: while a new
                           place waits for its report), always, or never
      --max-pause-share P  in each process all pauses together take up to P
                           percent of the time (default 1)
      --origin MODE        have the interpreter note where coroutines are made:
                           auto (default: once a site needs it), off, N frames

Output:
      --listen ADDRESS     answer HTTP there: PORT (of this host only),
                           HOST:PORT, or unix:/PATH. /metrics for Prometheus,
                           /sites as JSON, / for a browser, /-/healthy and
                           /-/ready. Who gets there reads names of files and
                           functions, and source lines
      --token-file FILE    answer only who shows the token that stands there:
                           Authorization: Bearer TOKEN. /-/healthy and /-/ready
                           stay open to all, for probes
      --tls-certificate FILE, --tls-key FILE
                           answer by TLS (1.2 or newer), with this certificate
                           and its key in PEM; the key may stand in the former.
                           These three files are read again when they change
      --insecure-listen    other hosts may ask without a token, or TLS; else
                           --listen refuses an address off this host that lacks
                           one of them
      --otlp-endpoint URL  send to a collector of OpenTelemetry by OTLP/HTTP:
                           each new site as a log record, and metrics:
                           http://collector:4318. Else as OTEL_SERVICE_NAME and
                           the other variables of OpenTelemetry say, which may
                           name a place for logs and one for metrics; JSON, or
                           Protobuf by OTEL_EXPORTER_OTLP_PROTOCOL
  -q, --quiet              errors only on standard error
  -v, --verbose            what corotrace does, on standard error; -vv: more
  -h, --help    -V, --version

Each option has a variable: COROTRACE_NAME=uvicorn is --name uvicorn. And each
but --help, --version and --config may stand in a file, by its name:
      --config FILE        TOML: name = "uvicorn", own = ["/srv/*"];
                           the command line and variables are stronger.
                           corotrace config check FILE says what is wrong there

SIGTERM and SIGINT end it: each process gets back what was changed in it. At
SIGHUP it does that, reads the file again, and watches on. Exit status: 0; 2
wrong usage; 6 if lines could not be written or control of a process was lost.

Examples:
  corotrace serve --quiet --listen 9736
  corotrace serve --name 'gunicorn*' --user www-data
  corotrace serve --config /etc/corotrace/serve.toml
)help";
}

std::string_view config_help() {
    return R"help(Checks a file of options for corotrace serve --config: all that is wrong in it,
each with its line and column, before a service depends on it; and whether serve
would begin with it, with the variables that are set here and the options of its
command line behind --.

Usage: corotrace config check FILE [-- OPTION...]

  -h, --help

Example: corotrace config check serve.toml -- --token-file /etc/corotrace/token

Exit status: 0 nothing is wrong; 2 something is, and standard error says what.
)help";
}

}  // namespace corotrace::cli
