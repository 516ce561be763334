// SPDX-License-Identifier: MIT
#include "tracer/session/exec_watch.hpp"

namespace corotrace {

void ExecWatch::begin_forked(pid_t pid) {
    const auto registers = target_.threads.read_registers(pid);
    if (registers && target_.reader.is_forked_to_execute(*registers)) begin(pid);
}

void ExecWatch::go_on(pid_t tid, int signal) {
    if (tid == tid_ && stops_ > 0) {
        target_.threads.resume_to_call(tid, signal);
    } else {
        target_.threads.resume(tid, signal);
    }
}

bool ExecWatch::is_at_exec(pid_t tid) {
    if (tid != tid_) return false;
    saw_last_counts_ = false;
    --stops_;
    const auto registers = target_.threads.read_registers(tid);
    return registers && arch::is_exec_call(*registers);
}

// Other threads drop nothing meanwhile: there are none, or this one has the lock.
void ExecWatch::on_counted() {
    saw_last_counts_ = target_.threads.read_count() == 1U || target_.reader.has_one_lock();
}

}  // namespace corotrace
