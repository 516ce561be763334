// SPDX-License-Identifier: MIT
// Any bytes as a file of options: reading it ends, and what is wrong is told.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tracer/cli/config_file.hpp"
#include "tracer/cli/serve_options.hpp"

using namespace corotrace::cli;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const ConfigFile file = parse_config(text, "fuzz.toml", serve_option_specs());
    const auto faults = find_serve_faults(text, "fuzz.toml");
    if (faults.size() < file.faults.size()) std::abort();
    for (const auto& fault : faults)
        if (!fault.starts_with("fuzz.toml:")) std::abort();
    return 0;
}
