// SPDX-License-Identifier: MIT
// LiveTypes: the types whose objects a look through memory is for, by their address in one process.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cpython_layouts/python_process.hpp"

namespace corotrace {

// kFuture: of asyncio's C module, or derived from that; a task is none of both.
enum class LiveKind : std::uint8_t {
    kCoroutine,
    kAsyncGenerator,
    kAsend,
    kAthrow,
    kTask,
    kFuture,
    kFutureInPython
};

using LiveTypes = std::map<RemoteAddr, LiveKind>;

// Of each interpreter, with all classes that are derived from those of tasks and futures. What cannot be
// found is told in `notes`. Cost: some hundred reads.
[[nodiscard]] LiveTypes find_live_types(const RemoteMemory& memory, const PythonProcess& python,
                                        std::vector<std::string>& notes);

}  // namespace corotrace
