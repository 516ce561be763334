// SPDX-License-Identifier: MIT
#include "symbols/xz.hpp"

#include <lzma.h>

#include <algorithm>
#include <array>

namespace corotrace {

std::optional<std::vector<std::byte>> unpack_xz(ByteView packed, std::size_t max_bytes) {
    constexpr std::uint64_t kMaxDecoderBytes = std::uint64_t{64} << 20;
    lzma_stream stream = LZMA_STREAM_INIT;
    if (::lzma_stream_decoder(&stream, kMaxDecoderBytes, 0) != LZMA_OK) return std::nullopt;
    stream.next_in = reinterpret_cast<const std::uint8_t*>(packed.data());
    stream.avail_in = packed.size();
    std::vector<std::byte> unpacked;
    std::vector<std::byte> chunk(std::size_t{256} << 10);
    lzma_ret state = LZMA_OK;
    while (state == LZMA_OK && unpacked.size() <= max_bytes) {
        stream.next_out = reinterpret_cast<std::uint8_t*>(chunk.data());
        stream.avail_out = chunk.size();
        state = ::lzma_code(&stream, LZMA_FINISH);
        unpacked.insert(unpacked.end(), chunk.begin(),
                        chunk.end() - static_cast<std::ptrdiff_t>(stream.avail_out));
    }
    ::lzma_end(&stream);
    if (state != LZMA_STREAM_END || unpacked.size() > max_bytes) return std::nullopt;
    return unpacked;
}

}  // namespace corotrace
