// SPDX-License-Identifier: MIT
// DropSite: what a stop copied out for the question which mistake it was: the code of the functions around
// the drop, where in it they were, and which of their places held the object. Plain values.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cpython_layouts/bytecode.hpp"
#include "cpython_layouts/code.hpp"
#include "cpython_layouts/held_slots.hpp"

namespace corotrace {

struct SiteFrame {
    std::shared_ptr<const Code> code;
    std::shared_ptr<const Bytecode> bytecode = {};  // null: not read
    std::optional<std::int64_t> byte_offset = {};
    std::optional<HeldSlots> held = {};        // null: not known
    std::vector<std::string> call_names = {};  // by which its calls enter the coroutine's function for sure
};

struct DropSite {
    std::vector<SiteFrame> frames;   // innermost first, and only the first ones
    std::optional<SiteFrame> ended;  // the function whose end dropped it, where it could be recovered
    bool ended_for_sure = false;     // it was found where nothing else can be
    // An exception kept the function that ended: that function, and outwards those that the exception left.
    std::vector<SiteFrame> raised;
    std::optional<RemoteAddr> last_callee;  // code entered last from the innermost frame; may be null
    std::shared_ptr<const Code> coroutine;  // null: not read
    bool collecting = false;
    std::optional<std::int64_t> refcount;  // of the object; 1 where its deallocation finalizes it
    std::optional<bool> finalizing;        // the runtime shuts down
    bool main_thread = false;
};

}  // namespace corotrace
