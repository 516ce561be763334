// SPDX-License-Identifier: MIT
// Preloaded into corotrace: kills it (SIGKILL) just before or just after the Nth call that could change or
// resume a target. So every instant between two such calls is tried, none left to chance.
// COROTRACE_TEST_KILL_AT: "N" before, "N+" after. COROTRACE_TEST_KILL_COUNT: a file that is given the number
// of calls made when nobody was killed.
#include <dlfcn.h>
#include <linux/ptrace.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace {

std::atomic<long> g_calls{0};

struct Instant {
    long call = 0;
    bool after = false;
};

Instant read_instant() {
    const char* text = std::getenv("COROTRACE_TEST_KILL_AT");
    if (text == nullptr) return {};
    char* end = nullptr;
    const long call = std::strtol(text, &end, 10);
    return {.call = call, .after = *end == '+'};
}

void die_if(long call, bool after) {
    static const Instant instant = read_instant();
    if (call == instant.call && after == instant.after) kill(getpid(), SIGKILL);
}

template <typename Function>
Function next(const char* name) {
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

struct TellCount {
    TellCount() = default;
    TellCount(const TellCount&) = delete;
    TellCount& operator=(const TellCount&) = delete;
    ~TellCount() {
        const char* path = std::getenv("COROTRACE_TEST_KILL_COUNT");
        std::FILE* file = path != nullptr ? std::fopen(path, "w") : nullptr;
        if (file == nullptr) return;
        std::fprintf(file, "%ld\n", g_calls.load());
        std::fclose(file);
    }
} g_tell_count;

}  // namespace

extern "C" ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
    static const auto original = next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
    const long call = ++g_calls;
    die_if(call, false);
    const ssize_t result = original(fd, bytes, size, at);
    die_if(call, true);
    return result;
}

// Reads of a stopped thread are no instants of their own. glibc's header has an enumeration for `request`,
// which no variable argument list may follow.
extern "C" long ptrace(int request, ...) {
    static const auto original = next<long (*)(int, ...)>("ptrace");
    va_list list;
    va_start(list, request);
    const auto tid = va_arg(list, pid_t);
    void* const address = va_arg(list, void*);
    void* const data = va_arg(list, void*);
    va_end(list);
    const bool counts = request == PTRACE_SEIZE || request == PTRACE_CONT || request == PTRACE_DETACH ||
                        request == PTRACE_INTERRUPT || request == PTRACE_POKEDATA;
    const long call = counts ? ++g_calls : 0;
    if (counts) die_if(call, false);
    const long result = original(request, tid, address, data);
    if (counts) die_if(call, true);
    return result;
}
