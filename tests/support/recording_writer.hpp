// SPDX-License-Identifier: MIT
// RecordingWriter: keeps what a report writes.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tracer/report/report_writer.hpp"

namespace corotrace::test {

class RecordingWriter final : public ReportWriter {
public:
    void write(std::string text) override { text_ += text; }
    void write_end(std::string text) override { text_ += text; }
    void set_status(std::string line) override { statuses_.push_back(std::move(line)); }

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] const std::vector<std::string>& statuses() const { return statuses_; }

private:
    std::string text_;
    std::vector<std::string> statuses_;
};

}  // namespace corotrace::test
