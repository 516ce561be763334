// SPDX-License-Identifier: MIT
#include "tracer/report/html.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "symbols/escape.hpp"
#include "tracer/findings/merged_sites.hpp"
#include "tracer/report/html_page.hpp"
#include "tracer/report/html_site.hpp"
#include "tracer/report/names.hpp"
#include "tracer/report/phrases.hpp"
#include "tracer/report/related_lines.hpp"

namespace corotrace {
namespace {

// Drops over time, in at most kMost steps: where a run takes longer, each step becomes twice as long.
class Timeline {
public:
    void add(std::chrono::milliseconds elapsed, std::uint64_t total) {
        if (elapsed < std::chrono::milliseconds::zero() || total < total_) return;
        while (elapsed / step_ >= static_cast<std::int64_t>(kMost)) widen();
        const auto at = static_cast<std::size_t>(elapsed / step_);
        if (counts_.size() <= at) counts_.resize(at + 1);
        counts_[at] += total - total_;
        total_ = total;
    }

    [[nodiscard]] bool has_begun() const { return !counts_.empty(); }

    // "" where nothing was dropped, or no time was seen to go by.
    [[nodiscard]] std::string format() const {
        if (total_ == 0 || counts_.size() < 2) return "";
        const std::uint64_t most = *std::max_element(counts_.begin(), counts_.end());
        std::string out = fmt::format(
            "<figure>\n<svg viewBox=\"0 0 {} 100\" preserveAspectRatio=\"none\" role=\"img\">"
            "<title>never-awaited coroutines over time</title>\n",
            counts_.size());
        for (std::size_t at = 0; at < counts_.size(); ++at) {
            if (counts_[at] == 0) continue;
            const std::uint64_t height = std::max<std::uint64_t>(1, counts_[at] * 100 / most);
            out += fmt::format(
                "<rect x=\"{}\" y=\"{}\" width=\"0.9\" height=\"{}\"><title>{} from {} on</title></rect>\n",
                at, 100 - height, height, counts_[at], describe_duration(step_ * at));
        }
        return out + fmt::format(
                         "</svg>\n<figcaption>Never-awaited coroutines, a bar for each {}; the highest "
                         "has {}.</figcaption>\n</figure>\n",
                         describe_duration(step_), most);
    }

private:
    static constexpr std::size_t kMost = 240;

    void widen() {
        for (std::size_t at = 0; at < counts_.size(); ++at) {
            if (at % 2 == 0) {
                counts_[at / 2] = counts_[at];
            } else {
                counts_[at / 2] += counts_[at];
            }
        }
        counts_.resize((counts_.size() + 1) / 2);
        step_ *= 2;
    }

    std::chrono::milliseconds step_{100};
    std::vector<std::uint64_t> counts_;
    std::uint64_t total_ = 0;
};

std::string line(std::string_view text) {
    return "<p>" + escape_html(text) + "</p>\n";
}

class HtmlReport final : public RunReport {
public:
    explicit HtmlReport(ReportContext context) : context_(std::move(context)) {}

    void on_begin(const RunFacts& facts) override {
        several_ = facts.several;
        began_ = facts.began;
    }

    void on_attached(const TargetId& /*target*/, const AttachedFacts& facts) override {
        add_fact(fmt::format("process {}, python {}, {}", describe_process(facts), facts.python,
                             facts.executable));
        for (const std::string& note : facts.notes) add_fact("note: " + note);
    }

    void on_finding(const TargetId& /*target*/, const Finding& /*finding*/) override {}

    void on_progress(const Progress& progress) override {
        if (progress.never_awaited) timeline_.add(progress.elapsed, *progress.never_awaited);
    }

    void on_target_end(const TargetId& target, const std::vector<SiteCount>& sites,
                       const Summary& summary) override {
        sites_.add(target, sites);
        std::string text = several_ ? fmt::format("process {}: ", target.pid) : "";
        add_fact(text + "coverage: " + describe_coverage(summary.coverage));
        for (const std::string& note : summary.notes) add_fact("note: " + note);
    }

    void on_end(const RunSummary& summary) override {
        // Of reports that were merged nobody knows when.
        if (summary.never_awaited && timeline_.has_begun())
            timeline_.add(summary.elapsed, *summary.never_awaited);
        const std::string title = escape_html(describe_found(summary));
        std::string out = format_page_head("corotrace: " + title) + "<header>\n<h1>" + title + "</h1>\n";
        out += line(fmt::format("from {} on, for {}; ended: {}", format_time(began_),
                                describe_duration(summary.elapsed), summary.ended));
        for (const std::string& fact : facts_) out += line(fact);
        if (facts_left_out_ > 0)
            out += line(describe_count(facts_left_out_, "more line") + " of processes left out");
        out +=
            line(fmt::format("cost: {}, {} paused in all, {} at worst", describe_count(summary.stops, "stop"),
                             describe_pause(summary.pause_total), describe_pause(summary.pause_max)));
        for (const std::string& note : summary.notes) out += line("note: " + note);
        context_.writer.write_end(out + "</header>\n" + timeline_.format() + page_tools("mistake") +
                                  "<main>\n");
        write_sites(summary);
        context_.writer.write_end("</main>\n" + format_page_end());
    }

private:
    static constexpr std::size_t kMostFacts = 200;
    void add_fact(std::string text) {
        if (facts_.size() < kMostFacts) {
            facts_.push_back(std::move(text));
        } else {
            ++facts_left_out_;
        }
    }

    [[nodiscard]] std::string describe_found(const RunSummary& summary) const {
        const std::size_t sites = sites_.size();
        if (!summary.never_awaited) return describe_count(sites, "line") + " blamed by Python's own warnings";
        std::string out = *summary.never_awaited == 0
                              ? "no never-awaited coroutine"
                              : describe_count(*summary.never_awaited, "never-awaited coroutine") + " at " +
                                    describe_count(sites, "site");
        if (summary.lost_tasks && summary.lost_tasks->all() > 0)
            out += ", " + describe_count(summary.lost_tasks->all(), "lost task");
        return out;
    }

    void write_sites(const RunSummary& summary) {
        const HtmlSiteOptions options{context_.own, summary.never_awaited.value_or(0), several_};
        const auto sites = sites_.by_count();
        const RelatedLines related(sites, [](const Finding&, std::size_t at) { return at + 1; });
        std::size_t number = 0;
        for (const MergedSite& site : sites)
            context_.writer.write_end(format_html_site(site, ++number, options, related.of(site.site.first)));
        if (sites_.left_out() > 0)
            context_.writer.write_end(
                line(describe_count(sites_.left_out(), "site") + " are only counted, to bound memory"));
    }

    ReportContext context_;
    bool several_ = false;
    std::chrono::system_clock::time_point began_;
    std::vector<std::string> facts_;
    std::uint64_t facts_left_out_ = 0;
    Timeline timeline_;
    MergedSites sites_{MergedSites::kMost};
};

}  // namespace

std::unique_ptr<RunReport> make_html_report(const ReportContext& context) {
    return std::make_unique<HtmlReport>(context);
}

}  // namespace corotrace
