// SPDX-License-Identifier: MIT
// The program: the table of verbs, and the last resort. Everything is caught here, because an exception that
// nobody catches ends a program without running a destructor, and destructors give a target back its bytes.
#include <fcntl.h>

#include <cstdio>
#include <exception>

#include "tracer/cli/verb.hpp"

namespace {

constexpr corotrace::cli::Verb kVerbs[] = {
    {"attach", corotrace::cli::run_attach_verb}, {"top", corotrace::cli::run_top_verb},
    {"run", corotrace::cli::run_run_verb},       {"detach", corotrace::cli::run_detach_verb},
    {"scan", corotrace::cli::run_scan_verb},     {"tasks", corotrace::cli::run_tasks_verb},
    {"merge", corotrace::cli::run_merge_verb},   {"list", corotrace::cli::run_list_verb},
    {"doctor", corotrace::cli::run_doctor_verb}, {"serve", corotrace::cli::run_serve_verb},
    {"config", corotrace::cli::run_config_verb},
};

// A program started without standard streams must not open a file as one of them.
bool has_standard_streams() {
    for (int fd = 0; fd <= 2; ++fd)
        if (::fcntl(fd, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) != fd) return false;
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    using corotrace::cli::ExitCode;
    try {
        if (!has_standard_streams()) return static_cast<int>(ExitCode::kUsage);
        const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
        return static_cast<int>(corotrace::cli::run_program(kVerbs, words));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "corotrace: %s\n", error.what());
    } catch (...) {
        std::fputs("corotrace: stopped by an unknown exception\n", stderr);
    }
    return static_cast<int>(ExitCode::kIncomplete);
}
