// SPDX-License-Identifier: MIT
#include "symbols/recorded_memory.hpp"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <vector>

namespace corotrace {

namespace {

constexpr std::string_view kMagic = "corotrace-image 1\n";

struct CloseGzip {
    void operator()(gzFile file) const { ::gzclose(file); }
};
using GzipFile = std::unique_ptr<gzFile_s, CloseGzip>;

Error not_recorded(RemoteAddr address) {
    char hex[32];
    const auto end = std::to_chars(hex, hex + sizeof(hex), address.value, 16).ptr;
    return {Errc::unreadable, 0, "0x" + std::string(hex, end) + " is not in the image"};
}

// Copies out of `pages`; the first address that is not there ends it.
Status copy_pages(const ImagePages& pages, RemoteAddr from, std::span<std::byte> into) {
    std::size_t done = 0;
    while (done < into.size()) {
        const RemoteAddr at = from + done;
        const std::size_t in_page = at.value % kImagePageSize;
        const auto page = pages.find(at.value - in_page);
        if (page == pages.end()) return not_recorded(at);
        const std::size_t size = std::min(into.size() - done, kImagePageSize - in_page);
        std::memcpy(into.data() + done, page->second.data() + in_page, size);
        done += size;
    }
    return {};
}

}  // namespace

RecordedMemory::RecordedMemory(ImageFacts facts, ImagePages pages)
    : facts_(std::move(facts)), pages_(std::move(pages)) {}

RecordedMemory::RecordedMemory(RecordedMemory&& other) noexcept
    : facts_(std::move(other.facts_)), pages_(std::move(other.pages_)) {}

Result<RecordedMemory> RecordedMemory::load(const std::string& path) {
    GzipFile file(::gzopen(path.c_str(), "rbe"));
    if (!file) return Error{Errc::io, errno, "opening image " + path};
    std::vector<std::byte> image;
    std::array<std::byte, std::size_t{64} << 10> chunk;
    for (;;) {
        const int got = ::gzread(file.get(), chunk.data(), static_cast<unsigned>(chunk.size()));
        if (got < 0) return Error{Errc::io, errno, "unpacking image " + path};
        if (got == 0) break;
        image.insert(image.end(), chunk.begin(), chunk.begin() + got);
        if (image.size() > kMaxBytes) return Error{Errc::unsupported, 0, "image " + path + " is too large"};
    }
    // A gzip file that was cut off reads like one that ends early; only closing it tells.
    if (::gzclose(file.release()) != Z_OK) return Error{Errc::malformed, 0, "image " + path + " is cut off"};
    auto memory = parse(image);
    if (!memory) return std::move(memory).error().in(path);
    return memory;
}

Result<RecordedMemory> RecordedMemory::parse(ByteView image) {
    std::string_view text(reinterpret_cast<const char*>(image.data()), image.size());
    if (!text.starts_with(kMagic)) return Error{Errc::malformed, 0, "not a memory image"};
    text.remove_prefix(kMagic.size());
    ImageFacts facts;
    for (;;) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos)
            return Error{Errc::malformed, 0, "memory image has no end of facts"};
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end + 1);
        if (line.empty()) break;
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) return Error{Errc::malformed, 0, "fact of memory image"};
        facts.emplace(line.substr(0, equals), line.substr(equals + 1));
    }
    ByteView rest = image.last(text.size());
    constexpr std::size_t kRecordSize = sizeof(std::uint64_t) + kImagePageSize;
    if (rest.size() % kRecordSize != 0) return Error{Errc::malformed, 0, "memory image is cut off"};
    ImagePages pages;
    for (; !rest.empty(); rest = rest.subspan(kRecordSize)) {
        const auto address = corotrace::load<std::uint64_t>(rest, 0);
        if (!address || *address % kImagePageSize != 0) {
            return Error{Errc::malformed, 0, "address of page in memory image"};
        }
        std::memcpy(pages[*address].data(), rest.data() + sizeof(*address), kImagePageSize);
    }
    return RecordedMemory(std::move(facts), std::move(pages));
}

Status RecordedMemory::read(RemoteAddr from, std::span<std::byte> into) const {
    return copy_pages(pages_, from, into);
}

std::optional<std::string> RecordedMemory::fact(std::string_view name) const {
    const auto found = facts_.find(name);
    if (found == facts_.end()) return std::nullopt;
    return found->second;
}

std::optional<RemoteAddr> RecordedMemory::address_fact(std::string_view name) const {
    const auto text = fact(name);
    if (!text || !text->starts_with("0x")) return std::nullopt;
    RemoteAddr address;
    const char* const end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data() + 2, end, address.value, 16);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return address;
}

Status RecordingMemory::read(RemoteAddr from, std::span<std::byte> into) const {
    if (into.empty()) return {};
    const std::uint64_t first = from.value - from.value % kImagePageSize;
    for (std::uint64_t page = first; page - first < into.size() + (from.value - first);
         page += kImagePageSize) {
        if (pages_.contains(page)) continue;
        std::array<std::byte, kImagePageSize> bytes;
        if (auto done = under_.read({page}, bytes); !done) return done;
        pages_.emplace(page, bytes);
    }
    return copy_pages(pages_, from, into);
}

Status RecordingMemory::save(const std::string& path, const ImageFacts& facts) const {
    std::string header(kMagic);
    for (const auto& [name, value] : facts) {
        const bool fits = !name.empty() && name.find_first_of("=\n") == std::string::npos &&
                          value.find('\n') == std::string::npos;
        if (!fits) return Error{Errc::usage, 0, "fact of memory image: " + name};
        header.append(name).append("=").append(value).append("\n");
    }
    header += "\n";
    std::vector<std::uint64_t> addresses;
    for (const auto& [address, bytes] : pages_) addresses.push_back(address);
    std::sort(addresses.begin(), addresses.end());

    GzipFile file(::gzopen(path.c_str(), "wb9e"));
    if (!file) return Error{Errc::io, errno, "creating image " + path};
    const auto put = [&file](const void* bytes, std::size_t size) {
        return ::gzwrite(file.get(), bytes, static_cast<unsigned>(size)) == static_cast<int>(size);
    };
    bool is_written = put(header.data(), header.size());
    for (const std::uint64_t address : addresses) {
        const auto& bytes = pages_.at(address);
        is_written = is_written && put(&address, sizeof(address)) && put(bytes.data(), bytes.size());
    }
    if (::gzclose(file.release()) != Z_OK || !is_written)
        return Error{Errc::io, errno, "writing image " + path};
    return {};
}

}  // namespace corotrace
