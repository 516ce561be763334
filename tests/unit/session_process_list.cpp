// SPDX-License-Identifier: MIT
#include "tracer/session/process_list.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "tracer/cli/process_table.hpp"

namespace corotrace::session_process_list_test {

namespace {

ListedProcess make_server() {
    ListedProcess process;
    process.pid = 4711;
    process.own_pid = 1;
    process.name = "python3";
    process.command = {"python3", "-X", "dev", "-m", "uvicorn", "app:main"};
    process.program = "/usr/bin/python3.11";
    process.uid = 1001;
    process.threads = 3;
    process.cgroup = parse_cgroup("0::/system.slice/web.service\n");
    return process;
}

TEST_CASE("mapped files tell Python, its version and its event loop") {
    const auto debian = find_mapped_python("/usr/bin/python3.11",
                                           "7f00 /usr/lib/python3.11/lib-dynload/_asyncio.cpython-311.so\n");
    CHECK(debian.is_python);
    CHECK((debian.version == "3.11"));
    CHECK((debian.event_loop == "asyncio"));
    const auto embedded = find_mapped_python("/usr/sbin/apache2",
                                             "7f00 /usr/lib/libpython3.13.so.1.0\n7f01 /x/uvloop/loop.so\n");
    CHECK(embedded.is_python);
    CHECK((embedded.version == "3.13"));
    CHECK((embedded.event_loop == "uvloop"));
    const auto unnamed = find_mapped_python("/opt/bin/python", "");
    CHECK(unnamed.is_python);
    CHECK_FALSE(unnamed.version);
    CHECK_FALSE(unnamed.event_loop);
    CHECK_FALSE(find_mapped_python("/bin/cat", "7f00 /usr/share/python3.11.txt\n").is_python);
}

TEST_CASE("a name is whole, of thread, program, script or module; the others match a part") {
    const ListedProcess process = make_server();
    for (const char* name : {"python3", "python3.11", "uvicorn", "uvi*"}) {
        INFO(name);
        CHECK(matches(process, {.name = name}));
    }
    for (const char* name : {"vicorn", "dev", "app:main", ""}) {
        INFO(name);
        CHECK_FALSE(matches(process, {.name = name}));
    }
    CHECK(matches(process, {.command = "uvicorn app"}));
    CHECK(matches(process, {.command = "dev*main"}));
    CHECK_FALSE(matches(process, {.command = "gunicorn"}));
    CHECK(matches(process, {.user = "1001"}));
    CHECK_FALSE(matches(process, {.user = "root"}));
    CHECK(matches(process, {.cgroup = "web.service"}));
    CHECK_FALSE(matches(process, {.cgroup = "docker"}));
    CHECK_FALSE(matches(process, {.name = "uvicorn", .command = "gunicorn"}));
}

TEST_CASE("the table shows what is hostile and says what is unknown") {
    ListedProcess process = make_server();
    process.command = {"python3", "\x1b[2J"};
    process.obstacle = Error{Errc::denied, 0, "cannot attach to 4711: no"};
    const std::string table = cli::make_process_table(std::vector{process}, 0);
    CHECK(table.find('\x1b') == std::string::npos);
    CHECK(table.find("4711(1)") != std::string::npos);
    CHECK(table.find("web.service") != std::string::npos);
    CHECK(table.find("\ncannot attach to 4711: no\n") != std::string::npos);
    const std::string lines = cli::make_process_lines(std::vector{process});
    CHECK(lines.find("\"event\":\"process\"") != std::string::npos);
    CHECK(lines.find("\"python\":null") != std::string::npos);
    CHECK(lines.find("\"attachable\":false") != std::string::npos);
    CHECK(lines.find("\"uptime_s\":null") != std::string::npos);
}

}  // namespace

}  // namespace corotrace::session_process_list_test
