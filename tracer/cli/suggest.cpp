// SPDX-License-Identifier: MIT
#include "tracer/cli/suggest.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace corotrace::cli {
namespace {

constexpr std::size_t kMaxSlips = 2;
constexpr std::size_t kMaxWord = 64;  // longer ones are no slips of typing, and cost is quadratic

// Optimal string alignment distance.
std::size_t count_slips(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> slips(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) slips[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) slips[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t other = a[i - 1] == b[j - 1] ? 0 : 1;
            slips[i][j] = std::min({slips[i - 1][j] + 1, slips[i][j - 1] + 1, slips[i - 1][j - 1] + other});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) slips[i][j] = std::min(slips[i][j], slips[i - 2][j - 2] + 1);
        }
    }
    return slips[a.size()][b.size()];
}

}  // namespace

std::optional<std::string_view> find_similar(std::string_view word,
                                             std::span<const std::string_view> candidates) {
    if (word.empty() || word.size() > kMaxWord) return std::nullopt;
    const auto begins = [&](std::string_view candidate) { return candidate.substr(0, word.size()) == word; };
    if (std::count_if(candidates.begin(), candidates.end(), begins) == 1)
        return *std::find_if(candidates.begin(), candidates.end(), begins);

    std::optional<std::string_view> best;
    std::size_t fewest = std::min(kMaxSlips, (word.size() - 1) / 2) + 1;
    for (const std::string_view candidate : candidates) {
        const std::size_t slips = count_slips(word, candidate);
        if (slips < fewest) {
            fewest = slips;
            best = candidate;
        }
    }
    return best;
}

}  // namespace corotrace::cli
