// SPDX-License-Identifier: MIT
// HolderSlot: what a word that points to an object is: the variable of a frame, an item of a container, an
// attribute. The word's place is all that is known at first; nothing is told that is not read and checked.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "cpython_layouts/block_owners.hpp"
#include "cpython_layouts/bytecode.hpp"
#include "cpython_layouts/frame.hpp"
#include "cpython_layouts/holder_types.hpp"
#include "cpython_layouts/preview.hpp"

namespace corotrace {

// How one leads from a holder to what it holds.
enum class StepKind : std::uint8_t {
    kIndex,   // [17]
    kKey,     // ["a"], or an attribute where the dict is the namespace of something
    kMember,  // of a set
    kField,   // .name
    kDict,    // its namespace
    kCell,    // what is in the cell of a variable
};

// Where a path ends: what Python code can name, or what runs.
enum class HolderRoot : std::uint8_t {
    kNone,
    kModule,
    kClass,
    kFunction,
    kRunningFrame,
    kSuspendedFrame,
    kFrameNotStarted,
};

struct HolderSlot {
    RemoteAddr place;   // of the word
    RemoteAddr holder;  // the object that it is in; of a running frame, the frame
    StepKind step = StepKind::kField;
    std::string text;       // the index or name, or a key that is a str; hostile
    std::string shown_key;  // what may be shown of a key that is no name
    HolderRoot root = HolderRoot::kNone;
    std::string root_name;          // of a module, class or function
    std::optional<RawFrame> frame;  // of a frame
};

class HolderSlotReader {
public:
    // `memory`, `python` and `codes` must outlive it. Keys of dicts are shown if `values` is given, else what
    // type they are of. Cost: some 5 reads a module.
    HolderSlotReader(const RemoteMemory& memory, const PythonProcess& python, CodeCache& codes,
                     std::optional<PreviewCaps> values);

    // What the word at `place` is, which is `word` and points to some object. Nothing: it is no reference
    // that is known (a stack of C, memory that was freed, a weak reference).
    [[nodiscard]] std::optional<HolderSlot> read(RemoteAddr place, std::uint64_t word,
                                                 const BlockOwners& owners);

    // Looks again which frames run. Cost: the stacks of all threads.
    void find_running_frames();
    [[nodiscard]] bool is_running(RemoteAddr frame) const;

private:
    using Type = HolderTypes::Type;
    struct RunningFrame {
        RemoteAddr end;  // of its variables
        RawFrame frame;
        std::shared_ptr<const Bytecode> bytecode;
    };

    [[nodiscard]] std::optional<HolderSlot> read_running(RemoteAddr place) const;
    [[nodiscard]] std::optional<HolderSlot> read_owned(RemoteAddr place, const BlockOwner& owner);
    [[nodiscard]] std::optional<HolderSlot> read_key(RemoteAddr place, RemoteAddr dict);
    [[nodiscard]] std::optional<HolderSlot> read_managed_dict(RemoteAddr place);
    [[nodiscard]] std::optional<HolderSlot> read_inside(RemoteAddr place);
    // As much as an object can have: what lies behind that is not in it.
    [[nodiscard]] std::uint64_t most_bytes_of(RemoteAddr object, const Type& type) const;
    [[nodiscard]] std::optional<HolderSlot> read_field(RemoteAddr place, RemoteAddr object, const Type& type);
    [[nodiscard]] std::optional<HolderSlot> read_suspended(RemoteAddr place, RemoteAddr owner,
                                                           RemoteAddr frame);
    [[nodiscard]] std::string name_field(const Type& type, std::uint64_t offset) const;
    [[nodiscard]] std::string find_member_name(const Type& type, std::uint64_t offset) const;
    void find_root(HolderSlot& slot);

    const RemoteMemory& memory_;
    const PythonProcess& python_;
    const Layout& layout_;
    CodeCache& codes_;
    BytecodeCache bytecodes_;
    TypeCache type_facts_;
    std::optional<PreviewCaps> values_;
    HolderTypes types_;
    std::unordered_map<RemoteAddr, std::string> modules_;  // by namespace
    std::map<RemoteAddr, RunningFrame> running_;           // by the place of the first variable
};

}  // namespace corotrace
