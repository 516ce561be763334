// SPDX-License-Identifier: MIT
#include "tracer/findings/site_filter.hpp"

#include "tests/support/catch.hpp"

namespace corotrace::findings_site_filter_test {
namespace {

TEST_CASE("without patterns every site is accepted") {
    CHECK(SiteFilter({}, {}).accepts("f", "/a.py"));
}

TEST_CASE("a pattern matches the whole qualified name or the whole path") {
    const SiteFilter filter({"Store.*", "/srv/app/*"}, {});
    CHECK(filter.accepts("Store.save", "/x.py"));
    CHECK(filter.accepts("f", "/srv/app/deep/down.py"));
    CHECK_FALSE(filter.accepts("MyStore.save", "/x.py"));
    CHECK_FALSE(filter.accepts("f", "/home/srv/app/x.py"));
    CHECK_FALSE(filter.accepts("", ""));
}

TEST_CASE("exclude is stronger than include") {
    const SiteFilter filter({"Store.*"}, {"*/tests/*"});
    CHECK(filter.accepts("Store.save", "/srv/store.py"));
    CHECK_FALSE(filter.accepts("Store.save", "/srv/tests/store.py"));
    CHECK_FALSE(SiteFilter({}, {"*"}).accepts("", ""));
}

}  // namespace
}  // namespace corotrace::findings_site_filter_test
