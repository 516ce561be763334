// SPDX-License-Identifier: MIT
// run_on_tracer_thread: a thread of its own for everything between seizing and letting go, because tracing
// belongs to a thread and ends with it, without a stop (see TracedThreads).
#pragma once

#include <functional>

namespace corotrace {

// Runs `work` on a new thread and returns when the kernel has let go what it had seized.
void run_on_tracer_thread(const std::function<void()>& work);

}  // namespace corotrace
