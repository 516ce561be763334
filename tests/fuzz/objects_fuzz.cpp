// SPDX-License-Identifier: MIT
// Any bytes as the whole memory of a target, at every address again and again, so that each pointer leads
// somewhere: all readers end, and give no invalid text. Input: the version, the object's address, the memory.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>

#include "cpython_layouts/await_chain.hpp"
#include "cpython_layouts/coroutine.hpp"
#include "cpython_layouts/debug_offsets.hpp"
#include "cpython_layouts/dict.hpp"
#include "cpython_layouts/frame.hpp"
#include "cpython_layouts/integer.hpp"
#include "cpython_layouts/lost_task.hpp"
#include "cpython_layouts/objects.hpp"
#include "cpython_layouts/preview.hpp"
#include "cpython_layouts/registry.hpp"
#include "cpython_layouts/task.hpp"
#include "symbols/utf8.hpp"

using namespace corotrace;

namespace {

class RepeatedMemory final : public RemoteMemory {
public:
    explicit RepeatedMemory(std::span<const std::byte> bytes) : bytes_(bytes) {}

    [[nodiscard]] Status read(RemoteAddr from, std::span<std::byte> into) const override {
        if (from.value < 64) return Error{Errc::unreadable, 0, "near null"};
        for (std::size_t done = 0; done < into.size();) {
            const std::size_t at = (from.value + done) % bytes_.size();
            const std::size_t part = std::min(bytes_.size() - at, into.size() - done);
            std::memcpy(into.data() + done, bytes_.data() + at, part);
            done += part;
        }
        return {};
    }

private:
    std::span<const std::byte> bytes_;
};

void expect_text(const Result<std::string>& text) {
    if (text && to_valid_utf8(*text) != *text) std::abort();
}

void read_everything(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    const PreviewCaps caps{.max_objects = 32};
    TypeCache types;
    expect_text(preview(memory, layout, object, caps));
    expect_text(describe_type(memory, layout, types, object));
    expect_text(read_str(memory, layout, object));
    CodeCache codes;
    const ThreadState thread{.address = object,
                             .interpreter = object,
                             .thread_id = 1,
                             .native_id = {},
                             .active = true,
                             .link = {}};
    if (const auto stack = copy_stack(memory, layout, codes, thread)) {
        for (const StackFrame& frame : resolve_stack(layout, *stack)) expect_text(frame.function);
    }
    if (const auto reading = read_coroutine(memory, layout, codes, types, object, caps)) {
        for (const ArgumentFacts& argument : reading->arguments) expect_text(argument.name);
    }
    static_cast<void>(codes.confirm(memory, layout));
    static_cast<void>(types.confirm(memory, layout));
    static_cast<void>(read_origin(memory, layout, object));
    static_cast<void>(read_agen_method(memory, layout, object));
    static_cast<void>(read_is_created(memory, layout, object));
    static_cast<void>(read_await_chain(memory, layout, codes, object));
    static_cast<void>(read_traceback(memory, layout, codes, object));
    static_cast<void>(read_task_facts(memory, layout, object));
    static_cast<void>(find_instance_attribute(memory, layout, object, "_coro"));
    static_cast<void>(guess_loss(memory, layout, object));
    static_cast<void>(read_lost_task(memory, layout, codes, object));
    static_cast<void>(read_int(memory, layout, object));
    static_cast<void>(read_debug_version(memory, object));
    static_cast<void>(read_adjusted_layout(memory, layout, object));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t kHead = 1 + sizeof(std::uint64_t);
    if (size < kHead + 64) return 0;
    const auto layouts = supported_layouts();
    RemoteAddr object;
    std::memcpy(&object.value, data + 1, sizeof object.value);
    const RepeatedMemory memory(std::as_bytes(std::span(data, size)).subspan(kHead));
    read_everything(memory, *layouts[data[0] % layouts.size()], object);
    return 0;
}
