// SPDX-License-Identifier: MIT
#include "tracer/cli/serve_pages.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <charconv>

#include "tracer/process/text_file.hpp"
#include "tracer/report/live_pages.hpp"

namespace corotrace::cli {

namespace {

// The tracing thread gives a sign about ten times a second.
constexpr std::chrono::seconds kSignWithin{30};

std::chrono::microseconds read_cpu() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto convert = [](const timeval& time) {
        return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
    };
    return convert(usage.ru_utime) + convert(usage.ru_stime);
}

// Source: proc_pid_statm(5), the second field, in pages.
std::optional<std::uint64_t> read_memory() {
    const auto text = read_text_file("/proc/self/statm");
    if (!text) return std::nullopt;
    const auto fields = split_text(*text, ' ');
    std::uint64_t pages = 0;
    if (fields.size() < 2) return std::nullopt;
    const auto [end, problem] = std::from_chars(fields[1].data(), fields[1].data() + fields[1].size(), pages);
    if (problem != std::errc()) return std::nullopt;
    return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

HttpPage ServePages::make(std::string_view path, std::string_view accept) {
    const LiveSnapshot counts = counts_.snapshot();
    if (path == "/metrics") return make_metrics(counts, accept);
    if (path == "/-/healthy") return make_health(counts);
    if (path == "/-/ready")
        return ready_ ? HttpPage{200, "text/plain", "ready\n"} : HttpPage{503, "text/plain", "not ready\n"};
    if (path == "/sites") return {200, "application/json", format_sites_json(counts)};
    if (path == "/") {
        const std::lock_guard lock(mutex_);
        return {200, "text/html; charset=utf-8", format_live_page(counts, own_)};
    }
    return {404, "text/plain", "there are /, /sites, /metrics, /-/healthy and /-/ready\n"};
}

void ServePages::set_own(const std::vector<std::string>& globs) {
    const std::lock_guard lock(mutex_);
    own_ = OwnCode(globs);
}

ServiceFacts ServePages::facts() const {
    return {.version = COROTRACE_VERSION,
            .left_alone = left_alone_,
            .unwritten_lines = output_.dropped(),
            .exported = count_exported_ ? count_exported_() : ExportCounts{},
            .cpu = read_cpu(),
            .memory_bytes = read_memory(),
            .started = started_};
}

HttpPage ServePages::make_metrics(const LiveSnapshot& counts, std::string_view accept) const {
    const MetricsFormat format = choose_metrics(accept);
    return {200, std::string(content_type(format)), format_metrics(counts, facts(), format)};
}

HttpPage ServePages::make_health(const LiveSnapshot& counts) {
    if (std::chrono::steady_clock::now() - counts.last_sign < kSignWithin)
        return {200, "text/plain", "healthy\n"};
    return {503, "text/plain", "the tracing thread gives no sign\n"};
}

}  // namespace corotrace::cli
