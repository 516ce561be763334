// SPDX-License-Identifier: MIT
// TestName: the test that pytest runs in the target, which it keeps in the environment variable
// PYTEST_CURRENT_TEST. Python hands its environment on to setenv(3), so C's `environ` has it.
// Source: https://docs.pytest.org/en/stable/example/simple.html#pytest-current-test-environment-variable
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "symbols/remote_memory.hpp"
#include "symbols/symbol_index.hpp"

namespace corotrace {

class TestName {
public:
    // Both must outlive it.
    TestName(const RemoteMemory& memory, SymbolIndex& symbols) : memory_(memory), symbols_(symbols) {}

    // Looks for the variable, until a test was seen once. Cost: some reads, and one a variable where the
    // environment has changed; at first also a look at the exported symbols of each module. To be called now
    // and then.
    void look();
    // "tests/test_store.py::test_save (call)"; null: none runs, or look() was never called.
    // Needs: the thread that asks stopped, or the answer may be that of the next test. Cost: 4 reads; where
    // the environment has changed those of look().
    [[nodiscard]] std::optional<std::string> read();

private:
    [[nodiscard]] std::vector<RemoteAddr> variables() const;
    [[nodiscard]] bool is_it(RemoteAddr variable) const;
    // The variable's address, if it is there.
    [[nodiscard]] std::optional<RemoteAddr> variable(std::size_t index) const;
    // Sets `index_`, if the environment is another than at the last time and the variable in it.
    bool find();

    void find_environment();

    const RemoteMemory& memory_;
    SymbolIndex& symbols_;
    bool searched_ = false;
    std::optional<RemoteAddr> environ_;
    std::optional<std::size_t> index_;  // where it was seen last
    std::vector<RemoteAddr> seen_;      // the environment, when it was last looked through
};

}  // namespace corotrace
