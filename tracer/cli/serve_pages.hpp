// SPDX-License-Identifier: MIT
// ServePages: what serve answers over HTTP, from copies of what was counted. Any thread may ask.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tracer/findings/live_counts.hpp"
#include "tracer/findings/own_code.hpp"
#include "tracer/http/http_server.hpp"
#include "tracer/report/metrics.hpp"
#include "tracer/report/output_thread.hpp"

namespace corotrace::cli {

class ServePages {
public:
    // The references outlive it.
    ServePages(const LiveCounts& counts, OutputThread& output) : counts_(counts), output_(output) {}

    [[nodiscard]] HttpPage make(std::string_view path, std::string_view accept);
    void on_left_alone() { ++left_alone_; }
    [[nodiscard]] ServiceFacts facts() const;
    // To be set before anything is answered.
    void set_exported(std::function<ExportCounts()> count) { count_exported_ = std::move(count); }
    void set_own(const std::vector<std::string>& globs);
    // Whether it watches: from its beginning until it is told to end.
    void set_ready(bool ready) { ready_ = ready; }

private:
    [[nodiscard]] HttpPage make_metrics(const LiveSnapshot& counts, std::string_view accept) const;
    [[nodiscard]] static HttpPage make_health(const LiveSnapshot& counts);

    const LiveCounts& counts_;
    OutputThread& output_;
    std::mutex mutex_;  // of own_
    OwnCode own_;
    std::function<ExportCounts()> count_exported_;  // empty: nothing is sent
    const std::chrono::system_clock::time_point started_ = std::chrono::system_clock::now();
    std::atomic<std::uint64_t> left_alone_{0};
    std::atomic<bool> ready_{false};
};

}  // namespace corotrace::cli
