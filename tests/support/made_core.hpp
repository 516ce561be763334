// SPDX-License-Identifier: MIT
// MadeCore: a core file put together from parts, each of which a test may make a lie, and a file in memory to
// read it from.
#pragma once

#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "symbols/bytes.hpp"
#include "symbols/unique_fd.hpp"

namespace corotrace {

[[nodiscard]] inline UniqueFd memory_file(ByteView bytes) {
    UniqueFd fd(::memfd_create("core", MFD_CLOEXEC));
    for (std::size_t done = 0; fd.is_open() && done < bytes.size();) {
        const ssize_t put = ::write(fd.get(), bytes.data() + done, bytes.size() - done);
        if (put <= 0) return UniqueFd();
        done += static_cast<std::size_t>(put);
    }
    return fd;
}

struct MadeCore {
    struct Part {
        std::uint64_t address = 0;
        std::string bytes;
        std::uint64_t size = 0;  // of the mapping; at least that of the bytes
        std::uint32_t flags = PF_R | PF_W;
    };
    struct File {
        std::uint64_t start = 0, end = 0, page = 0;
        std::string path;
    };

    Elf64_Ehdr header = make_header();
    std::vector<Part> parts;
    std::string notes;
    std::string tail;  // between the program headers and the rest

    static Elf64_Ehdr make_header() {
        Elf64_Ehdr header{};
        std::memcpy(header.e_ident, ELFMAG, SELFMAG);
        header.e_ident[EI_CLASS] = ELFCLASS64;
        header.e_ident[EI_DATA] = ELFDATA2LSB;
        header.e_ident[EI_VERSION] = EV_CURRENT;
        header.e_type = ET_CORE;
        header.e_phoff = sizeof(Elf64_Ehdr);
        header.e_phentsize = sizeof(Elf64_Phdr);
        return header;
    }

    template <typename T>
    static void append(std::string& text, const T& value) {
        text.append(reinterpret_cast<const char*>(&value), sizeof(T));
    }

    static std::string make_note(std::uint32_t type, const std::string& what) {
        std::string note;
        append(note, Elf64_Nhdr{5, static_cast<std::uint32_t>(what.size()), type});
        note.append("CORE\0\0\0\0", 8);
        note += what;
        note.resize((note.size() + 3) / 4 * 4);
        return note;
    }

    // NT_FILE, in pages of 4096 bytes.
    static std::string make_files(const std::vector<File>& files) {
        std::string what;
        append(what, std::uint64_t{files.size()});
        append(what, std::uint64_t{4096});
        for (const File& file : files) {
            append(what, file.start);
            append(what, file.end);
            append(what, file.page);
        }
        for (const File& file : files) what.append(file.path.c_str(), file.path.size() + 1);
        return make_note(NT_FILE, what);
    }

    [[nodiscard]] std::vector<Elf64_Phdr> make_headers() const {
        std::vector<Elf64_Phdr> headers;
        std::uint64_t offset = sizeof(Elf64_Ehdr) + (parts.size() + 1) * sizeof(Elf64_Phdr) + tail.size();
        Elf64_Phdr note{};
        note.p_type = PT_NOTE;
        note.p_offset = offset;
        note.p_filesz = notes.size();
        headers.push_back(note);
        offset += notes.size();
        for (const Part& part : parts) {
            Elf64_Phdr load{};
            load.p_type = PT_LOAD;
            load.p_flags = part.flags;
            load.p_offset = offset;
            load.p_vaddr = part.address;
            load.p_filesz = part.bytes.size();
            load.p_memsz = std::max<std::uint64_t>(part.size, part.bytes.size());
            headers.push_back(load);
            offset += part.bytes.size();
        }
        return headers;
    }

    [[nodiscard]] std::string bytes() const { return bytes(make_headers()); }
    [[nodiscard]] std::string bytes(const std::vector<Elf64_Phdr>& headers) const {
        std::string file;
        Elf64_Ehdr head = header;
        if (head.e_phnum == 0) head.e_phnum = static_cast<Elf64_Half>(headers.size());
        append(file, head);
        for (const Elf64_Phdr& one : headers) append(file, one);
        file += tail + notes;
        for (const Part& part : parts) file += part.bytes;
        return file;
    }
};

[[nodiscard]] inline UniqueFd memory_file(const std::string& text) {
    return memory_file(std::as_bytes(std::span(text)));
}

}  // namespace corotrace
