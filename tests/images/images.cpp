// SPDX-License-Identifier: MIT
// The readers on recorded memory, so that each version is tested where it is not installed.
#include <filesystem>

#include "symbols/recorded_memory.hpp"
#include "tests/images/drop_reading.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/test_data.hpp"

namespace corotrace {

TEST_CASE("readers find in every recorded image what the process told") {
    std::size_t images = 0;
    for (const auto& entry : std::filesystem::directory_iterator(test::test_data("images"))) {
        if (entry.path().extension() != ".gz") continue;
        INFO(entry.path().filename().string());
        const auto image = RecordedMemory::load(entry.path().string());
        REQUIRE(image.ok());
        const auto facts = nlohmann::json::parse(image->fact("told").value_or("null"));
        CHECK(read_drop(*image, facts) == facts.at("expected"));
        ++images;
    }
    CHECK(images >= 8);
}

}  // namespace corotrace
