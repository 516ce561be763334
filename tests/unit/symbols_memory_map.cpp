// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>

#include "symbols/memory_map.hpp"
#include "symbols/unique_fd.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch_dir.hpp"

namespace corotrace::symbols_memory_map_test {

namespace {

const Mapping& mapping_at(const MemoryMap& map, const void* address) {
    const Mapping* const found = map.find({reinterpret_cast<std::uint64_t>(address)});
    REQUIRE(found != nullptr);
    return *found;
}

// One page of a new file at `path`, mapped into this process.
class MappedFile {
public:
    explicit MappedFile(const std::string& path)
        : MappedFile(UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT, 0600))) {}
    explicit MappedFile(const UniqueFd& fd) {
        REQUIRE(fd.is_open());
        REQUIRE(::ftruncate(fd.get(), 4096) == 0);
        at_ = ::mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, fd.get(), 0);
        REQUIRE(at_ != MAP_FAILED);
    }
    MappedFile(const MappedFile&) = delete;
    ~MappedFile() { ::munmap(at_, 4096); }
    const void* at() const { return at_; }

private:
    void* at_ = nullptr;
};

MemoryMap own_map() {
    auto map = MemoryMap::read(::getpid());
    REQUIRE(map);
    return std::move(*map);
}

}  // namespace

TEST_CASE("maps: fields of a line") {
    const auto map = MemoryMap::parse(
        "7f0000001000-7f0000003000 rw-s 0001f000 103:0a 4711                      /usr/lib/libx.so\n"
        "7ffd00000000-7ffd00021000 ---p 00000000 00:00 0                          [stack]\n"
        "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n");
    REQUIRE(map);
    REQUIRE(map->mappings().size() == 3);
    const Mapping& first = map->mappings()[0];
    CHECK(first.start.value == 0x7f0000001000);
    CHECK(first.size() == 0x2000);
    CHECK((first.readable && first.writable && !first.executable && first.shared));
    CHECK(first.file_offset == 0x1f000);
    CHECK(first.device == makedev(0x103, 0x0a));
    CHECK(first.inode == 4711);
    CHECK(first.path == "/usr/lib/libx.so");
    CHECK_FALSE(first.deleted);
    CHECK(map->mappings()[1].path == "[stack]");
    CHECK(map->mappings()[2].executable);
}

TEST_CASE("maps: find hits the first byte and the last, and no hole") {
    const auto map = MemoryMap::parse(
        "1000-2000 r--p 00000000 00:00 0 \n"
        "3000-4000 r--p 00000000 00:00 0 \n");
    REQUIRE(map);
    CHECK(map->find({0xfff}) == nullptr);
    CHECK(map->find({0x1000}) == &map->mappings()[0]);
    CHECK(map->find({0x1fff}) == &map->mappings()[0]);
    CHECK(map->find({0x2000}) == nullptr);
    CHECK(map->find({0x3000}) == &map->mappings()[1]);
    CHECK(map->find({0x4000}) == nullptr);
    CHECK(map->find({UINT64_MAX}) == nullptr);
}

TEST_CASE("maps: names of every kind") {
    const auto path_of = [](const std::string& inode, const std::string& name) {
        const auto map = MemoryMap::parse("1000-2000 r--p 00000000 08:01 " + inode + "    " + name + "\n");
        REQUIRE(map);
        return map->mappings()[0].path + (map->mappings()[0].deleted ? "|deleted" : "");
    };
    CHECK(path_of("0", "") == "");
    CHECK(path_of("0", "[heap]") == "[heap]");
    CHECK(path_of("0", "[anon:glibc: malloc arena]") == "[anon:glibc: malloc arena]");
    CHECK(path_of("0", "[anon: x (deleted)") == "[anon: x (deleted)");  // no file, so no suffix to take off
    CHECK(path_of("7", "/SYSV0000002a (deleted)") == "/SYSV0000002a|deleted");
    CHECK(path_of("7", "/memfd:a b (deleted)") == "/memfd:a b|deleted");
    CHECK(path_of("7", "/a  b") == "/a  b");
    CHECK(path_of("7", "/a\\012b") == "/a\nb");
    CHECK(path_of("7", "/a\\012") == "/a\n");
    CHECK(path_of("7", "/a\\01") == "/a\\01");
    CHECK(path_of("7", "/x (deleted) (deleted)") == "/x (deleted)|deleted");
    CHECK(path_of("0", "/SYSV00000000 (deleted)") == "/SYSV00000000|deleted");
}

TEST_CASE("maps: malformed text is refused") {
    for (const std::string line : {
             "garbage",
             "1000-2000",
             "1000-2000 r-xp",
             "2000-1000 r-xp 0 00:00 0 ",
             "1000-1000 r-xp 0 00:00 0 ",
             "1000-2000 r-x 0 00:00 0 ",
             "1000-2000 r-xp zz 00:00 0 ",
             "1000-2000 r-xp 0 0000 0 ",
             "1000-2000 r-xp 0 00:00 ",
             "10000000000000000-2000 r-xp 0 00:00 0 ",
             "-2000 r-xp 0 00:00 0 ",
             "1000-2000 r-xp 0 100000000:00 0 ",
         }) {
        CAPTURE(line);
        const auto map = MemoryMap::parse(line + "\n");
        REQUIRE_FALSE(map);
        CHECK(map.error().code == Errc::malformed);
    }
    const auto overlapping = MemoryMap::parse("1000-3000 r--p 0 00:00 0 \n2000-4000 r--p 0 00:00 0 \n");
    REQUIRE_FALSE(overlapping);
    CHECK(overlapping.error().code == Errc::malformed);
    const auto endless = MemoryMap::parse(std::string(MemoryMap::kMaxBytes + 1, 'x'));
    REQUIRE_FALSE(endless);
    CHECK(endless.error().code == Errc::unsupported);
    CHECK(MemoryMap::parse("").ok());
}

TEST_CASE("maps: a very long line and very many lines") {
    const std::string name(100'000, 'n');
    const auto one = MemoryMap::parse("1000-2000 r--p 0 08:01 1 /" + name + "\n");
    REQUIRE(one);
    CHECK(one->mappings()[0].path.size() == name.size() + 1);

    std::string text;
    for (std::uint64_t at = 0x1000; at < 0x1000 * 200'000ULL; at += 0x2000) {
        char line[80];
        std::snprintf(line, sizeof(line), "%llx-%llx rw-p 0 00:00 0 \n", static_cast<unsigned long long>(at),
                      static_cast<unsigned long long>(at + 0x1000));
        text += line;
    }
    const auto many = MemoryMap::parse(text);
    REQUIRE(many);
    CHECK(many->mappings().size() == 100'000);
    CHECK(many->find({0x1000 * 100'001ULL})->start.value == 0x1000 * 100'001ULL);
}

TEST_CASE("maps: two loads of one library are two modules") {
    const auto map = MemoryMap::parse(
        "1000-2000 r--p 00000000 08:01 7 /lib/x.so\n"
        "2000-5000 r-xp 00001000 08:01 7 /lib/x.so\n"
        "5000-6000 ---p 00004000 08:01 7 /lib/x.so\n"  // the hole that the loader protects
        "6000-7000 rw-p 00003000 08:01 7 /lib/x.so\n"
        "7000-8000 rw-p 00000000 00:00 0 \n"
        "8000-9000 r--p 00000000 08:01 7 /lib/x.so\n"
        "9000-a000 r--p 00000000 08:01 9 /lib/y.so\n"
        "a000-d000 r-xp 00001000 08:01 7 /lib/x.so\n"
        "d000-e000 rw-p 00003000 08:01 7 /lib/x.so\n");
    REQUIRE(map);
    const auto modules = map->modules();
    REQUIRE(modules.size() == 3);
    CHECK(modules[0].mappings.size() == 4);
    CHECK(modules[0].start().value == 0x1000);
    CHECK(modules[0].end().value == 0x7000);
    CHECK(modules[1].mappings.size() == 3);
    CHECK(modules[1].start().value == 0x8000);
    CHECK(modules[2].path == "/lib/y.so");
    CHECK(modules[0].may_be_loaded());
    CHECK_FALSE(modules[2].may_be_loaded());
}

TEST_CASE("maps: a library in one page of its file is one load, a copy read as data is another") {
    const auto map = MemoryMap::parse(
        "1000-2000 r--p 00000000 08:01 7 /lib/tiny.so\n"
        "2000-3000 r-xp 00000000 08:01 7 /lib/tiny.so\n"
        "3000-4000 r--p 00000000 08:01 7 /lib/tiny.so\n"  // RELRO
        "4000-5000 rw-p 00000000 08:01 7 /lib/tiny.so\n"
        "9000-a000 r--p 00000000 08:01 7 /lib/tiny.so\n"
        "b000-c000 rw-s 00000000 08:01 8 /data\n");
    REQUIRE(map);
    const auto modules = map->modules();
    REQUIRE(modules.size() == 3);
    CHECK(modules[0].mappings.size() == 4);
    CHECK(modules[0].may_be_loaded());
    CHECK_FALSE(modules[1].may_be_loaded());
    CHECK_FALSE(modules[2].may_be_loaded());
}

TEST_CASE("maps: this process") {
    static int global = 0;
    const auto map = own_map();
    const Mapping& code = mapping_at(map, reinterpret_cast<const void*>(&own_map));
    CHECK((code.executable && code.readable && !code.writable));
    CHECK(mapping_at(map, &global).writable);
    struct stat exe {};
    REQUIRE(::stat("/proc/self/exe", &exe) == 0);
    CHECK(code.inode == exe.st_ino);
    CHECK(code.device == exe.st_dev);
    int local = 0;
    CHECK(mapping_at(map, &local).path == "[stack]");
}

TEST_CASE("maps: the kernel's own spelling of odd names") {
    const ScratchDir dir;
    for (const std::string name :
         {"a b", "line\nfeed", "tail ", "x (deleted)", "back\\012slash", "\xff\xfe"}) {
        CAPTURE(name);
        const MappedFile file(dir / name);
        const auto before = own_map();
        CHECK(mapping_at(before, file.at()).path == dir / name);
        CHECK_FALSE(mapping_at(before, file.at()).deleted);
        REQUIRE(::unlink((dir / name).c_str()) == 0);
        const auto after = own_map();
        CHECK(mapping_at(after, file.at()).deleted);
        // Which of the two it was cannot be known any more; a newline is far more likely.
        if (name != "back\\012slash") CHECK(mapping_at(after, file.at()).path == dir / name);
    }
}

TEST_CASE("maps: a new file under the name of a deleted one is not taken for it") {
    const ScratchDir dir;
    const MappedFile file(dir / "lib");
    REQUIRE(::unlink((dir / "lib").c_str()) == 0);
    const UniqueFd impostor(::open((dir / "lib (deleted)").c_str(), O_RDWR | O_CREAT, 0600));
    REQUIRE(impostor.is_open());
    const auto map = own_map();
    CHECK(mapping_at(map, file.at()).deleted);
    CHECK(mapping_at(map, file.at()).path == dir / "lib");
}

TEST_CASE("maps: memory without a name in any folder") {
    const MappedFile memfd(UniqueFd(::memfd_create("with space", 0)));
    CHECK(mapping_at(own_map(), memfd.at()).path == "/memfd:with space");
    CHECK(mapping_at(own_map(), memfd.at()).deleted);

    const int id = ::shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
    REQUIRE(id >= 0);
    void* const shared = ::shmat(id, nullptr, 0);
    ::shmctl(id, IPC_RMID, nullptr);
    REQUIRE(shared != reinterpret_cast<void*>(-1));
    const auto map = own_map();
    CHECK(mapping_at(map, shared).path == "/SYSV00000000");
    CHECK(mapping_at(map, shared).shared);
    ::shmdt(shared);
}

TEST_CASE("maps: no such process is gone") {
    const auto map = MemoryMap::read(0x7ffffffe);
    REQUIRE_FALSE(map);
    CHECK(map.error().code == Errc::gone);
}

TEST_CASE("maps: read while they change") {
    constexpr std::size_t kPages = 600;
    constexpr std::size_t kPage = 4096;
    void* const place = ::mmap(nullptr, kPages * kPage, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(place != MAP_FAILED);
    const auto protect = [&](std::size_t page, int how) {
        ::mprotect(static_cast<std::byte*>(place) + page * kPage, kPage, how);
    };
    for (std::size_t page = 0; page < kPages; page += 2) protect(page, PROT_NONE);
    std::atomic<bool> over = false;
    // Each page with its neighbours one mapping for a moment.
    std::thread changing([&] {
        for (std::size_t page = 0; !over; page = (page + 2) % kPages) {
            protect(page, PROT_READ);
            protect(page, PROT_NONE);
        }
    });
    int failed = 0;
    for (int i = 0; i < 2000; ++i) failed += MemoryMap::read(::getpid()) ? 0 : 1;
    over = true;
    changing.join();
    ::munmap(place, kPages * kPage);
    CHECK(failed == 0);
}

}  // namespace corotrace::symbols_memory_map_test
