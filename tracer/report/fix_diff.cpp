// SPDX-License-Identifier: MIT
#include "tracer/report/fix_diff.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "symbols/escape.hpp"
#include "tracer/report/traceback.hpp"

namespace corotrace {
namespace {

constexpr std::array<std::string_view, 10> kPutIn = {"await ",
                                                     "asyncio.run(",
                                                     "asyncio.create_task(",
                                                     "asyncio.ensure_future(",
                                                     "task = ",
                                                     "(*args, **kwargs)",
                                                     "(",
                                                     ")",
                                                     "[",
                                                     "]"};
constexpr std::array<std::string_view, 2> kTakenOut = {"await ", "async "};

// "lambda x=x: " at the beginning of the text; 0: none is there.
std::size_t size_of_lambda(std::string_view text) {
    const std::size_t colon = text.starts_with("lambda") ? text.find(": ") : std::string_view::npos;
    return colon == std::string_view::npos ? 0 : colon + 2;
}

bool is_comment(std::string_view rest) {
    const std::string_view text = strip(rest);
    return text.empty() || (text.front() == '#' && rest.front() != '#');
}

const Frame* frame_to_fix(const Finding& finding) {
    if (!finding.mistake || !finding.mistake->fix) return nullptr;
    std::vector<const Frame*> frames;
    if (finding.mistake->place) frames.push_back(&*finding.mistake->place);
    if (!finding.created.frames.empty()) frames.push_back(&finding.created.frames.back());
    if (finding.dropped.ended) frames.push_back(&*finding.dropped.ended);
    if (finding.dropped.frames && !finding.dropped.frames->empty())
        frames.push_back(&finding.dropped.frames->back());
    const auto found = std::ranges::find_if(frames, [&](const Frame* frame) {
        const std::string_view line = frame->source ? strip(*frame->source) : std::string_view();
        return !line.empty() && is_line_repaired(line, *finding.mistake->fix);
    });
    return found == frames.end() ? nullptr : *found;
}

std::size_t indentation_of(std::string_view line) {
    return std::min(line.find_first_not_of(" \t"), line.size());
}

// The line beside it; "" where there is none or it is empty.
std::string_view line_beside(const Frame& frame, int step) {
    if (frame.around == nullptr || !frame.line) return {};
    const std::int64_t at = std::int64_t{*frame.line} + step - frame.around->first;
    const auto count = static_cast<std::int64_t>(frame.around->lines.size());
    return at >= 0 && at < count ? std::string_view(frame.around->lines[static_cast<std::size_t>(at)])
                                 : std::string_view();
}

// How far a line can be turned into a fix: so much of the one, so much of the other.
class Repair {
public:
    Repair(std::string_view line, std::string_view fix)
        : line_(line), fix_(fix), reached_((line.size() + 1) * (fix.size() + 1), false) {
        reach(0, 0);
    }

    // To be called in ascending order. True: all of the fix was made.
    [[nodiscard]] bool go_on(std::size_t i, std::size_t j) {
        if (!reached_[place(i, j)]) return false;
        const std::string_view old_rest = line_.substr(i);
        const std::string_view new_rest = fix_.substr(j);
        if (new_rest.empty() && is_comment(old_rest)) return true;
        if (!old_rest.empty() && !new_rest.empty() && old_rest.front() == new_rest.front()) {
            reach(i + 1, j + 1);
        }
        for (const std::string_view piece : kPutIn) {
            if (new_rest.starts_with(piece)) reach(i, j + piece.size());
        }
        reach(i, j + size_of_lambda(new_rest));
        for (const std::string_view piece : kTakenOut) {
            if (old_rest.starts_with(piece)) reach(i + piece.size(), j);
        }
        return false;
    }

private:
    [[nodiscard]] std::size_t place(std::size_t i, std::size_t j) const { return i * (fix_.size() + 1) + j; }
    void reach(std::size_t i, std::size_t j) { reached_[place(i, j)] = true; }

    std::string_view line_;
    std::string_view fix_;
    std::vector<bool> reached_;
};

}  // namespace

bool is_line_repaired(std::string_view line, std::string_view fix) {
    Repair repair(line, fix);
    for (std::size_t i = 0; i <= line.size(); ++i) {
        for (std::size_t j = 0; j <= fix.size(); ++j) {
            if (repair.go_on(i, j)) return true;
        }
    }
    return false;
}

std::string_view line_to_fix(const Finding& finding) {
    const Frame* frame = frame_to_fix(finding);
    return frame == nullptr ? std::string_view() : strip(*frame->source);
}

std::vector<DiffLine> make_fix_diff(const Finding& finding) {
    const Frame* frame = frame_to_fix(finding);
    if (frame == nullptr) return {};
    const std::string_view before = line_beside(*frame, -1);
    const std::string_view after = line_beside(*frame, 1);
    const std::string_view line = *frame->source;
    std::size_t common = indentation_of(line);
    for (const std::string_view one : {before, after}) {
        if (!one.empty()) common = std::min(common, indentation_of(one));
    }
    const std::string indent(line.substr(common, indentation_of(line) - common));
    std::vector<DiffLine> lines;
    const auto add = [&](DiffPart part, std::string_view mark, const std::string& text) {
        lines.push_back({part, std::string(mark) + text});
    };
    if (!before.empty()) add(DiffPart::kAround, "  ", printable_source(before.substr(common)));
    add(DiffPart::kRemoved, "- ", printable_source(indent + std::string(strip(line))));
    add(DiffPart::kAdded, "+ ", printable_source(indent) + printable(*finding.mistake->fix));
    if (!after.empty()) add(DiffPart::kAround, "  ", printable_source(after.substr(common)));
    return lines;
}

}  // namespace corotrace
