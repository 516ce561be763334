// SPDX-License-Identifier: MIT
#include "tracer/session/live_target.hpp"

#include <csignal>

namespace corotrace {

bool is_stop_of_stub(const LiveTarget& target, const StopEvent& event, const arch::Registers& registers,
                     pid_t pid) {
    const RemoteAddr pc{registers.pc};
    const bool is_here = target.probes.is_planted() && target.probes.is_stop_place(pc);
    if (!is_here && !target.probes.is_in_leftover(pc)) return false;
    const auto info = target.threads.read_siginfo(event.tid);
    return info && info->si_code == SI_TKILL && info->si_pid == pid;
}

}  // namespace corotrace
