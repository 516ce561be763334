// SPDX-License-Identifier: MIT
#include "tracer/cli/look_progress.hpp"

#include <unistd.h>

#include <cstdio>

#include "tracer/report/terminal.hpp"

namespace corotrace::cli {

namespace {

constexpr std::chrono::seconds kPatience{1};
constexpr std::chrono::milliseconds kBetween{200};

}  // namespace

LookProgress::LookProgress() : draws_(can_redraw(read_terminal_facts(STDERR_FILENO))) {
    wipe();
}

void LookProgress::note(std::uint64_t bytes_read) {
    if (!draws_) return;
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return;
    next_ = now + kBetween;
    is_drawn_ = true;
    const double seconds = std::chrono::duration<double>(now - began_).count();
    std::fprintf(stderr, "\r%.0f MB read in %.0f s\x1b[K", static_cast<double>(bytes_read) / 1e6, seconds);
}

void LookProgress::wipe() {
    if (is_drawn_) std::fputs("\r\x1b[K", stderr);
    is_drawn_ = false;
    began_ = std::chrono::steady_clock::now();
    next_ = began_ + kPatience;
}

}  // namespace corotrace::cli
