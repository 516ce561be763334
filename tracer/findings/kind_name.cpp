// SPDX-License-Identifier: MIT
#include "tracer/findings/kind_name.hpp"

namespace corotrace {

std::string_view name_of(FindingKind kind) {
    switch (kind) {
        case FindingKind::kCoroutine:
            return "coroutine_never_awaited";
        case FindingKind::kAsyncGenAsend:
            return "asend_never_awaited";
        case FindingKind::kAsyncGenAthrow:
            return "athrow_never_awaited";
        case FindingKind::kAsyncGenAclose:
            return "aclose_never_awaited";
        case FindingKind::kTaskDestroyedPending:
            return "task_destroyed_pending";
        case FindingKind::kTaskExceptionNeverRetrieved:
            return "task_exception_never_retrieved";
        case FindingKind::kFutureExceptionNeverRetrieved:
            return "future_exception_never_retrieved";
    }
    return "";
}

}  // namespace corotrace
