// SPDX-License-Identifier: MIT
// How much is believed of a target that controls every byte: the caps of all readers of this room.
#pragma once

#include <cstddef>

namespace corotrace {

inline constexpr std::size_t kMaxStringChars = 4096;         // read_str: names and paths; longer ones are cut
inline constexpr std::size_t kMaxTypeNameBytes = 256;        // tp_name, a C string
inline constexpr std::size_t kMaxFrames = 1024;              // per stack; the interpreter's own limit is 1000
inline constexpr std::size_t kMaxInterpreters = 1024;        // per process
inline constexpr std::size_t kMaxThreadStates = 65536;       // per interpreter
inline constexpr std::size_t kMaxDictEntries = 1U << 20U;    // examined in one dict
inline constexpr std::size_t kMaxNamesCompared = 1U << 16U;  // with the one that is sought in a dict
inline constexpr std::size_t kMaxHolderTypes = 1U << 14U;    // kept of those met while holders are sought
inline constexpr std::size_t kMaxLocals = 4096;              // variables of one function
inline constexpr std::size_t kMaxConstants = 1024;           // examined in one code object
inline constexpr std::size_t kMaxBytecodeBytes = 1U << 18U;  // of one function
inline constexpr std::size_t kMaxLineTableBytes = 1U << 20U;
inline constexpr std::size_t kMaxModules = 1U << 16U;             // of one interpreter
inline constexpr std::size_t kMaxRegisteredWarnings = 1U << 14U;  // of one module
inline constexpr std::size_t kMaxWarningChars = 1U << 14U;        // text of one, with where it was created
inline constexpr std::size_t kMaxWarningFilters = 1024;
inline constexpr std::size_t kMaxActionChars = 16;

}  // namespace corotrace
