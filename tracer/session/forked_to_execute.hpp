// SPDX-License-Identifier: MIT
// Why a process was forked, told from what the thread that forked was doing.
#pragma once

#include "tracer/process/arch/arch.hpp"
#include "tracer/session/target_subject.hpp"

namespace corotrace {

// Of a process that was just forked and whose thread, with these registers, stands since: whether it is
// likely to execute a program in C, where nothing announces it. So it is if CPython's subprocess forked, or
// if neither os.fork() nor os.forkpty() did: libuv for uvloop, a library of somebody's. Cost: some 20 reads,
// some 50 if it was not subprocess. False where the stack cannot be read.
[[nodiscard]] bool is_forked_to_execute(TargetSubject& subject, const arch::Registers& registers);

}  // namespace corotrace
