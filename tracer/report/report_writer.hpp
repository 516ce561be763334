// SPDX-License-Identifier: MIT
// ReportWriter: where a format puts its text. A writer never makes its caller wait: the thread that would
// wait for a slow terminal or a stopped reader is the one that has to resume the target.
#pragma once

#include <string>

namespace corotrace {

class ReportWriter {
public:
    ReportWriter() = default;
    ReportWriter(const ReportWriter&) = delete;
    ReportWriter& operator=(const ReportWriter&) = delete;
    virtual ~ReportWriter() = default;

    // Whole lines, kept in order; dropped if too much waits already.
    virtual void write(std::string text) = 0;
    // The same, never dropped: for the end of a report, which is as large as the list of sites.
    virtual void write_end(std::string text) = 0;
    // The status line, without its end; "" removes it. May be skipped.
    virtual void set_status(std::string line) = 0;
};

}  // namespace corotrace
