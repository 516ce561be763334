// SPDX-License-Identifier: MIT
// OriginTracking: the interpreter told to note where each coroutine is created, by the number that
// sys.set_coroutine_origin_tracking_depth() sets, in each thread state. Owns that change: its destructor puts
// back what was there. A value that the program, or asyncio's debug mode, has set is never lowered, and put
// back is only what is still ours.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "cpython_layouts/layout.hpp"
#include "symbols/process_memory.hpp"
#include "tracer/probes/stub_data.hpp"

namespace corotrace {

// The highest number in any thread. Cost: 2 reads a thread. Errors: gone, unreadable, malformed.
[[nodiscard]] Result<std::int32_t> read_highest_origin_depth(const RemoteMemory& memory, const Layout& layout,
                                                             RemoteAddr runtime);

// Takes back what a killed corotrace set: each number that is still one of its. Errors: the same.
[[nodiscard]] Status put_back_origins(const ProcessMemory& memory, const Layout& layout, RemoteAddr runtime,
                                      const OriginRecord& record);

class OriginTracking {
public:
    // All references must outlive it.
    OriginTracking(const ProcessMemory& memory, const Layout& layout, RemoteAddr runtime)
        : memory_(memory), layout_(layout), runtime_(runtime) {}
    OriginTracking(const OriginTracking&) = delete;
    OriginTracking& operator=(const OriginTracking&) = delete;
    ~OriginTracking();

    // In all threads at least `depth` frames from now on, and no more than that where the number is ours. 0
    // puts back. To be called again for threads that came since. Stops nothing: a thread state is examined
    // once more just before it is written. Cost: 2 reads a thread, 1 write where something changes. Errors:
    // gone, unreadable, malformed.
    [[nodiscard]] Status apply(std::int32_t depth);

    // Threads in which the program holds a number that it may have derived from ours (asyncio's debug mode
    // puts back what it found when its loop ends). Empty: everything is as it was.
    std::vector<std::string> put_back();

    // Somebody else put back what was set: nothing is touched any more.
    void abandon() { set_.clear(); }

    [[nodiscard]] bool is_on() const { return !set_.empty(); }

private:
    struct Change {
        std::int32_t before = 0;
        std::int32_t ours = 0;
    };
    [[nodiscard]] Status apply_to(RemoteAddr thread, std::int32_t depth);
    [[nodiscard]] Status write(RemoteAddr thread, std::int32_t depth) const;

    const ProcessMemory& memory_;
    const Layout& layout_;
    RemoteAddr runtime_;
    std::unordered_map<RemoteAddr, Change> set_;  // by thread state
};

}  // namespace corotrace
