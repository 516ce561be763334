// SPDX-License-Identifier: MIT
#include "cpython_layouts/call_names.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/coroutine.hpp"
#include "cpython_layouts/dict.hpp"
#include "cpython_layouts/held_slots.hpp"
#include "cpython_layouts/objects.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMostNames = 8;
constexpr std::size_t kMostEntries = 4096;  // of a module or a class: a thread stands meanwhile

class CallNames {
public:
    CallNames(const RemoteMemory& memory, const Layout& layout, const Code& code, const Bytecode& bytecode,
              RemoteAddr frame, RemoteAddr coroutine)
        : memory_(memory),
          layout_(layout),
          code_(code),
          bytecode_(bytecode),
          frame_(frame),
          coroutine_(coroutine) {}

    Result<std::vector<std::string>> find() {
        CT_TRY(entered_, read_coroutine_code(memory_, layout_, coroutine_));
        CT_TRY(key_, memory_.read_pointer(at(coroutine_, layout_.coroutine.name)));
        CT_TRY(name_, read_str(memory_, layout_, key_));
        CT_TRY(const auto globals, memory_.read_pointer(at(frame_, layout_.frame_object.globals)));
        CT_TRY(const auto items, read_dict(memory_, layout_, globals, kMostEntries));
        if (const auto function = find_value(items, key_); function && enters(*function)) {
            if (!is_variable(name_)) names_.push_back(name_);
        }
        CT_TRY(const auto self, read_first_argument());
        if (!self.is_null() && has_method(self)) {
            add_keys(items, self, "");
            add_variables(self);
        }
        return std::move(names_);
    }

private:
    // Null: it has no arguments.
    Result<RemoteAddr> read_first_argument() const {
        CT_TRY(const auto own_frame, memory_.read_pointer(at(coroutine_, layout_.coroutine.frame)));
        CT_TRY(const auto count, memory_.read_as<std::int32_t>(at(entered_, layout_.code.argcount)));
        if (count == 0) return RemoteAddr{};
        return memory_.read_pointer(at(own_frame, layout_.frame_object.locals));
    }

    static std::optional<RemoteAddr> find_value(const DictItems& items, RemoteAddr key) {
        const auto found = std::ranges::find(items.entries, key, &DictEntry::key);
        return found == items.entries.end() ? std::nullopt : std::optional(found->value);
    }

    [[nodiscard]] bool enters(RemoteAddr function) const {
        const auto type = read_type_name_of(memory_, layout_, function);
        if (!type || std::string_view(*type) != "function") return false;
        const auto code = memory_.read_pointer(at(function, layout_.function.code));
        return code && *code == entered_;
    }

    // In its class, the first base of that, and so on: what only further bases have is left out.
    [[nodiscard]] bool has_method(RemoteAddr instance) const {
        constexpr int kMostClasses = 8;
        auto type = read_type(memory_, layout_, instance);
        for (int i = 0; i < kMostClasses && type && !type->is_null(); ++i) {
            const auto dict = memory_.read_pointer(at(*type, layout_.type.dict));
            const auto items =
                dict ? read_dict(memory_, layout_, *dict, kMostEntries) : Result<DictItems>(dict.error());
            if (!items) return false;
            if (const auto function = find_value(*items, key_)) return enters(*function);
            type = memory_.read_pointer(at(*type, layout_.type.base));
        }
        return false;
    }

    [[nodiscard]] bool is_variable(std::string_view name) const {
        return std::ranges::find(bytecode_.variables, name) != bytecode_.variables.end();
    }

    // The names under which a namespace holds `object`; `before` is what comes before them.
    void add_keys(const DictItems& items, RemoteAddr object, const std::string& before) {
        for (const auto& [key, value] : items.entries) {
            if (value != object || names_.size() >= kMostNames) continue;
            const auto name = read_str(memory_, layout_, key);
            if (name && (!before.empty() || !is_variable(*name)))
                names_.push_back(before + *name + "." + name_);
        }
    }

    void add_variables(RemoteAddr self) {
        const auto held = find_held_slots(memory_, layout_, bytecode_, frame_, self);
        if (!held) return;
        for (const std::uint32_t variable : held->variables) {
            if (names_.size() < kMostNames) names_.push_back(bytecode_.variables[variable] + "." + name_);
        }
        if (code_.parameters == 0 || bytecode_.variables.empty()) return;
        const auto first = memory_.read_pointer(at(frame_, layout_.frame_object.locals));
        if (!first || first->is_null()) return;
        const auto attributes = read_attribute_dict(memory_, layout_, *first);
        const auto items = attributes ? read_dict(memory_, layout_, *attributes, kMostEntries)
                                      : Result<DictItems>(attributes.error());
        if (items) add_keys(*items, self, bytecode_.variables.front() + ".");
    }

    const RemoteMemory& memory_;
    const Layout& layout_;
    const Code& code_;
    const Bytecode& bytecode_;
    RemoteAddr frame_;
    RemoteAddr coroutine_;
    RemoteAddr entered_;  // its code
    RemoteAddr key_;      // its name, as an object
    std::string name_;
    std::vector<std::string> names_;
};

}  // namespace

Result<std::vector<std::string>> read_call_names(const RemoteMemory& memory, const Layout& layout,
                                                 const Code& code, const Bytecode& bytecode, RemoteAddr frame,
                                                 RemoteAddr coroutine) {
    // The body of a class looks into its own namespace first.
    const bool is_plain = (code.flags & kCodeOptimized) != 0 || code.name == "<module>";
    if (layout.frame_object.globals == kAbsent || !is_plain) return std::vector<std::string>{};
    return CallNames(memory, layout, code, bytecode, frame, coroutine).find();
}

}  // namespace corotrace
