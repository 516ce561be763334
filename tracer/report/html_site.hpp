// SPDX-License-Identifier: MIT
// HtmlSite: one site as a piece of the page. All text of the target passes escape_html().
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tracer/findings/merged_sites.hpp"
#include "tracer/findings/own_code.hpp"

namespace corotrace {

// printable(), and with the characters that mean something to HTML as references.
[[nodiscard]] std::string escape_html(std::string_view text);

// A <li> a frame, with its source; of many alike in a row the first ones and how many there are.
[[nodiscard]] std::string format_html_frames(std::span<const Frame> frames);

struct HtmlSiteOptions {
    OwnCode own;
    std::uint64_t never_awaited = 0;  // of the run, for the share
    bool several = false;             // tell the processes
};

// A <details> with a summary; the first one of a page is open. Ends with a line end. `related`: a line for
// each site that belongs to it.
[[nodiscard]] std::string format_html_site(const MergedSite& site, std::size_t number,
                                           const HtmlSiteOptions& options,
                                           const std::vector<std::string>& related = {});

}  // namespace corotrace
