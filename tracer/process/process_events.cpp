// SPDX-License-Identifier: MIT
#include "tracer/process/process_events.hpp"

#include <arpa/inet.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>

#include "symbols/bytes.hpp"

namespace corotrace {

namespace {

constexpr std::chrono::milliseconds kAnswerWithin{200};
constexpr int kBufferBytes = 1 << 20;  // some thousand events
constexpr std::size_t kMostAtOnce = 4096;
constexpr std::size_t kMostMessageBytes = 1024;

// proc_event.what; the names have moved between versions of the header.
constexpr std::uint32_t kNone = 0;
constexpr std::uint32_t kFork = 1;
constexpr std::uint32_t kExec = 2;

// Where the parts of a message lie.
constexpr std::uint32_t kConnector = NLMSG_HDRLEN;
constexpr std::uint32_t kEvent = kConnector + sizeof(cn_msg);
constexpr std::uint32_t kData = kEvent + offsetof(proc_event, event_data);
constexpr std::uint32_t kChildPid = kData + 8;  // parent_pid, parent_tgid, child_pid, child_tgid
constexpr std::uint32_t kChildProcess = kData + 12;
constexpr std::uint32_t kExecProcess = kData + 4;  // process_pid, process_tgid

// In the kernel, so that threads that come and processes that go cost us nothing: the answer to our request,
// new processes, and executed programs pass. A filter loads words in network byte order.
bool add_filter(int socket) {
    const auto what = [](std::uint32_t value) { return htonl(value); };
    constexpr auto kLoad = BPF_LD | BPF_W | BPF_ABS;
    constexpr auto kEquals = BPF_JMP | BPF_JEQ;
    std::array<sock_filter, 10> code{{
        BPF_STMT(kLoad, kEvent),
        BPF_JUMP(kEquals | BPF_K, what(kNone), 7, 0),
        BPF_JUMP(kEquals | BPF_K, what(kExec), 6, 0),
        BPF_JUMP(kEquals | BPF_K, what(kFork), 0, 4),
        BPF_STMT(kLoad, kChildPid),
        BPF_STMT(BPF_MISC | BPF_TAX, 0),
        BPF_STMT(kLoad, kChildProcess),
        BPF_JUMP(kEquals | BPF_X, 0, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, 0xffff),
    }};
    const sock_fprog program{.len = code.size(), .filter = code.data()};
    return ::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0;
}

template <typename T>
void put(std::span<std::byte> bytes, std::size_t at, const T& value) {
    std::memcpy(bytes.data() + at, &value, sizeof(value));
}

bool ask_for_news(int socket) {
    constexpr std::uint32_t kListen = PROC_CN_MCAST_LISTEN;
    std::array<std::byte, kEvent + sizeof(kListen)> request{};
    nlmsghdr header{};
    header.nlmsg_len = request.size();
    header.nlmsg_type = NLMSG_DONE;
    header.nlmsg_pid = 0;
    cn_msg connector{};
    connector.id = {.idx = CN_IDX_PROC, .val = CN_VAL_PROC};
    connector.len = sizeof(kListen);
    put(request, 0, header);
    put(request, kConnector, connector);
    put(request, kEvent, kListen);
    return ::send(socket, request.data(), request.size(), 0) == static_cast<ssize_t>(request.size());
}

struct Event {
    std::uint32_t what = 0;
    pid_t pid = 0;          // of a new process, or of one that executed a program
    std::uint32_t ack = 0;  // PROC_EVENT_NONE: 0, or why not
};

// nullopt: no more for now, or `lost`, or (with a pid of 0 and another kind) nothing of interest.
std::optional<Event> read_event(int socket, bool& lost) {
    std::array<std::byte, kMostMessageBytes> bytes{};
    sockaddr_nl from{};
    socklen_t from_bytes = sizeof(from);
    ssize_t length = 0;
    do {
        length = ::recvfrom(socket, bytes.data(), bytes.size(), MSG_DONTWAIT,
                            reinterpret_cast<sockaddr*>(&from), &from_bytes);
    } while (length < 0 && errno == EINTR);
    if (length < 0) {
        lost = errno != EAGAIN && errno != EWOULDBLOCK;
        return std::nullopt;
    }
    // Any program may write to us; only the kernel has no id.
    Event event{.what = ~0U};
    if (from.nl_pid != 0) return event;
    const auto message = std::span(bytes).first(static_cast<std::size_t>(length));
    event.what = load<std::uint32_t>(message, kEvent).value_or(~0U);
    if (event.what == kNone) event.ack = load<std::uint32_t>(message, kData).value_or(EPROTO);
    if (event.what == kFork) event.pid = load<pid_t>(message, kChildProcess).value_or(0);
    if (event.what == kExec) event.pid = load<pid_t>(message, kExecProcess).value_or(0);
    return event;
}

// The kernel is silent where it does not want to.
Status wait_for_answer(int socket) {
    const auto until = std::chrono::steady_clock::now() + kAnswerWithin;
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        pollfd one{.fd = socket, .events = POLLIN, .revents = 0};
        if (left.count() <= 0 || ::poll(&one, 1, static_cast<int>(left.count())) == 0)
            return Error{Errc::unsupported, 0, "the kernel tells of processes in its first namespaces only"};
        bool lost = false;
        const auto event = read_event(socket, lost);
        if (!event || event->what != kNone) continue;
        if (event->ack == 0) return {};
        return Error{Errc::denied, static_cast<int>(event->ack), "the process connector needs CAP_NET_ADMIN"};
    }
}

}  // namespace

Result<ProcessEvents> ProcessEvents::open() {
    UniqueFd socket(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR));
    if (!socket.is_open())
        return Error{Errc::unsupported, errno,
                     "the process connector is not to be had in this network namespace"};
    if (::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kBufferBytes, sizeof(kBufferBytes)) != 0)
        static_cast<void>(
            ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &kBufferBytes, sizeof(kBufferBytes)));
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = CN_IDX_PROC;
    if (!add_filter(socket.get()) ||
        ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
        !ask_for_news(socket.get()))
        return Error{Errc::denied, errno, "the process connector needs CAP_NET_ADMIN"};
    if (auto answered = wait_for_answer(socket.get()); !answered) return answered.error();
    return ProcessEvents(std::move(socket));
}

ProcessEvents::News ProcessEvents::take() {
    News news;
    for (;;) {
        const auto event = read_event(socket_.get(), news.lost);
        if (!event) return news;
        if (event->pid <= 0) continue;
        if (news.pids.size() >= kMostAtOnce) {
            news.lost = true;
            return news;
        }
        news.pids.push_back(event->pid);
    }
}

}  // namespace corotrace
