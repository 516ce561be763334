// SPDX-License-Identifier: MIT
// HttpOutbox: posts records, several at a time, and now and then a whole snapshot, each to a server, from a
// thread of its own. Nobody ever waits for a server: records have bounded room, what is more is dropped
// and counted. A server that cannot be reached or says it is busy is asked again, after a time that grows up
// to a minute and is never the same for all who ask, or after the one that it names. What it refuses is
// dropped and counted. Source: opentelemetry.io/docs/specs/otlp, OTLP/HTTP response and throttling.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "symbols/result.hpp"
#include "tracer/http/http_client.hpp"

namespace corotrace {

// What a server that took a post says that it left out of it.
struct HttpRejected {
    std::uint64_t count = 0;  // as it says
    std::string message;      // its own words, any bytes
};

// Where one kind of posts goes. The functions are called on the outbox's thread.
struct OutboxAddress {
    HttpClient client;
    std::string path;  // behind that of the server's URL
    std::string type;  // Content-Type
    std::chrono::milliseconds answer_within{10'000};
    // When it begins to fail, and when it has come right again: null.
    std::function<void(const Error* problem)> on_change;
    // By the body of its answer. Empty: it never leaves anything out.
    std::function<HttpRejected(std::string_view answer)> read_rejected;
    // The first time that it left out something, or had a warning.
    std::function<void(const HttpRejected& rejected)> on_rejected;
};

// What is posted where; null: no such thing is. The functions are called on the outbox's thread.
struct OutboxPlan {
    std::optional<OutboxAddress> records;
    std::function<std::string(const std::vector<std::string>& records)> join;
    std::optional<OutboxAddress> snapshots;
    std::function<std::string()> take_snapshot;
    std::chrono::milliseconds snapshot_every{60'000};
};

struct OutboxCounts {
    std::uint64_t sent = 0;                   // records that were taken
    std::uint64_t dropped = 0;                // that found no room, were refused, or were left at the end
    std::uint64_t rejected_of_snapshots = 0;  // parts, as the server counts them
    std::uint64_t failures = 0;               // posts that failed, each attempt
    std::size_t queued = 0;                   // records that wait
};

class HttpOutbox {
public:
    static constexpr std::size_t kMostQueuedBytes = 4U << 20U;
    static constexpr std::size_t kMostRecordsAtOnce = 200;
    static constexpr std::size_t kMostBytesAtOnce = 512U << 10U;
    static constexpr std::chrono::seconds kFirstPause{1};
    static constexpr std::chrono::seconds kLongestPause{60};
    static constexpr std::chrono::seconds kLongestAskedPause{300};  // whatever the server names

    // Precondition: signals that others wait for are blocked. Errors: io (no thread).
    [[nodiscard]] static Result<HttpOutbox> start(OutboxPlan plan);
    HttpOutbox(HttpOutbox&&) noexcept;
    HttpOutbox& operator=(HttpOutbox&&) = delete;
    // As finish() without any time.
    ~HttpOutbox();

    // On any thread; takes microseconds. Without an address for records it is dropped.
    void put(std::string record);
    [[nodiscard]] OutboxCounts counts() const;
    // Posts what waits and a last snapshot, each once, and ends the thread. Waits for `within` and no longer.
    void finish(std::chrono::milliseconds within);

private:
    class Loop;
    explicit HttpOutbox(std::unique_ptr<Loop> loop);
    std::unique_ptr<Loop> loop_;
};

// How long to wait after the `failures`th failure in a row, from 1: half of a time that doubles, and a part
// of the other half, which `jitter` (0 to 1) chooses.
[[nodiscard]] std::chrono::milliseconds choose_pause(unsigned failures, double jitter);

}  // namespace corotrace
