// SPDX-License-Identifier: MIT
// The live view without a terminal: what keys do to what is shown.
#include "tracer/screen/top_view.hpp"

#include <algorithm>

#include "symbols/escape.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/findings.hpp"

namespace corotrace::screen_top_view_test {
namespace {

TopSite make_site(const std::string& name, std::uint64_t count, double rate) {
    Finding finding = test::make_ordinary_finding();
    finding.coroutine.qualname = name;
    finding.fingerprint = "of " + name;
    return {.first = std::make_shared<const Finding>(finding), .count = count, .per_second = rate};
}

TopCounts make_counts(const std::vector<TopSite>& sites) {
    TopCounts counts;
    for (const TopSite& site : sites) counts.never_awaited += site.count;
    counts.sites = sites;
    return counts;
}

TopCounts three() {
    return make_counts({make_site("beta", 5, 1.0), make_site("gamma", 9, 0.0), make_site("alpha", 2, 3.0)});
}

TopView make_view(std::size_t rows = 24, std::size_t columns = 80) {
    TopView view({.title = "process 7", .own = OwnCode(), .full_stack = false});
    view.resize({.rows = rows, .columns = columns});
    return view;
}

std::string text_of(const TopView& view) {
    std::string text;
    for (const ScreenLine& line : view.render()) text += line.text + "\n";
    return text;
}

bool shows(const TopView& view, const std::string& part) {
    return text_of(view).find(part) != std::string::npos;
}

// Whichever is selected.
std::string selected(const TopView& view) {
    for (const ScreenLine& line : view.render())
        if (line.style == LineStyle::kSelected) return line.text;
    return "";
}

bool is_selected(const TopView& view, const std::string& name) {
    return selected(view).find("  " + name + "  ") != std::string::npos;
}

// The names of the sites from top to bottom.
std::vector<std::string> order(const TopView& view) {
    std::vector<std::pair<std::size_t, std::string>> found;
    const std::string text = text_of(view);
    for (const char* name : {"alpha", "beta", "gamma"})
        if (text.find(name) != std::string::npos) found.emplace_back(text.find(name), name);
    std::ranges::sort(found);
    std::vector<std::string> names;
    for (const auto& [at, name] : found) names.push_back(name);
    return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a screen has as many lines as rows, none too wide, whatever it shows") {
    for (const std::size_t rows : {0U, 1U, 2U, 3U, 4U, 5U, 10U, 100U}) {
        for (const std::size_t columns : {0U, 1U, 2U, 5U, 20U, 69U, 70U, 300U}) {
            TopView view = make_view(rows, columns);
            CHECK(view.render().size() == rows);
            TopCounts counts = three();
            Finding hostile = test::make_hostile_finding();
            counts.sites.push_back({.first = std::make_shared<const Finding>(hostile), .count = 1});
            view.update(counts);
            for (const auto key :
                 {ScreenKey::kEnd, ScreenKey::kToggle, ScreenKey::kPageDown, ScreenKey::kPageUp,
                  ScreenKey::kHelp, ScreenKey::kSort, ScreenKey::kHome, ScreenKey::kToggle}) {
                view.press(key);
                const auto lines = view.render();
                CHECK(lines.size() == rows);
                for (const ScreenLine& line : lines) {
                    CHECK(display_width(line.text) <= columns);
                    CHECK(printable(line.text) == line.text);
                }
            }
        }
    }
}

TEST_CASE("sites are sorted by rate, count and name in turn") {
    TopView view = make_view();
    CHECK(shows(view, "no never-awaited coroutine yet"));
    view.update(three());
    CHECK(shows(view, "16 never-awaited coroutines, 0/s, 3 sites"));
    CHECK(order(view) == Names{"alpha", "beta", "gamma"});
    view.press(ScreenKey::kSort);
    CHECK(order(view) == Names{"gamma", "beta", "alpha"});
    CHECK(shows(view, "sorted by count"));
    view.press(ScreenKey::kSort);
    CHECK(order(view) == Names{"alpha", "beta", "gamma"});
    CHECK(shows(view, "sorted by name"));
    view.press(ScreenKey::kSort);
    CHECK(shows(view, "sorted by rate"));
}

TEST_CASE("before a key was pressed the first site is selected, afterwards a site stays so") {
    TopView view = make_view();
    view.update(three());
    CHECK(is_selected(view, "alpha"));
    view.update(make_counts({make_site("beta", 5, 8.0), make_site("alpha", 2, 3.0)}));
    CHECK(is_selected(view, "beta"));
    view.press(ScreenKey::kDown);
    CHECK(is_selected(view, "alpha"));
    view.update(three());
    CHECK(is_selected(view, "alpha"));
    view.press(ScreenKey::kEnd);
    CHECK(is_selected(view, "gamma"));
    view.press(ScreenKey::kDown);
    CHECK(is_selected(view, "gamma"));
    view.press(ScreenKey::kHome);
    view.press(ScreenKey::kUp);
    CHECK(is_selected(view, "alpha"));
}

TEST_CASE("an open site names the sites that tell of the same thing") {
    Finding task = test::make_lost_task_finding();
    task.coroutine = test::make_ordinary_finding().coroutine;
    task.lost_task->awaiting.emplace();
    TopCounts counts;
    counts.sites.push_back(
        {.first = std::make_shared<const Finding>(test::make_ordinary_finding()), .count = 2});
    counts.sites.push_back({.first = std::make_shared<const Finding>(task), .count = 1});
    TopView view = make_view(60);
    view.update(counts);
    CHECK_FALSE(shows(view, "related"));
    view.press(ScreenKey::kToggle);
    CHECK(shows(view, "related    task 'Task-7' of 'Store.save' was destroyed"));
    view.update(three());
    CHECK_FALSE(shows(view, "related"));
}

TEST_CASE("an open site shows its whole block, which goes on with new counts") {
    TopView view = make_view(60);
    view.update(three());
    view.press(ScreenKey::kDown);
    view.press(ScreenKey::kToggle);
    CHECK(shows(view, "coroutine 'beta' was never awaited, 5 times"));
    CHECK(shows(view, "    Dropped at (most recent call last):"));
    CHECK(selected(view).substr(0, 2) == "- ");
    view.update(make_counts({make_site("beta", 6, 1.0)}));
    CHECK(shows(view, "was never awaited, 6 times"));
    view.press(ScreenKey::kClose);
    CHECK_FALSE(shows(view, "Dropped at"));
    view.press(ScreenKey::kOpen);
    CHECK(shows(view, "Dropped at"));
}

TEST_CASE("a site that is higher than the screen is scrolled line by line") {
    TopView view = make_view(10);
    view.update(three());
    view.press(ScreenKey::kOpen);
    CHECK(is_selected(view, "alpha"));
    int steps = 0;
    while (!is_selected(view, "beta") && steps < 100) {
        view.press(ScreenKey::kDown);
        ++steps;
    }
    CHECK(steps > 20);
    CHECK(steps < 60);
    view.press(ScreenKey::kUp);
    CHECK_FALSE(is_selected(view, "alpha"));  // its end is shown, not its row
    while (!is_selected(view, "alpha") && steps > 0) {
        view.press(ScreenKey::kUp);
        --steps;
    }
    CHECK(is_selected(view, "alpha"));
    view.press(ScreenKey::kEnd);
    CHECK(is_selected(view, "gamma"));
}

TEST_CASE("while the display pauses it stands still, and then shows what is there now") {
    TopView view = make_view();
    view.update(three());
    view.press(ScreenKey::kPause);
    view.update(make_counts({make_site("beta", 500, 1.0)}));
    CHECK(shows(view, "16 never-awaited"));
    CHECK(shows(view, "display paused"));
    view.press(ScreenKey::kSort);
    CHECK(order(view) == Names{"gamma", "beta", "alpha"});
    view.press(ScreenKey::kPause);
    CHECK(shows(view, "500 never-awaited"));
    CHECK_FALSE(shows(view, "display paused"));
}

TEST_CASE("help takes the place of the list until the next key, and q asks for the end") {
    TopView view = make_view();
    view.update(three());
    view.press(ScreenKey::kHelp);
    CHECK(shows(view, "sort by rate, count, name"));
    CHECK_FALSE(shows(view, "alpha"));
    view.press(ScreenKey::kNone);
    CHECK_FALSE(shows(view, "alpha"));
    view.press(ScreenKey::kHelp);
    CHECK(shows(view, "alpha"));
    CHECK_FALSE(view.wants_end());
    view.press(ScreenKey::kQuit);
    CHECK(view.wants_end());
}

}  // namespace corotrace::screen_top_view_test
