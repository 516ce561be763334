// SPDX-License-Identifier: MIT
// nlohmann's JSON for tests whose facts come from another program.
#pragma once

#include <nlohmann/json.hpp>
