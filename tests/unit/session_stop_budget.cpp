// SPDX-License-Identifier: MIT
#include "tracer/session/stop_budget.hpp"

#include "tests/support/catch.hpp"

namespace corotrace::session_stop_budget_test {

using namespace std::chrono_literals;

TEST_CASE("stops cost no more than their share of the time over a long run") {
    StopBudget budget(0.01);
    StopBudget::Duration spent{0};
    for (int tick = 0; tick < 10000; ++tick) {
        budget.earn(100ms);
        for (auto stops = budget.affordable(); stops > 0; --stops) {
            budget.spend(100us);
            spent += 100us;
        }
    }
    const auto run = 10000 * 100ms;
    CHECK(spent < run / 100 + 25ms);
    CHECK(spent > run / 400);
}

TEST_CASE("a quiet time saves up only so much") {
    StopBudget budget(0.01);
    budget.earn(24h);
    CHECK(budget.affordable() <= 50);
    CHECK(budget.affordable() > 0);
}

TEST_CASE("one stop that took very long is paid back before the next") {
    StopBudget budget(0.01);
    budget.spend(1s);
    CHECK(budget.affordable() < 0);
    budget.earn(90s);
    CHECK(budget.affordable() <= 0);
    budget.earn(20s);
    CHECK(budget.affordable() > 0);
}

TEST_CASE("stops beyond the budget are a debt, of which one long one is not much") {
    StopBudget budget(0.01);
    for (int i = 0; i < 100; ++i) budget.spend(1ms);
    CHECK(budget.affordable() < -40);
    StopBudget slow(0.01);
    slow.spend(300ms);
    CHECK(slow.affordable() < 0);
    CHECK(slow.affordable() > -10);
}

TEST_CASE("a share of one is no limit") {
    StopBudget budget(1.0);
    CHECK(budget.is_unlimited());
    budget.spend(1h);
    CHECK(budget.affordable() == StopBudget::kPortion);  // again and again
}

}  // namespace corotrace::session_stop_budget_test
