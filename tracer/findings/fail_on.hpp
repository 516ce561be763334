// SPDX-License-Identifier: MIT
// FailOn: --fail-on. Which findings, and from how many sites on, are reason to fail.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "symbols/result.hpp"
#include "tracer/findings/finding.hpp"

namespace corotrace {

enum class FailClass : std::uint8_t { kAny, kNeverAwaited, kTaskDestroyed, kTaskException };

struct FailRule {
    FailClass what = FailClass::kAny;
    std::uint64_t sites = 1;  // so many are too many
};

class FailOn {
public:
    // Never fails.
    FailOn() = default;
    // "any", "any:10", "never-awaited,task-exception:3". Errors: usage.
    [[nodiscard]] static Result<FailOn> parse(std::string_view text);

    [[nodiscard]] bool empty() const { return rules_.empty(); }
    // Whether a single finding of whatever kind is enough.
    [[nodiscard]] bool fails_on_one() const;
    // The first rule that is broken, in words: "--fail-on any:2: 2 sites, 1 allowed". "": none is.
    [[nodiscard]] std::string find_reason(std::span<const SiteCount> sites) const;

private:
    std::vector<FailRule> rules_;
};

}  // namespace corotrace
