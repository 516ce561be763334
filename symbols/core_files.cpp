// SPDX-License-Identifier: MIT
#include "symbols/core_files.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "symbols/read_file.hpp"
#include "symbols/safe_open.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kPage = 4096;

UniqueFd copy_of(const UniqueFd& fd) {
    return UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0));
}

std::string below_build_id(const std::string& folder, const std::string& build_id) {
    return folder + "/" + build_id.substr(0, 2) + "/" + build_id.substr(2);
}

}  // namespace

struct CoreFiles::Entry {
    Module module;
    bool is_tried = false;
    std::optional<ElfModule> loaded;  // null: the core does not hold its headers
    UniqueFd fd;                      // of the very file
    std::string why_missing;
};

CoreFiles::CoreFiles(const CoreFile& core, MemoryMap map, CoreFileSearch search)
    : core_(core), map_(std::move(map)), search_(std::move(search)), held_(core, map_) {
    const auto headers = core.notes().program_headers;
    for (Module& module : map_.modules()) {
        entries_.push_back(std::make_unique<Entry>());
        Entry& entry = *entries_.back();
        entry.module = std::move(module);
        for (const Mapping& mapping : entry.module.mappings) {
            by_mapping_.emplace_back(mapping.start, &entry);
            if (headers && mapping.contains(*headers)) program_ = &entry;
        }
    }
    // Without that note: the kernel puts the program below its libraries.
    if (program_ == nullptr && !entries_.empty()) program_ = entries_.front().get();
    std::ranges::sort(by_mapping_);
}

CoreFiles::~CoreFiles() = default;

bool CoreFiles::is_program(const Module& module) const {
    return program_ != nullptr && program_->module.start() == module.start();
}

std::optional<std::string> CoreFiles::program_path() const {
    return program_ == nullptr ? std::nullopt : std::optional(program_->module.path);
}

CoreFiles::Entry* CoreFiles::find(RemoteAddr address) const {
    const Mapping* const mapping = map_.find(address);
    if (mapping == nullptr) return nullptr;
    const auto found =
        std::ranges::lower_bound(by_mapping_, mapping->start, {}, &std::pair<RemoteAddr, Entry*>::first);
    return found == by_mapping_.end() || found->first != mapping->start ? nullptr : found->second;
}

bool CoreFiles::is_the_file(const Entry& entry, const UniqueFd& fd) const {
    const auto file = open_elf(copy_of(fd));
    if (!file || !entry.loaded) return false;
    if (entry.loaded->build_id()) return file->read_build_id() == entry.loaded->build_id();
    std::array<std::byte, kPage> held{};
    std::array<std::byte, kPage> found{};
    return core_.read_part(entry.module.start(), held) == kPage && read_file(fd, 0, found) == kPage &&
           held == found;
}

std::vector<std::string> CoreFiles::names_by_build_id(const std::string& build_id) const {
    std::vector<std::string> folders{"/usr/lib/debug/.build-id"};
    if (!search_.root.empty()) {
        folders.insert(folders.begin(), {search_.root + "/.build-id", search_.root + folders.front()});
    }
    std::vector<std::string> names;
    if (build_id.size() <= 2) return names;
    for (const std::string& folder : folders) names.push_back(below_build_id(folder, build_id));
    return names;
}

const CoreFiles::Entry& CoreFiles::opened(Entry& entry) const {
    const std::scoped_lock lock(mutex_);
    if (entry.is_tried) return entry;
    entry.is_tried = true;
    if (auto loaded = ElfModule::open(held_, entry.module)) entry.loaded = std::move(*loaded);
    if (!entry.loaded) {
        entry.why_missing = "the core does not hold its headers (bit 4 of /proc/PID/coredump_filter)";
        return entry;
    }
    std::vector<UniqueFd> candidates;
    if (&entry == program_ && search_.program) candidates.push_back(open_regular(*search_.program));
    if (!search_.root.empty()) candidates.push_back(open_regular_in(search_.root, entry.module.path));
    candidates.push_back(open_regular(entry.module.path));
    if (const auto& id = entry.loaded->build_id()) {
        for (const std::string& name : names_by_build_id(*id)) candidates.push_back(open_regular(name));
        if (!search_.debuginfod_cache.empty()) {
            candidates.push_back(open_regular(search_.debuginfod_cache + "/" + *id + "/executable"));
        }
    }
    entry.why_missing = "not found";
    for (UniqueFd& candidate : candidates) {
        if (!candidate.is_open()) continue;
        if (is_the_file(entry, candidate)) {
            entry.fd = std::move(candidate);
            return entry;
        }
        entry.why_missing = "another file is there now";
    }
    return entry;
}

Status CoreFiles::check_program() const {
    if (!search_.program) return {};
    const std::string& path = *search_.program;
    const UniqueFd fd = open_regular(path);
    if (!fd.is_open()) return Error{Errc::io, errno, "cannot open " + path};
    const auto file = open_elf(copy_of(fd));
    if (!file) return Error{Errc::malformed, 0, path + " is no program that can be read: not an ELF file"};
    if (program_ == nullptr) return {};
    const Entry& entry = opened(*program_);
    if (!entry.loaded || is_the_file(entry, fd)) return {};
    const auto describe = [](const std::optional<std::string>& id) {
        return id ? "build id " + *id : std::string("no build id");
    };
    return Error{Errc::usage, 0,
                 path + " is not the program of the core: it has " + describe(file->read_build_id()) +
                     ", that of the core, " + entry.module.path + ", has " +
                     describe(entry.loaded->build_id())};
}

std::size_t CoreFiles::read_part(RemoteAddr from, std::span<std::byte> into) const {
    Entry* const found = find(from);
    if (found == nullptr) return 0;
    const Entry& entry = opened(*found);
    if (!entry.fd.is_open()) return 0;
    const Mapping& mapping = *map_.find(from);
    const std::uint64_t offset = mapping.file_offset + (from.value - mapping.start.value);
    for (const Segment& segment : entry.loaded->segments()) {
        const std::uint64_t at = from.value - segment.start.value;
        if (segment.writable || at >= segment.file_size || segment.file_offset + at != offset) continue;
        const auto size =
            std::min<std::uint64_t>({into.size(), segment.file_size - at, mapping.end.value - from.value});
        return read_file(entry.fd, offset, into.first(size));
    }
    return 0;
}

std::optional<ElfFile> CoreFiles::open(const Module& module) const {
    Entry* const found = find(module.start());
    if (found == nullptr) return std::nullopt;
    return open_elf(copy_of(opened(*found).fd));
}

std::optional<ElfFile> CoreFiles::open_debug_file(const Module& module, const ElfFile& stripped,
                                                  const std::optional<std::string>& build_id) const {
    const auto check = [&](UniqueFd fd, std::optional<std::uint32_t> crc) {
        auto file = open_elf(std::move(fd));
        return file && is_debug_file_of(*file, build_id, crc) ? std::move(file) : std::nullopt;
    };
    if (build_id) {
        for (const std::string& name : names_by_build_id(*build_id)) {
            if (auto file = check(open_regular(name + ".debug"), std::nullopt)) return file;
        }
        const std::string cached = search_.debuginfod_cache + "/" + *build_id + "/debuginfo";
        if (!search_.debuginfod_cache.empty()) {
            if (auto file = check(open_regular(cached), std::nullopt)) return file;
        }
    }
    const auto link = stripped.read_debug_link();
    const std::size_t slash = module.path.rfind('/');
    if (!link || slash == std::string::npos) return std::nullopt;
    const std::string folder = module.path.substr(0, slash);
    for (const std::string& place : {folder + "/", folder + "/.debug/", "/usr/lib/debug" + folder + "/"}) {
        const std::string name = place + link->file_name;
        if (!search_.root.empty()) {
            if (auto file = check(open_regular_in(search_.root, name), link->crc)) return file;
        }
        if (auto file = check(open_regular(name), link->crc)) return file;
    }
    return std::nullopt;
}

std::vector<MissingFile> CoreFiles::missing() const {
    const std::scoped_lock lock(mutex_);
    std::vector<MissingFile> missing;
    for (const auto& entry : entries_) {
        // A file of data that was mapped is none to be found again: it may have changed.
        const bool is_code =
            entry->loaded || std::ranges::any_of(entry->module.mappings, &Mapping::executable);
        if (!entry->is_tried || entry->fd.is_open() || !is_code) continue;
        missing.push_back({.path = entry->module.path,
                           .build_id = entry->loaded ? entry->loaded->build_id() : std::nullopt,
                           .why = entry->why_missing});
    }
    return missing;
}

}  // namespace corotrace
