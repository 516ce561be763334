// SPDX-License-Identifier: MIT
#include "tracer/observe/site_filter.hpp"

#include "tests/support/catch.hpp"

namespace corotrace {
namespace {

SiteFilter make_filter(std::vector<std::string> include, std::vector<std::string> exclude) {
    AttachOptions options;
    options.include = std::move(include);
    options.exclude = std::move(exclude);
    return SiteFilter(options);
}

TEST_CASE("without patterns every site is accepted") {
    CHECK(make_filter({}, {}).accepts_all());
    CHECK(make_filter({}, {}).accepts("f", "/a.py"));
}

TEST_CASE("a pattern matches the whole qualified name or the whole path") {
    const auto filter = make_filter({"Store.*", "/srv/app/*"}, {});
    CHECK_FALSE(filter.accepts_all());
    CHECK(filter.accepts("Store.save", "/x.py"));
    CHECK(filter.accepts("f", "/srv/app/deep/down.py"));
    CHECK_FALSE(filter.accepts("MyStore.save", "/x.py"));
    CHECK_FALSE(filter.accepts("f", "/home/srv/app/x.py"));
    CHECK_FALSE(filter.accepts("", ""));
}

TEST_CASE("exclude is stronger than include") {
    const auto filter = make_filter({"Store.*"}, {"*/tests/*"});
    CHECK(filter.accepts("Store.save", "/srv/store.py"));
    CHECK_FALSE(filter.accepts("Store.save", "/srv/tests/store.py"));
    CHECK_FALSE(make_filter({}, {"*"}).accepts("", ""));
}

}  // namespace
}  // namespace corotrace
