// SPDX-License-Identifier: MIT
// The catalogue against the rules that give the ids, and against the documents that explain them.
#include "tracer/findings/mistakes.hpp"

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/test_data.hpp"

namespace corotrace::findings_mistakes_test {
namespace {

// The ids that the rules give, as they stand in their source.
std::set<std::string> find_ids_of_rules() {
    std::set<std::string> ids;
    const std::regex given(R"re((?:\bid = |\bculprit, |Mistake\{|Verdict\{)"([a-z]+(?:_[a-z]+)*)")re");
    for (const auto& file : std::filesystem::directory_iterator(test::test_data("../tracer/diagnose"))) {
        if (file.path().extension() != ".cpp") continue;
        const std::string text = test::read_text(file.path());
        for (auto at = std::sregex_iterator(text.begin(), text.end(), given); at != std::sregex_iterator();
             ++at)
            ids.insert((*at)[1].str());
    }
    return ids;
}

TEST_CASE("every id that a rule gives is in the catalogue") {
    const auto ids = find_ids_of_rules();
    CHECK(ids.size() > 20);
    for (const std::string& id : ids) {
        INFO(id);
        CHECK(find_mistake_kind(id) != nullptr);
    }
}

TEST_CASE("every id of the catalogue is once in it, said in whole sentences, and in the man page") {
    std::set<std::string_view> seen;
    const std::string page = test::read_text(test::test_data("../tracer/cli/corotrace.1"));
    for (const MistakeKind& kind : mistake_kinds()) {
        INFO(kind.id);
        CHECK(seen.insert(kind.id).second);
        CHECK_FALSE(kind.title.ends_with('.'));
        CHECK(kind.help.ends_with('.'));
        CHECK(page.find("\n.B " + std::string(kind.id) + "\n") != std::string::npos);
    }
    CHECK(find_mistake_kind("no such id") == nullptr);
}

}  // namespace
}  // namespace corotrace::findings_mistakes_test
