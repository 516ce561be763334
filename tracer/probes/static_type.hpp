// SPDX-License-Identifier: MIT
// find_static_type: the address of one of CPython's static type objects that has no stable export.
#pragma once

#include "tracer/probes/probe.hpp"

namespace corotrace {

// By symbol, in the module that holds the live PyCoro_Type. The type object must name itself `tp_name`.
// Errors: not_found, unreadable.
[[nodiscard]] Result<RemoteAddr> find_static_type(const ProbeContext& context, const char* symbol,
                                                  const char* tp_name);

}  // namespace corotrace
