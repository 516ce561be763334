// SPDX-License-Identifier: MIT
#include "symbols/core_image.hpp"

#include <sys/stat.h>

#include <cerrno>

#include "symbols/core_map.hpp"
#include "symbols/unpacked_file.hpp"

namespace corotrace {

namespace {

constexpr uid_t kNobody = static_cast<uid_t>(-2);  // owns nothing: what is left are the rights of others

FileIds make_reader(const struct stat& core) {
    return {
        .uid = core.st_uid == 0 ? kNobody : core.st_uid, .gid = kNobody, .groups = {}, .overrides = false};
}

}  // namespace

Result<std::unique_ptr<CoreImage>> CoreImage::open(UniqueFd fd, CoreFileSearch search) {
    struct stat about {};
    if (::fstat(fd.get(), &about) != 0) return Error{Errc::io, errno, "looking at the core file"};
    CT_TRY(auto file, unpack_file(std::move(fd), search.unpack_folder));
    CT_TRY(auto core, CoreFile::open(std::move(file.fd)));
    CT_TRY(auto map, make_core_map(*core));
    std::unique_ptr<CoreImage> image(new CoreImage(std::move(core), std::move(map), std::move(search),
                                                   make_source_stamp(about), make_reader(about)));
    image->is_cut_ = file.is_cut;
    if (auto done = image->files_.check_program(); !done) return std::move(done).error();
    return image;
}

CoreImage::CoreImage(std::unique_ptr<CoreFile> core, MemoryMap map, CoreFileSearch search,
                     SourceStamp written, FileIds reader)
    : core_(std::move(core)),
      root_(search.root.empty() ? "/" : search.root),
      files_(*core_, std::move(map), std::move(search)),
      memory_(*core_, files_),
      written_(written),
      reader_(std::move(reader)) {}

Status CoreImage::Memory::read(RemoteAddr from, std::span<std::byte> into) const {
    for (std::size_t done = 0; done < into.size();) {
        const RemoteAddr at = from + done;
        std::size_t got = core_.read_part(at, into.subspan(done));
        const CoreSegment* const segment = got == 0 ? core_.find(at) : nullptr;
        // What was dumped and then cut off may have been changed by the process: no file can tell it.
        const bool is_cut = segment != nullptr && at.value - segment->start.value < segment->dumped;
        if (got == 0 && !is_cut) got = files_.read_part(at, into.subspan(done));
        if (got == 0) return Error{Errc::unreadable, 0, "memory that the core file does not hold"};
        done += got;
    }
    return {};
}

std::vector<std::string> CoreImage::complaints() const {
    std::vector<std::string> complaints = core_->notes().complaints;
    if (is_cut_) complaints.emplace_back("its packed form ends early or is damaged");
    return complaints;
}

std::optional<ElfFile> CoreImage::open_mapped_file(const Module& module,
                                                   const std::optional<std::string>& /*build_id*/) const {
    return files_.open(module);
}

std::optional<ElfFile> CoreImage::open_debug_file(const Module& module, const ElfFile& stripped,
                                                  const std::optional<std::string>& build_id) const {
    return files_.open_debug_file(module, stripped, build_id);
}

std::optional<SourceFile> CoreImage::read_source(const std::string& file) const {
    if (!file.starts_with('/')) return std::nullopt;
    auto source = read_source_below(root_, reader_, file);
    if (!source || source->stamp.modified_ns > written_.modified_ns) return std::nullopt;
    return source;
}

std::optional<SourceStamp> CoreImage::read_source_stamp(const std::string& file) const {
    return file.starts_with('/') ? read_source_stamp_below(root_, file) : std::nullopt;
}

}  // namespace corotrace
