// SPDX-License-Identifier: MIT
#include "tracer/report/names.hpp"

#include <fmt/format.h>

#include <ctime>

namespace corotrace {

std::string_view name_of(WarningState state) {
    switch (state) {
        case WarningState::kShown:
            return "shown";
        case WarningState::kDeduplicated:
            return "deduplicated";
        case WarningState::kErrorIgnored:
            return "error_ignored";
        case WarningState::kHidden:
            return "hidden";
    }
    return "";
}

std::optional<std::string_view> name_of(CreationSource source) {
    switch (source) {
        case CreationSource::kUnknown:
            return std::nullopt;
        case CreationSource::kOrigin:
            return "origin";
        case CreationSource::kInferred:
            return "inferred";
    }
    return std::nullopt;
}

std::optional<std::string_view> name_of(DropCause cause) {
    switch (cause) {
        case DropCause::kUnknown:
            return std::nullopt;
        case DropCause::kRefcount:
            return "refcount";
        case DropCause::kFrameEnd:
            return "frame_end";
        case DropCause::kException:
            return "exception_unwinding";
        case DropCause::kCyclicGc:
            return "cyclic_gc";
        case DropCause::kShutdown:
            return "interpreter_shutdown";
        case DropCause::kThreadExit:
            return "thread_exit";
    }
    return std::nullopt;
}

std::optional<std::string_view> name_of(CoverageState state) {
    switch (state) {
        case CoverageState::kExact:
            return "exact";
        case CoverageState::kIncomplete:
            return "incomplete";
        case CoverageState::kUnknown:
            return std::nullopt;
    }
    return std::nullopt;
}

std::string format_time(std::chrono::system_clock::time_point time) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(time - whole).count();
    const std::time_t seconds = std::chrono::system_clock::to_time_t(whole);
    std::tm utc{};
    if (::gmtime_r(&seconds, &utc) == nullptr) return "";
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", utc.tm_year + 1900, utc.tm_mon + 1,
                       utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, micros);
}

}  // namespace corotrace
