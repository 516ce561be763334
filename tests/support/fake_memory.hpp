// SPDX-License-Identifier: MIT
// FakeMemory: a piece of memory at an address of choice, which counts how often it is read.
#pragma once

#include <algorithm>
#include <vector>

#include "symbols/remote_memory.hpp"

namespace corotrace {

class FakeMemory final : public RemoteMemory {
public:
    FakeMemory(RemoteAddr start, std::vector<std::byte> bytes) : start_(start), bytes_(std::move(bytes)) {}

    [[nodiscard]] Status read(RemoteAddr from, std::span<std::byte> into) const override {
        ++reads_;
        const std::uint64_t at = from.value - start_.value;
        if (at > bytes_.size() || into.size() > bytes_.size() - at) return Error{Errc::unreadable, 0, "fake"};
        std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at), into.size(), into.begin());
        return {};
    }

    [[nodiscard]] std::vector<std::byte>& bytes() { return bytes_; }
    [[nodiscard]] int reads() const { return reads_; }

private:
    RemoteAddr start_;
    std::vector<std::byte> bytes_;
    mutable int reads_ = 0;
};

}  // namespace corotrace
