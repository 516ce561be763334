// SPDX-License-Identifier: MIT
// Searches through a module's loaded bytes, for what has no symbol. Linear and therefore only for where the
// symbol tables fail: about 1 ms per MiB. Bytes that cannot be read are passed over.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "cpython_layouts/version.hpp"
#include "symbols/elf_module.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

inline constexpr std::size_t kMaxSearchHits = 4096;              // of one search
inline constexpr std::uint64_t kMaxSearchBytes = 256ULL << 20U;  // of one segment

// Where `needle` (at most 64 bytes) begins in a segment.
[[nodiscard]] std::vector<RemoteAddr> find_bytes(const RemoteMemory& memory, const Segment& segment,
                                                 std::string_view needle);
// Aligned words of a segment that hold one of `targets`.
[[nodiscard]] std::vector<RemoteAddr> find_pointers(const RemoteMemory& memory, const Segment& segment,
                                                    std::span<const RemoteAddr> targets);

// The version in the buffer of Py_GetVersion(), "3.9.2 (default, Feb 28 2021, 17:03:44) \n[GCC 10.2.1]",
// which every CPython fills when it makes sys.version. Source: CPython Python/getversion.c.
[[nodiscard]] std::optional<PythonVersion> find_version_text(const RemoteMemory& memory,
                                                             const ElfModule& module);
[[nodiscard]] std::optional<PythonVersion> find_version_text(const RemoteMemory& memory,
                                                             const Segment& segment);

}  // namespace corotrace
