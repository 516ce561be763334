// SPDX-License-Identifier: MIT
#include "tracer/findings/fingerprint.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "tracer/findings/kind_name.hpp"

namespace corotrace {
namespace {

// FNV-1a, 64 bits: stable over machines and versions of the standard library, and good enough to tell sites
// of one program apart.
class Fnv {
public:
    void add(std::string_view text) {
        for (const char c : text) mix(static_cast<unsigned char>(c));
        mix(0);
    }
    [[nodiscard]] std::string hex() const {
        constexpr std::string_view kDigits = "0123456789abcdef";
        std::string text;
        for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[(hash_ >> shift) & 15];
        return text;
    }

private:
    void mix(unsigned char byte) { hash_ = (hash_ ^ byte) * 0x100000001b3ULL; }
    std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

std::string_view trim_source(std::string_view text) {
    constexpr std::string_view kSpace = " \t\f\r\n";
    const auto begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

// From 3.12 on it has no frame of its own. Source: PEP 709.
bool is_comprehension(const Frame& frame) {
    constexpr std::array<std::string_view, 3> kComprehensions{"<listcomp>", "<setcomp>", "<dictcomp>"};
    return std::ranges::find(kComprehensions, frame.name) != kComprehensions.end();
}

using Step = std::pair<std::string, std::string>;  // function, line

std::string describe_line(const Frame& frame) {
    if (frame.source) return std::string(trim_source(*frame.source));
    return frame.line ? "line " + std::to_string(*frame.line) : "";
}

std::vector<Step> own_steps(const std::vector<Frame>& frames, const OwnCode& own) {
    std::vector<Step> steps;
    for (const Frame& frame : frames) {
        if (!own.is_own(frame.file)) continue;
        Step step{frame.name, describe_line(frame)};
        if (is_comprehension(frame) && !steps.empty()) {
            steps.back().second = std::move(step.second);
        } else if (steps.empty() || steps.back() != step) {
            steps.push_back(std::move(step));
        }
    }
    return steps;
}

void add_frames(Fnv& hash, const std::vector<Frame>& frames, const OwnCode& own) {
    const auto steps = own_steps(frames, own);
    for (const auto& [function, line] : steps) {
        hash.add(function);
        hash.add(line);
    }
    if (!steps.empty() || frames.empty()) return;
    hash.add(frames.back().name);
    hash.add(portable_path(frames.back().file));
}

Fnv hash(const Finding& finding, const OwnCode& own) {
    Fnv hash;
    hash.add("2");
    hash.add(name_of(finding.kind));
    hash.add(finding.coroutine.qualname.value_or(""));
    hash.add(portable_path(finding.coroutine.file.value_or("")));
    if (finding.dropped.cause == DropCause::kCyclicGc) {
        hash.add("collected");
    } else if (finding.dropped.frames) {
        add_frames(hash, *finding.dropped.frames, own);
    }
    const auto& ended = finding.dropped.ended;
    if (ended && own.is_own(ended->file)) {
        hash.add(ended->name);
        hash.add(describe_line(*ended));
    }
    if (finding.lost_task) {
        hash.add(finding.lost_task->exception.value_or(""));
        const auto& raised = finding.lost_task->raised;
        if (raised && !raised->empty()) add_frames(hash, {raised->back()}, own);
    }
    return hash;
}

}  // namespace

std::string make_fingerprint(const Finding& finding, const OwnCode& own) {
    return hash(finding, own).hex();
}

std::string make_folded_fingerprint(const Finding& common) {
    Fnv folded = hash(common, {});
    folded.add("folded");
    return folded.hex();
}

}  // namespace corotrace
