// SPDX-License-Identifier: MIT
#include "tracer/process/new_pids.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "tests/support/catch.hpp"

namespace corotrace::process_new_pids_test {

namespace {

// Until it is told to end.
class Child {
public:
    Child() {
        if (::pipe(ends_) != 0) return;
        pid_ = ::fork();
        if (pid_ != 0) return;
        ::close(ends_[1]);
        char byte = 0;
        ::_exit(static_cast<int>(::read(ends_[0], &byte, 1)));
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        ::close(ends_[1]);
        ::waitpid(pid_, nullptr, 0);
        ::close(ends_[0]);
    }
    [[nodiscard]] pid_t pid() const { return pid_; }

private:
    int ends_[2] = {-1, -1};
    pid_t pid_ = -1;
};

bool names(const ProcessEvents::News& news, pid_t pid) {
    return std::ranges::find(news.pids, pid) != news.pids.end();
}

TEST_CASE(
    "new pids: a process that started is named, twice, for it may not have been there yet; no thread is") {
    auto pids = NewPids::open();
    if (!pids) {  // no Linux of our own behind /proc
        CHECK(pids.error().code == Errc::unsupported);
        return;
    }
    while (!pids->take().pids.empty()) {  // others may start meanwhile
    }
    pid_t thread = 0;
    std::thread runs([&] {
        thread = ::gettid();
        const Child child;
        for (int i = 0; i < 2; ++i) {
            const auto news = pids->take();
            CHECK((news.lost || names(news, child.pid())));
            CHECK_FALSE(names(news, thread));
        }
        CHECK_FALSE(names(pids->take(), ::getpid()));
    });
    runs.join();
}

TEST_CASE("new pids: more than can be asked for one by one are lost, and known from then on") {
    auto pids = NewPids::open();
    if (!pids) return;
    for (int i = 0; i < 100; ++i) std::thread([] {}).join();
    CHECK(pids->take().lost);
    const Child child;
    const auto news = pids->take();
    CHECK((news.lost || names(news, child.pid())));
}

}  // namespace

}  // namespace corotrace::process_new_pids_test
