// SPDX-License-Identifier: MIT
// Its old place: include symbols/escape.hpp instead.
#pragma once

#include "symbols/escape.hpp"
