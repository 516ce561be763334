// SPDX-License-Identifier: MIT
#include "tracer/findings/reported_sites.hpp"

#include "tests/support/catch.hpp"

namespace corotrace::findings_reported_sites_test {
namespace {

SiteCount make_site(FindingKind kind, std::string qualname, std::uint64_t count) {
    SiteCount site;
    site.first.kind = kind;
    site.first.coroutine.qualname = std::move(qualname);
    site.count = count;
    site.sampled = 1;
    return site;
}

std::vector<SiteCount> make_sites() {
    return {make_site(FindingKind::kCoroutine, "app.save", 5),
            make_site(FindingKind::kCoroutine, "lib.mail", 3),
            make_site(FindingKind::kTaskDestroyedPending, "app.poll", 2),
            make_site(FindingKind::kTaskExceptionNeverRetrieved, "lib.read", 1)};
}

TEST_CASE("without filters all is reported") {
    const auto reported = choose_reported(make_sites(), {{}, {}});
    CHECK(reported.sites.size() == 4);
    CHECK(reported.never_awaited == 8);
    CHECK(reported.sampled == 2);
    CHECK(reported.lost_tasks.destroyed_pending == 2);
    CHECK(reported.lost_tasks.exception_never_retrieved == 1);
    CHECK(reported.left_out == 0);
}

TEST_CASE("what the filters leave out is no finding, but is told how much it is") {
    const auto reported = choose_reported(make_sites(), {{}, {"lib.*"}});
    CHECK(reported.sites.size() == 2);
    CHECK(reported.never_awaited == 5);
    CHECK(reported.sampled == 1);
    CHECK(reported.lost_tasks.all() == 2);
    CHECK(reported.left_out == 4);
    CHECK(reported.left_out_sites == 2);
}

TEST_CASE("a line that only a warning blamed is filtered by its own file") {
    SiteCount site = make_site(FindingKind::kCoroutine, "save", 0);
    site.first.coroutine.file = "/srv/store.py";
    site.first.blamed = BlamedLine{"app", "/srv/app.py", 1, std::nullopt};
    CHECK(choose_reported({site}, {{"/srv/app.py"}, {}}).sites.size() == 1);
    CHECK(choose_reported({site}, {{"/srv/store.py"}, {}}).sites.empty());
}

}  // namespace
}  // namespace corotrace::findings_reported_sites_test
