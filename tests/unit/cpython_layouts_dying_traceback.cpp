// SPDX-License-Identifier: MIT
// Tracebacks that are being taken apart, in made-up memory as CPython 3.10 would have it.
#include "cpython_layouts/dying_traceback.hpp"

#include <array>
#include <cstring>
#include <string>

#include "cpython_layouts/objects.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_memory.hpp"
#include "tests/support/made_code.hpp"

namespace corotrace::cpython_layouts_dying_traceback_test {

namespace {

constexpr std::uint64_t kStack = 0x7f0000000000;
constexpr std::uint64_t kObjects = kStack + 0x20000;  // far from the stack
constexpr std::size_t kBytes = 0x40000;
constexpr std::uint64_t kTypeFlagException = 1U << 30U;  // CPython Include/object.h

// What it makes stays, one behind the other; each has room before it for the collector's head, which is zero.
class MadeHeap {
public:
    MadeHeap() : layout_(layout_named("3.10")), memory_(RemoteAddr{kStack}, std::vector<std::byte>(kBytes)) {
        type_ = make_type("type", kTypeFlagType);
        str_ = make_type("str", kTypeFlagUnicode);
        bytes_ = make_type("bytes", kTypeFlagBytes);
        code_ = make_type("code", 0);
        frame_ = make_type("frame", 0);
        traceback_ = make_type("traceback", 0);
        exception_ = make_type("ValueError", kTypeFlagException);
    }

    std::uint64_t make_code(const std::string& name) {
        const std::uint64_t text = make_str(name);
        const std::uint64_t empty = make_bytes(64);
        const std::uint64_t made = make_object(code_, 1);
        put(made, layout_.code.name, text);
        put(made, layout_.code.filename, text);
        put(made, layout_.code.line_table, empty);
        put(made, layout_.code.bytecode, empty);
        return made;
    }
    std::uint64_t make_frame(std::uint64_t code, std::uint64_t back, std::int64_t references) {
        const std::uint64_t made = make_object(frame_, references);
        put(made, layout_.frame_object.code, code);
        put(made, layout_.frame_object.back, back);
        return made;
    }
    // The function has ended and its frame is the one that its code keeps for the next call.
    void keep_frame(std::uint64_t frame) {
        const std::uint64_t code = read_word(frame + static_cast<std::uint64_t>(layout_.frame_object.code));
        put(code, layout_.frame_object.zombie, frame);
    }
    void set_caller(std::uint64_t frame, std::uint64_t back) { put(frame, layout_.frame_object.back, back); }
    std::uint64_t make_entry(std::uint64_t frame, std::uint64_t next, std::int32_t instruction) {
        const std::uint64_t made = make_object(traceback_, 0);
        put(made, layout_.traceback.frame, frame);
        put(made, layout_.traceback.next, next);
        put(made, layout_.traceback.instruction, instruction);
        return made;
    }
    std::uint64_t make_exception(std::uint64_t traceback) {
        const std::uint64_t made = make_object(exception_, 0);
        put(made, layout_.exception.traceback, traceback);
        return made;
    }
    // What looks like one, but for its type, which is no type.
    std::uint64_t make_no_exception(std::uint64_t traceback) {
        const std::uint64_t made = make_object(make_type("Q", kTypeFlagException), 0);
        put(read_word(made + static_cast<std::uint64_t>(layout_.object.type)), layout_.object.type, str_);
        put(made, layout_.exception.traceback, traceback);
        return made;
    }
    template <typename T>
    void write(std::uint64_t to, T value) {
        std::memcpy(memory_.bytes().data() + (to - kStack), &value, sizeof(value));
    }

    // (function, byte offset), innermost first.
    using Found = std::vector<std::pair<std::string, std::optional<std::int64_t>>>;
    Found find(const std::vector<std::uint64_t>& registers = {}) {
        CodeCache codes;
        const auto frames = find_dying_traceback(memory_, layout_, codes, RemoteAddr{kStack}, registers);
        REQUIRE(frames);
        Found found;
        for (const RawFrame& frame : *frames) found.emplace_back(frame.code->name, frame.byte_offset);
        return found;
    }

private:
    template <typename T>
    void put(std::uint64_t object, Offset field, T value) {
        write(object + static_cast<std::uint64_t>(field), value);
    }
    [[nodiscard]] std::uint64_t read_word(std::uint64_t from) {
        std::uint64_t word = 0;
        std::memcpy(&word, memory_.bytes().data() + (from - kStack), sizeof(word));
        return word;
    }
    std::uint64_t take(std::size_t bytes) {
        constexpr std::uint64_t kHead = 16;
        const std::uint64_t made = next_ + kHead;
        next_ = (made + bytes + 15) & ~std::uint64_t{15};
        REQUIRE(next_ < kStack + kBytes);
        return made;
    }
    std::uint64_t make_object(std::uint64_t type, std::int64_t references, std::size_t bytes = 512) {
        const std::uint64_t made = take(bytes);
        put(made, layout_.object.refcount, references);
        put(made, layout_.object.type, type);
        return made;
    }
    std::uint64_t make_type(const std::string& name, std::uint64_t flags) {
        const std::uint64_t text = take(64);
        std::memcpy(memory_.bytes().data() + (text - kStack), name.data(), name.size());
        const std::uint64_t made = take(1024);
        put(made, layout_.type.name, text);
        put(made, layout_.type.flags, flags);
        put(made, layout_.object.type, type_ == 0 ? made : type_);
        return made;
    }
    std::uint64_t make_str(const std::string& text) {
        constexpr std::uint32_t kCompactAscii = 1U << 2U | 1U << 5U | 1U << 6U;  // of one byte each
        const std::uint64_t made = make_object(str_, 1);
        put(made, layout_.unicode.length, std::uint64_t{text.size()});
        put(made, layout_.unicode.state, kCompactAscii);
        for (std::size_t i = 0; i < text.size(); ++i) {
            write(made + static_cast<std::uint64_t>(layout_.unicode.ascii_data) + i, text[i]);
        }
        return made;
    }
    std::uint64_t make_bytes(std::uint64_t size) {
        const std::uint64_t made = make_object(bytes_, 1);
        put(made, layout_.object.size, size);
        return made;
    }

    const Layout& layout_;
    FakeMemory memory_;
    std::uint64_t next_ = kObjects;
    std::uint64_t type_ = 0, str_ = 0, bytes_ = 0, code_ = 0, frame_ = 0, traceback_ = 0, exception_ = 0;
};

// outer() caught what inner() raised; inner's frame goes.
struct Raised {
    MadeHeap heap;
    std::uint64_t outer = heap.make_frame(heap.make_code("outer"), 0, 2);
    std::uint64_t inner = heap.make_frame(heap.make_code("inner"), outer, 0);
    std::uint64_t second = heap.make_entry(inner, 0, 6);
    std::uint64_t first = heap.make_entry(outer, second, 4);
};

const MadeHeap::Found kBoth{{"inner", 6}, {"outer", 4}};

}  // namespace

TEST_CASE("the functions that an exception left are found by the entries on the native stack") {
    Raised raised;
    CHECK(raised.heap.find().empty());
    raised.heap.write(kStack + 800, raised.second);
    raised.heap.write(kStack + 1600, raised.first);
    CHECK(raised.heap.find() == kBoth);
}

TEST_CASE("an entry may be in a register") {
    Raised raised;
    raised.heap.write(kStack + 800, raised.second);
    CHECK(raised.heap.find({7, raised.first, UINT64_MAX}) == kBoth);
}

TEST_CASE("a traceback that is still held is not one that goes") {
    Raised raised;
    raised.heap.write(kStack + 800, raised.first);
    raised.heap.write(kStack + 808, raised.second);
    raised.heap.write(raised.first, std::int64_t{1});
    raised.heap.write(raised.second, std::int64_t{1});
    CHECK(raised.heap.find().empty());
}

TEST_CASE("a traceback that is gone already is not one that goes") {
    Raised raised;
    raised.heap.write(kStack + 800, raised.first);
    raised.heap.write(kStack + 808, raised.second);
    // The allocator's list of free blocks lies where the collector's head was.
    raised.heap.write(raised.first - 16, kObjects);
    raised.heap.write(raised.second - 16, kObjects);
    CHECK(raised.heap.find().empty());
}

TEST_CASE("a frame that is kept for the next call is not one that goes") {
    Raised raised;
    raised.heap.write(kStack + 800, raised.second);
    CHECK(raised.heap.find() == MadeHeap::Found{{"inner", 6}});
    SECTION("by its code") {
        raised.heap.keep_frame(raised.inner);
    }
    SECTION("on the list of such frames") {
        raised.heap.set_caller(raised.inner, raised.heap.make_frame(raised.heap.make_code("kept"), 0, 0));
    }
    CHECK(raised.heap.find().empty());
}

TEST_CASE("an entry that was freed before, and looks as if it went, hides none that goes") {
    Raised raised;
    // Its frame is what came after.
    raised.heap.write(kStack + 792, raised.heap.make_entry(raised.heap.make_code("freed"), 0, 2));
    SECTION("as a traceback is taken apart") {
        raised.heap.write(kStack + 800, raised.first);
    }
    SECTION("as the exception held it") {
        raised.heap.write(raised.first, std::int64_t{1});
        raised.heap.write(raised.second, std::int64_t{1});
        raised.heap.write(kStack + 800, raised.heap.make_exception(raised.first));
    }
    CHECK(raised.heap.find() == kBoth);
}

TEST_CASE("of exceptions that go the only one with a traceback tells it") {
    Raised raised;
    raised.heap.write(raised.first, std::int64_t{1});
    raised.heap.write(raised.second, std::int64_t{1});
    const std::uint64_t with = raised.heap.make_exception(raised.first);
    const std::uint64_t without = raised.heap.make_exception(0);
    raised.heap.write(kStack + 800, without);
    CHECK(raised.heap.find().empty());
    raised.heap.write(kStack + 808, with);
    CHECK(raised.heap.find() == kBoth);
    // Of two it is not known which held the object.
    raised.heap.write(kStack + 816, raised.heap.make_exception(raised.second));
    CHECK(raised.heap.find().empty());
}

TEST_CASE("what is no exception, or has no traceback to read, does not hide the one that goes") {
    Raised raised;
    raised.heap.write(raised.first, std::int64_t{1});
    raised.heap.write(raised.second, std::int64_t{1});
    raised.heap.write(kStack + 800, raised.heap.make_exception(raised.first));
    raised.heap.write(kStack + 808, raised.heap.make_no_exception(raised.second));
    CHECK(raised.heap.find() == kBoth);
    raised.heap.write(kStack + 792, raised.heap.make_exception(raised.outer));
    CHECK(raised.heap.find() == kBoth);
}

TEST_CASE("entries that lead in a circle come to an end") {
    Raised raised;
    raised.heap.write(kStack + 800, raised.first);
    raised.heap.write(raised.inner, std::int64_t{1});
    raised.heap.write(raised.second + 16, raised.first);
    CHECK(raised.heap.find().empty());
}

TEST_CASE("an offset that is none of its code is not believed") {
    Raised raised;
    raised.heap.write(kStack + 800, raised.first);
    raised.heap.write(raised.second + 32, std::int32_t{4096});
    CHECK(raised.heap.find() == MadeHeap::Found{{"inner", std::nullopt}, {"outer", 4}});
}

TEST_CASE("free-threaded builds have nothing to tell what dies by") {
    Raised raised;
    const FakeMemory nothing(RemoteAddr{kStack}, {});
    CodeCache codes;
    const auto frames = find_dying_traceback(nothing, layout_named("3.13t"), codes, RemoteAddr{kStack}, {});
    REQUIRE(frames);
    CHECK(frames->empty());
}

}  // namespace corotrace::cpython_layouts_dying_traceback_test
