// SPDX-License-Identifier: MIT
// The test that unittest runs on a stack, found by the frames of its own functions. Runners that are made of
// unittest, such as Django's, run tests by the same ones.
#pragma once

#include <string>

#include "cpython_layouts/frame.hpp"

namespace corotrace {

// "shop.tests.test_cart.Cart.test_total (call)", the id that unittest gives it, and what of it runs: setup,
// call, teardown or cleanup; or "setUpClass (shop.tests.test_cart.Cart)". Of several the innermost. Needs:
// the thread of `stack` stopped. Cost: none without such a frame; else about 15 reads. Errors: not_found
// (none runs there), unreadable, malformed. Source: CPython Lib/unittest/case.py TestCase.run(), suite.py
// _handleClassSetUp(), from 3.8 to 3.15.
[[nodiscard]] Result<std::string> read_unittest_name(const RemoteMemory& memory, const Layout& layout,
                                                     const RawStack& stack);

}  // namespace corotrace
