// SPDX-License-Identifier: MIT
#include "tracer/report/html_page.hpp"

namespace corotrace {
namespace {

constexpr std::string_view kStyle = R"(
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#5b6470;--line:#d5dae0;--box:#f6f8fa;--mark:#ffe9a8;
--bad:#a61b29;--good:#116329;--bar:#3b6ea8}
@media(prefers-color-scheme:dark){:root{--bg:#15181c;--fg:#e3e6ea;--dim:#9aa4b0;--line:#363c44;--box:#1d2126;
--mark:#5a4a12;--bad:#ff8f8f;--good:#7ddc97;--bar:#6ea3dd}}
body{margin:0 auto;max-width:76rem;padding:1.5rem;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:0 0 .5rem}h2{font-size:1.05rem;margin:.5rem 0}h3{font-size:.95rem;margin:1rem 0 .25rem}
header p{margin:.1rem 0;color:var(--dim)}figure{margin:1rem 0}figcaption,.share,.place{color:var(--dim)}
svg{width:100%;height:5rem;display:block;border-bottom:1px solid var(--line)}rect{fill:var(--bar)}
details.site{border:1px solid var(--line);border-radius:6px;margin:.5rem 0;padding:.25rem .75rem;overflow-wrap:anywhere}
details.site>summary{cursor:pointer}summary .count{font-variant-numeric:tabular-nums;font-weight:600}
.mistake{border:1px solid var(--line);border-radius:4px;padding:0 .35rem;font-size:.85em;white-space:nowrap}
code,pre,dd,li{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:13px}
pre{margin:.15rem 0;white-space:pre-wrap;background:var(--box);padding:.15rem .5rem;border-radius:4px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:0}dt{color:var(--dim)}dd{margin:0}
ol{margin:0;padding-left:1.25rem;list-style:none}li{margin:.15rem 0}mark{background:var(--mark);color:inherit}
del{color:var(--bad);text-decoration:none}ins{color:var(--good);text-decoration:none}.note,.around{color:var(--dim)}
#tools{display:flex;gap:.75rem;margin:1rem 0}#tools[hidden]{display:none}
input,select{font:inherit;padding:.25rem .5rem;color:inherit;background:var(--box);border:1px solid var(--line);border-radius:4px}
#filter{flex:1}
)";

// Only hides and moves what is there.
constexpr std::string_view kScript = R"(
'use strict';
const list = document.querySelector('main');
const sites = [...list.querySelectorAll('details.site')];
const tools = document.getElementById('tools');
const shown = document.getElementById('shown');
const filter = document.getElementById('filter');
const order = document.getElementById('order');
const text = (site, part) => { const found = site.querySelector(part); return found ? found.textContent : ''; };
const orders = {
  count: (a, b) => sites.indexOf(a) - sites.indexOf(b),
  name: (a, b) => text(a, 'summary code').localeCompare(text(b, 'summary code')),
  place: (a, b) => text(a, '.place').localeCompare(text(b, '.place'), undefined, {numeric: true}),
  mistake: (a, b) => text(a, '.mistake').localeCompare(text(b, '.mistake')),
};
function update() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const site of sites) {
    const whole = site.textContent.toLowerCase();
    site.hidden = !words.every((word) => whole.includes(word));
    if (!site.hidden) count += 1;
  }
  shown.textContent = count + ' of ' + sites.length;
  list.append(...[...sites].sort(orders[order.value]));
}
if (sites.length > 1) {
  tools.hidden = false;
  filter.addEventListener('input', update);
  order.addEventListener('change', update);
  update();
}
)";

// Of kScript, so that no other script can run, whatever a program calls its functions.
// tests/golden/check_html.py compares the two.
constexpr std::string_view kScriptHash = "sha256-WRRfzVCkEYEAK0qKMmeZ3cTgtJRe5bLnYA+1Mpxplfo=";

}  // namespace

std::string format_page_head(std::string_view title) {
    std::string out = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
    out +=
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'; "
        "script-src '";
    out += kScriptHash;
    out += "'; base-uri 'none'; form-action 'none'\">\n";
    out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
    out += title;
    out += "</title>\n<style>";
    out += kStyle;
    return out + "</style>\n</head>\n<body>\n";
}

std::string page_tools(std::string_view badge) {
    std::string out =
        "<div id=\"tools\" hidden><input id=\"filter\" type=\"search\" placeholder=\"Show sites with these "
        "words\" aria-label=\"Show sites with these words\"><select id=\"order\" aria-label=\"Order\">"
        "<option value=\"count\">most frequent first</option><option value=\"name\">by coroutine</option>"
        "<option value=\"place\">by place</option><option value=\"mistake\">by ";
    out += badge;
    return out + "</option></select><output id=\"shown\"></output></div>\n";
}

std::string format_page_end() {
    return "<script>" + std::string(kScript) + "</script>\n</body>\n</html>\n";
}

}  // namespace corotrace
