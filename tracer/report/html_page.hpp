// SPDX-License-Identifier: MIT
// What each page has, whatever is in it: its head, styles and script.
#pragma once

#include <string>
#include <string_view>

namespace corotrace {

// From the doctype up to <body>. `title` is HTML.
[[nodiscard]] std::string format_page_head(std::string_view title);
// Fields to filter and sort sites by, shown where the script runs. To stand before <main>. `badge`: what the
// element of class "mistake" tells.
[[nodiscard]] std::string page_tools(std::string_view badge);
// The script and the end of the page.
[[nodiscard]] std::string format_page_end();

}  // namespace corotrace
