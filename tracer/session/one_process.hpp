// SPDX-License-Identifier: MIT
// OneProcess: the membership of a run that watches a single process.
#pragma once

#include <utility>

#include "tracer/session/membership.hpp"

namespace corotrace {

class OneProcess final : public Membership {
public:
    explicit OneProcess(AttachOptions options) : options_(std::move(options)) {}

    [[nodiscard]] std::vector<Candidate> look() override {
        if (std::exchange(was_named_, true)) return {};
        return {Candidate{.options = options_,
                          .is_essential = true,
                          .inherits = false,
                          .is_held = false,
                          .generation = 1,
                          .missed = {}}};
    }
    [[nodiscard]] bool is_complete() const override { return was_named_; }
    [[nodiscard]] bool is_several() const override { return false; }

private:
    AttachOptions options_;
    bool was_named_ = false;
};

}  // namespace corotrace
