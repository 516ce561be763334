// SPDX-License-Identifier: MIT
#include "tracer/http/http_outbox.hpp"

#include "tests/support/catch.hpp"
#include "tracer/http/http_client.hpp"
#include "tracer/http/http_url.hpp"

namespace corotrace::http_outbox_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("where something is sent") {
    const auto url = HttpUrl::parse("http://collector:4318/otlp/");
    REQUIRE(url.ok());
    CHECK_FALSE(url->tls);
    CHECK((url->host == "collector"));
    CHECK(url->port == 4318);
    CHECK((url->path == "/otlp"));
    CHECK((url->host_field() == "collector:4318"));
    CHECK((url->describe() == "http://collector:4318/otlp"));
    CHECK(HttpUrl::parse("https://a.b")->port == 443);
    CHECK(HttpUrl::parse("http://a.b/")->port == 80);
    CHECK((HttpUrl::parse("https://a.b:443")->describe() == "https://a.b"));
    CHECK((HttpUrl::parse("https://[::1]:4318")->host == "::1"));
    CHECK((HttpUrl::parse("http://[::1]")->host_field() == "[::1]"));
    for (const std::string& wrong :
         {std::string(), std::string("collector:4318"), std::string("grpc://a"), std::string("http://"),
          std::string("http://:80"), std::string("http://a:"), std::string("http://a:0"),
          std::string("http://a:65536"), std::string("http://a:1x"), std::string("http://a b"),
          std::string("http://a/?q"), std::string("http://a/#f"), std::string("http://a/\r\nX: y"),
          std::string("http://[::1"), std::string("http://[fe80::1%lo]"), std::string("http://[a]"),
          "http://" + std::string(3000, 'a')}) {
        INFO(wrong);
        REQUIRE_FALSE(HttpUrl::parse(wrong).ok());
        CHECK(HttpUrl::parse(wrong).error().code == Errc::usage);
    }
    const auto secret = HttpUrl::parse("https://user:secret@a");
    REQUIRE_FALSE(secret.ok());
    CHECK(secret.error().what.find("secret") == std::string::npos);
}

TEST_CASE("pauses grow, are bounded, and differ") {
    CHECK(choose_pause(1, 0) == milliseconds(500));
    CHECK(choose_pause(1, 1) == milliseconds(1000));
    CHECK(choose_pause(2, 0) == milliseconds(1000));
    CHECK(choose_pause(4, 0.5) == milliseconds(6000));
    for (const unsigned many : {7U, 100U, 4'000'000'000U}) {
        CHECK(choose_pause(many, 0) == seconds(30));
        CHECK(choose_pause(many, 1) == seconds(60));
    }
}

TEST_CASE("when a server wants to be asked again") {
    // 2026-01-31T12:03:55Z
    const std::chrono::system_clock::time_point now(seconds(1769861035));
    CHECK(parse_retry_after("7", now) == seconds(7));
    CHECK(parse_retry_after("0", now) == seconds(0));
    CHECK(parse_retry_after("-7", now) == seconds(0));
    CHECK(parse_retry_after("9223372036854775807", now) == std::chrono::hours(24));
    CHECK(parse_retry_after("Sat, 31 Jan 2026 12:04:55 GMT", now) == seconds(60));
    CHECK(parse_retry_after("Sat, 31 Jan 2026 12:00:00 GMT", now) == seconds(0));
    for (const char* wrong : {"", "soon", "7s", "99999999999999999999", "Sat, 31 Jan 2026 12:04:55", "\x01"})
        CHECK_FALSE(parse_retry_after(wrong, now).has_value());
}

TEST_CASE("records that nobody takes have bounded room, and are counted") {
    // Nobody listens on port 1 of this host.
    auto client =
        HttpClient::make({.url = *HttpUrl::parse("http://127.0.0.1:1"), .headers = {}, .authorities = {}});
    REQUIRE(client.ok());
    OutboxPlan plan;
    plan.records.emplace(OutboxAddress{.client = std::move(client).value(),
                                       .path = "/",
                                       .type = "text/plain",
                                       .on_change = {},
                                       .read_rejected = {},
                                       .on_rejected = {}});
    plan.join = [](const std::vector<std::string>& records) { return records.front(); };
    auto outbox = HttpOutbox::start(std::move(plan));
    REQUIRE(outbox.ok());
    const std::string record(HttpOutbox::kMostQueuedBytes / 4, 'x');
    for (int i = 0; i < 6; ++i) outbox->put(record);
    auto counts = outbox->counts();
    CHECK(counts.queued == 4);
    CHECK(counts.dropped == 2);
    CHECK(counts.sent == 0);
    outbox->finish(seconds(0));
    outbox->put("too late");
    counts = outbox->counts();
    CHECK(counts.queued == 0);
    CHECK(counts.dropped == 7);
}

TEST_CASE("who signs a server's certificate is read before anything is sent") {
    const auto client =
        HttpClient::make({.url = *HttpUrl::parse("https://a"), .headers = {}, .authorities = "/nonexistent"});
    REQUIRE_FALSE(client.ok());
    CHECK(client.error().code == Errc::usage);
}

}  // namespace

}  // namespace corotrace::http_outbox_test
