// SPDX-License-Identifier: MIT
#include "tracer/observe/attach_session.hpp"

#include <string>

namespace corotrace {

Result<SessionEnd> run_attach(const AttachOptions& options, FindingSink& /*sink*/,
                              const StopRequest& /*stop*/) {
    return Error{
        Errc::unsupported, 0,
        "cannot attach to " + std::to_string(options.pid) + ": sessions are not built into this binary"};
}

}  // namespace corotrace
