// SPDX-License-Identifier: MIT
// Recorded drops (tests/images) with words of what the readers look at changed: whatever a target puts there,
// they end, within bounds. Input: which image, then changes: which of the reads, byte in it, new word.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "cpython_layouts/coroutine.hpp"
#include "cpython_layouts/frame.hpp"
#include "cpython_layouts/limits.hpp"
#include "cpython_layouts/registry.hpp"
#include "symbols/recorded_memory.hpp"

using namespace corotrace;

namespace {

struct Change {
    RemoteAddr at;
    std::uint64_t word;
};

// Shows `under` with changes, and remembers where it was read.
class ChangedMemory final : public RemoteMemory {
public:
    ChangedMemory(const RemoteMemory& under, std::vector<Change> changes)
        : under_(under), changes_(std::move(changes)) {}

    [[nodiscard]] Status read(RemoteAddr from, std::span<std::byte> into) const override {
        if (++reads_ > kMaxReads) std::abort();
        if (changes_.empty()) places_.push_back(from);
        if (auto done = under_.read(from, into); !done) return done;
        for (const Change& change : changes_) {
            for (std::size_t i = 0; i < sizeof change.word; ++i) {
                const std::uint64_t at = change.at.value + i - from.value;
                if (at < into.size()) into[at] = static_cast<std::byte>(change.word >> (8 * i));
            }
        }
        return {};
    }

    [[nodiscard]] const std::vector<RemoteAddr>& places() const { return places_; }

private:
    static constexpr int kMaxReads = 200'000;  // an honest drop needs about 500
    const RemoteMemory& under_;
    std::vector<Change> changes_;
    mutable int reads_ = 0;
    mutable std::vector<RemoteAddr> places_;
};

struct Image {
    RecordedMemory memory;
    const Layout* layout;
    std::vector<RemoteAddr> places;  // where the readers look
};

void read_drop(const RemoteMemory& memory, const Image& image) {
    const auto fact = [&](const char* name) { return image.memory.address_fact(name).value(); };
    const Layout& layout = *image.layout;
    CodeCache codes;
    TypeCache types;
    static_cast<void>(read_coroutine(memory, layout, codes, types, fact("coroutine"), PreviewCaps{}));
    static_cast<void>(read_origin(memory, layout, fact("coroutine")));
    const auto thread =
        find_thread_state(memory, layout, fact("runtime"), fact("thread_id").value, std::nullopt);
    if (!thread) return;
    static_cast<void>(read_gc_collecting(memory, layout, fact("runtime"), *thread));
    const auto stack = copy_stack(memory, layout, codes, *thread);
    if (stack && resolve_stack(layout, *stack).size() > kMaxFrames) std::abort();
    static_cast<void>(find_module_attribute(memory, layout, thread->interpreter, "warnings", "filters"));
}

const std::vector<Image>& images() {
    static const std::vector<Image> loaded = [] {
        std::vector<Image> result;
        std::vector<std::filesystem::path> paths;
        for (const auto& entry : std::filesystem::directory_iterator(COROTRACE_TEST_IMAGES)) {
            if (entry.path().extension() == ".gz") paths.push_back(entry.path());
        }
        std::sort(paths.begin(), paths.end());
        for (const auto& path : paths) {
            auto memory = RecordedMemory::load(path.string());
            if (!memory) std::abort();
            const Layout* layout = *find_layout(parse_version(memory->fact("version").value()).value());
            Image image{std::move(*memory), layout, {}};
            const ChangedMemory honest(image.memory, {});
            read_drop(honest, image);
            image.places = honest.places();
            result.push_back(std::move(image));
        }
        if (result.empty()) std::abort();
        return result;
    }();
    return loaded;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t kChangeBytes = 2 + 1 + 8;
    constexpr std::size_t kMaxChanges = 8;
    if (size < 1 + kChangeBytes) return 0;
    const Image& image = images()[data[0] % images().size()];
    std::vector<Change> changes;
    for (std::size_t at = 1; at + kChangeBytes <= size && changes.size() < kMaxChanges; at += kChangeBytes) {
        std::uint16_t which = 0;
        Change change{};
        std::memcpy(&which, data + at, sizeof which);
        std::memcpy(&change.word, data + at + 3, sizeof change.word);
        change.at = image.places[which % image.places.size()] + data[at + 2];
        // Half of the words lead to where the readers look, too.
        if ((change.word & 1U) != 0)
            change.word = image.places[(change.word >> 1U) % image.places.size()].value;
        changes.push_back(change);
    }
    read_drop(ChangedMemory(image.memory, std::move(changes)), image);
    return 0;
}
