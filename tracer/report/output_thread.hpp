// SPDX-License-Identifier: MIT
// OutputThread: writes reports from a thread of its own, because a stopped terminal, a full pipe or a slow
// disk must never hold up the thread that resumes the target. Owns the status line too, on standard error,
// and takes it away before anything else is written. While a session runs at most kMaxQueuedBytes wait; what
// is more is dropped and counted.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "symbols/result.hpp"
#include "tracer/findings/stop_request.hpp"
#include "tracer/report/output_file.hpp"
#include "tracer/report/report_writer.hpp"

namespace corotrace {

class OutputThread final : public ReportWriter {
public:
    static constexpr std::size_t kMaxQueuedBytes = 16U << 20U;

    // `status_fd` is -1 if no status line is wanted. `stop` is asked when `file` can no longer be written,
    // and outlives this. Precondition: the signals that the session waits for are blocked.
    OutputThread(OutputFile file, int status_fd, StopRequest& stop);
    ~OutputThread() override;

    void write(std::string text) override;
    void write_end(std::string text) override;
    void set_status(std::string line) override;

    // Texts that found no room up to now. On any thread.
    [[nodiscard]] std::uint64_t dropped();

    struct Outcome {
        Status written;             // the first error
        std::uint64_t dropped = 0;  // texts that found no room
    };
    // Writes what is left, waiting for its reader, and ends the thread. To be called once, at the end.
    [[nodiscard]] Outcome finish();

private:
    void put(std::string text, std::size_t room);
    void run_guarded();
    void run();
    void draw_status(const std::string& line);

    OutputFile file_;
    const int status_fd_;
    StopRequest& stop_;
    bool status_drawn_ = false;  // of the thread alone

    std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::deque<std::string> queue_;
    std::size_t queued_bytes_ = 0;
    std::string status_;
    bool status_changed_ = false;
    bool ending_ = false;
    Outcome outcome_;

    std::thread thread_;  // last: it uses all of the above
};

}  // namespace corotrace
