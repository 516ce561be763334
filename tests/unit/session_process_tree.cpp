// SPDX-License-Identifier: MIT
#include "tracer/session/process_tree.hpp"

#include <unistd.h>

#include <cerrno>

#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

namespace corotrace::session_process_tree_test {

namespace {

TEST_CASE("process tree: a child that may not be watched is one of those that are not exact", "[session]") {
    const auto child = ChildProcess::fork_ready([] {});
    AttachOptions options;
    options.pid = ::getpid();
    ProcessTree tree(options);
    REQUIRE(tree.look().size() == 1);
    tree.on_began(options.pid);
    static_cast<void>(tree.look());
    CHECK(tree.unwatched() == 0);

    tree.on_failed(child.pid(), Error{Errc::denied, EPERM, "cannot attach to it"});
    static_cast<void>(tree.look());
    static_cast<void>(tree.look());
    CHECK(tree.unwatched() == 1);
    CHECK(tree.notes().front() == "cannot attach to it");
}

TEST_CASE("process tree: a child that was denied because it was ending is none", "[session]") {
    AttachOptions options;
    options.pid = ::getpid();
    ProcessTree tree(options);
    static_cast<void>(tree.look());
    tree.on_began(options.pid);
    {
        const auto child = ChildProcess::fork_ready([] {});
        static_cast<void>(tree.look());
        tree.on_failed(child.pid(), Error{Errc::denied, EPERM, "cannot attach to it"});
    }
    static_cast<void>(tree.look());
    CHECK(tree.unwatched() == 0);
}

}  // namespace

}  // namespace corotrace::session_process_tree_test
