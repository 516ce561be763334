// SPDX-License-Identifier: MIT
// Native stacks from outside against what the process itself says of its stack (backtrace(3)).
#include "tracer/process/native_stack.hpp"

#include <execinfo.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>

#include "symbols/live_image.hpp"
#include "symbols/page_cache.hpp"
#include "symbols/process_memory.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/interpreters.hpp"
#include "tracer/process/procfs.hpp"
#include "tracer/process/ptrace_call.hpp"

// With external linkage, so that the functions have symbols; never inlined, never tail calls.
namespace native_stack_test {

volatile bool is_waiting = true;

__attribute__((noinline)) void innermost() {
    void* pcs[64];
    const int count = ::backtrace(pcs, 64);
    // The address of each frame in hexadecimal, then a wait inside a C library function.
    std::ostringstream text;
    for (int i = 0; i < count; ++i) text << pcs[i] << ' ';
    text << '\n';
    (void)!::write(STDOUT_FILENO, text.str().data(), text.str().size());
    while (is_waiting) ::pause();
    asm volatile("");
}

__attribute__((noinline)) void middle(int levels) {
    if (levels > 0) {
        middle(levels - 1);
    } else {
        innermost();
    }
    asm volatile("");
}

__attribute__((noinline)) void outer() {
    middle(20);
    asm volatile("");
}

}  // namespace native_stack_test

namespace corotrace::process_native_stack_test {
namespace {

// A process that this test traces and holds, and its unwinder.
class HeldProcess {
public:
    explicit HeldProcess(pid_t pid)
        : pid_(pid),
          memory_(ProcessMemory::open(pid, false)),
          image_(pid, *memory_),
          symbols_(SymbolIndex::open(image_)) {
        REQUIRE(symbols_);
        unwinder_.emplace(NativeUnwinder::make(*symbols_));
        REQUIRE(*unwinder_);
        REQUIRE(ptrace_seize(pid, SeizeOption::kNone));
        REQUIRE(ptrace_interrupt(pid));
        int status = 0;
        REQUIRE(::waitpid(pid, &status, __WALL) == pid);
        REQUIRE(WIFSTOPPED(status));
        auto registers = ptrace_read_registers(pid);
        REQUIRE(registers);
        registers_ = *registers;
    }

    [[nodiscard]] RemoteAddr pc() const { return {registers_.pc}; }
    [[nodiscard]] RemoteAddr sp() const { return {registers_.sp}; }
    [[nodiscard]] const ProcessMemory& memory() const { return *memory_; }
    [[nodiscard]] SymbolIndex& symbols() { return *symbols_; }
    // From where it is; the clock is no part of what is tested.
    [[nodiscard]] NativeStack unwind(const UnwindLimits& limits = {256, std::chrono::minutes(1)}) {
        return (*unwinder_)->unwind(pid_, *memory_, pc(), sp(), limits);
    }

private:
    pid_t pid_;
    Result<ProcessMemory> memory_;
    LiveImage image_;
    Result<SymbolIndex> symbols_;
    std::optional<Result<NativeUnwinder>> unwinder_;
    arch::Registers registers_;
};

std::vector<RemoteAddr> parse_addresses(const std::string& line) {
    std::istringstream words(line);
    std::vector<RemoteAddr> addresses;
    for (std::string word; words >> word;) addresses.push_back({std::stoull(word, nullptr, 16)});
    return addresses;
}

// How many frames, counted from the outermost, are the same.
std::size_t common_tail(const std::vector<RemoteAddr>& a, const std::vector<RemoteAddr>& b) {
    const auto [end, other] = std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend());
    (void)other;
    return static_cast<std::size_t>(end - a.rbegin());
}

std::vector<std::string> function_names(HeldProcess& held, const NativeStack& stack) {
    std::vector<std::string> names;
    for (const RemoteAddr pc : stack.pcs) {
        names.push_back(find_native_place(held.symbols(), pc).function.value_or("?"));
    }
    return names;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string source_line(const std::string& path, int number) {
    std::ifstream file(path);
    std::string line;
    for (int at = 0; at < number; ++at) std::getline(file, line);
    return line;
}

// Waits in pause() when it is returned.
ChildProcess fork_nested() {
    auto child = ChildProcess::fork_writing([] { native_stack_test::outer(); });
    std::optional<BlockedAt> at;
    while (!at || at->syscall != SYS_pause) {
        at = read_syscall(child.pid(), child.pid()).value();
        std::this_thread::yield();
    }
    return child;
}

}  // namespace

TEST_CASE("the stack from outside is the stack from inside") {
    const auto child = fork_nested();
    const auto truth = parse_addresses(child.first_line());
    REQUIRE(truth.size() > 23);
    HeldProcess held(child.pid());

    const auto stack = held.unwind();
    CHECK(stack.end == StackEnd::kOutermost);
    CHECK(stack.pcs.front() == held.pc());
    // All but the innermost function, which went on to another line of itself (and what a sanitizer puts
    // round backtrace() there).
    const auto middle = std::find_if(truth.begin(), truth.end(), [&](RemoteAddr pc) {
        return find_native_place(held.symbols(), pc).function == "native_stack_test::middle(int)";
    });
    CHECK(middle - truth.begin() <= 2);
    CHECK(common_tail(stack.pcs, truth) == static_cast<std::size_t>(truth.end() - middle));

    const auto names = function_names(held, stack);
    CHECK(has(names, "native_stack_test::innermost()"));
    CHECK(std::count(names.begin(), names.end(), "native_stack_test::middle(int)") == 21);
    CHECK(has(names, "native_stack_test::outer()"));
    CHECK(has(names, "main"));
    CHECK(std::none_of(names.begin(), names.end(),
                       [](const std::string& name) { return name.find('@') != std::string::npos; }));
    const auto source = find_native_place(held.symbols(), *middle).source;
    REQUIRE(source);
    CHECK(source->file.ends_with("tests/unit/process_native_stack.cpp"));
    CHECK(source_line(source->file, source->line).find("innermost();") != std::string::npos);
    const auto place = find_native_place(held.symbols(), stack.pcs.back());
    CHECK(place.module == held.symbols().module_at(stack.pcs.back())->path());

    // What is cached from the first time serves the second time.
    CHECK(held.unwind().pcs == stack.pcs);
    const PageCache cache(held.memory());
    CHECK(NativeUnwinder::make(held.symbols())
              ->unwind(child.pid(), cache, held.pc(), held.sp(), {256, std::chrono::minutes(1)})
              .pcs == stack.pcs);
}

TEST_CASE("a native stack starts at the frame that is asked for") {
    if (CT_SKIPS_UNDER_TSAN()) return;
    const auto child = fork_nested();
    HeldProcess held(child.pid());
    const auto whole = held.unwind();
    const auto names = function_names(held, whole);
    // The C library's wait pushes nothing and touches no register that its caller needs, just as a stub: the
    // caller of pause() begins where its return address lies on the stack.
    const auto inner =
        std::find(names.begin(), names.end(), "native_stack_test::innermost()") - names.begin();
    const RemoteAddr caller = whole.pcs.at(static_cast<std::size_t>(inner));
    const std::vector expected(whole.pcs.begin() + inner, whole.pcs.end());

    auto unwinder = NativeUnwinder::make(held.symbols());
    REQUIRE(unwinder);
    bool is_found = false;
    for (RemoteAddr at = held.sp(); !is_found && at < held.sp() + 4096; at = at + 8) {
        // An older call may have left one too.
        if (held.memory().read_pointer(at).value() != caller) continue;
        const auto stack =
            unwinder->unwind(child.pid(), held.memory(), caller, at + 8, {256, std::chrono::minutes(1)});
        is_found = stack.end == StackEnd::kOutermost && stack.pcs == expected;
    }
    CHECK(is_found);
}

TEST_CASE("a native stack is cut at its limits and at unknown code") {
    const auto child = fork_nested();
    HeldProcess held(child.pid());
    const auto cut = held.unwind({5, std::chrono::minutes(1)});
    CHECK(cut.end == StackEnd::kDepth);
    CHECK(cut.pcs.size() == 5);
    const auto late = held.unwind({256, std::chrono::microseconds(-1)});
    CHECK(late.end == StackEnd::kTime);
    CHECK(late.pcs == std::vector{held.pc()});

    auto unwinder = NativeUnwinder::make(held.symbols());
    REQUIRE(unwinder);
    const auto nowhere = unwinder->unwind(child.pid(), held.memory(), {0x1000}, held.sp());
    CHECK(nowhere.end == StackEnd::kUnknownCode);
    CHECK(nowhere.pcs == std::vector{RemoteAddr{0x1000}});
    // A stack pointer that leads nowhere ends it without harm.
    const auto lost = unwinder->unwind(child.pid(), held.memory(), held.pc(), {8});
    CHECK(lost.end != StackEnd::kOutermost);

    const auto place = find_native_place(held.symbols(), {0x1000});
    CHECK(place.module == std::nullopt);
    CHECK(place.function == std::nullopt);
    CHECK(place.offset == std::nullopt);
}

TEST_CASE("native stacks of real interpreters") {
    // The interpreter's own word, by way of the C library that it is linked with.
    const std::string code =
        "import ctypes, sys\n"
        "pcs = (ctypes.c_void_p * 200)()\n"
        "count = ctypes.CDLL(None).backtrace(pcs, 200)\n"
        "print(' '.join(hex(pc) for pc in pcs[:count]), flush=True)\n"
        "sys.stdin.readline()\n";
    for (const auto& interpreter : find_interpreters()) {
        DYNAMIC_SECTION(interpreter.id) {
            const auto child = ChildProcess::run_ready(interpreter.running(code));
            if (child.first_line().empty()) {
                CT_SKIP_PART("no ctypes in " << interpreter.id);
                continue;
            }
            const auto truth = parse_addresses(child.first_line());
            HeldProcess held(child.pid());
            const auto stack = held.unwind();
            CHECK(stack.end == StackEnd::kOutermost);
            // From the evaluation of the module outwards: nothing there has moved on.
            CHECK(common_tail(stack.pcs, truth) >= 5);
        }
    }
}

}  // namespace corotrace::process_native_stack_test
