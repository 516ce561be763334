// SPDX-License-Identifier: MIT
#include "tracer/process/native_stack.hpp"

#include <cxxabi.h>
#include <libunwind-ptrace.h>

#include <cstdlib>
#include <unordered_map>

// The search of .eh_frame_hdr as libunwind does it itself, over our reads: elfutils would need the file of
// each module, and that of a container or a deleted one is not to be had. Exported and without a declaration
// in the headers; perf(1) uses it in the same way (Linux tools/perf/util/unwind-libunwind-local.c).
extern "C" int UNW_OBJ(dwarf_search_unwind_table)(unw_addr_space_t space, unw_word_t ip,
                                                  unw_dyn_info_t* table, unw_proc_info_t* info,
                                                  int need_unwind_info, void* argument);

namespace corotrace {

namespace {

using Clock = std::chrono::steady_clock;

// Where a module's sorted table of functions is, as libunwind wants it.
struct UnwindTable {
    RemoteAddr base;     // what its entries are relative to
    RemoteAddr entries;  // pairs of i32: start of a function, its unwind information
    std::uint64_t count = 0;
};

// Of all encodings that the header allows only the one that linkers write is understood.
// Source: Linux Standard Base Core 5.0, 10.6.2 ".eh_frame_hdr".
std::optional<UnwindTable> read_unwind_table(const RemoteMemory& memory, const ElfModule& module) {
    struct Header {
        std::uint8_t format;
        std::uint8_t frame_pointer_encoding;
        std::uint8_t count_encoding;
        std::uint8_t table_encoding;
        std::int32_t frame_pointer;
        std::uint32_t count;
    };
    constexpr std::uint8_t kFourBytes = 0x0b;
    constexpr std::uint8_t kUnsignedFourBytes = 0x03;
    constexpr std::uint8_t kRelativeToHeader = 0x30;
    const auto section = module.unwind_table();
    if (!section) return std::nullopt;
    const auto header = memory.read_as<Header>(section->address);
    if (!header || header->format != 1 || (header->frame_pointer_encoding & 0x0f) != kFourBytes ||
        header->count_encoding != kUnsignedFourBytes ||
        header->table_encoding != (kFourBytes | kRelativeToHeader) || header->count > section->size / 8) {
        return std::nullopt;
    }
    return UnwindTable{section->address, section->address + sizeof(Header), header->count};
}

// What libunwind's callbacks work with: their `argument`.
struct Walk {
    explicit Walk(SymbolIndex& index) : symbols(index) {}

    const ElfModule* module_at(RemoteAddr address) {
        if (last_module == nullptr || !last_module->contains(address))
            last_module = symbols.module_at(address);
        return last_module;
    }
    const std::optional<UnwindTable>& table_of(const ElfModule& module) {
        const auto known = tables.find(&module);
        if (known != tables.end()) return known->second;
        return tables.emplace(&module, read_unwind_table(*memory, module)).first->second;
    }
    [[nodiscard]] bool is_late() const { return Clock::now() > deadline; }

    SymbolIndex& symbols;
    std::unordered_map<const ElfModule*, std::optional<UnwindTable>> tables;
    const ElfModule* last_module = nullptr;

    // Of the stack at hand.
    const RemoteMemory* memory = nullptr;
    void* registers = nullptr;  // UPT_info of the thread
    unw_word_t start_ip = 0;
    unw_word_t start_sp = 0;
    Clock::time_point deadline;
    unsigned accesses = 0;
    bool is_unknown = false;  // no unwind information for a frame: libunwind would guess on
};

Walk& walk_of(void* argument) {
    return *static_cast<Walk*>(argument);
}

int find_proc_info(unw_addr_space_t space, unw_word_t ip, unw_proc_info_t* info, int need_unwind_info,
                   void* argument) {
    Walk& walk = walk_of(argument);
    const ElfModule* module = walk.module_at({ip});
    const auto table = module != nullptr ? walk.table_of(*module) : std::nullopt;
    int found = -UNW_ENOINFO;
    if (table) {
        unw_dyn_info_t description{};
        description.end_ip = ~unw_word_t{0};  // module_at() has checked the range
        description.format = UNW_INFO_FORMAT_REMOTE_TABLE;
        description.u.rti.segbase = table->base.value;
        description.u.rti.table_data = table->entries.value;
        description.u.rti.table_len = table->count * 8 / sizeof(unw_word_t);
        found = UNW_OBJ(dwarf_search_unwind_table)(space, ip, &description, info, need_unwind_info, argument);
    }
    walk.is_unknown = found < 0;
    return found;
}

// Unwind information is a program with jumps, and the target's: the clock ends an endless one.
int access_mem(unw_addr_space_t /*space*/, unw_word_t address, unw_word_t* value, int write, void* argument) {
    constexpr unsigned kAccessesPerLook = 64;
    Walk& walk = walk_of(argument);
    if (write != 0 || (++walk.accesses % kAccessesPerLook == 0 && walk.is_late())) return -UNW_EINVAL;
    const auto word = walk.memory->read_as<unw_word_t>({address});
    if (!word) return -UNW_EINVAL;
    *value = *word;
    return 0;
}

int access_reg(unw_addr_space_t space, unw_regnum_t reg, unw_word_t* value, int write, void* argument) {
    if (write != 0) return -UNW_EREADONLYREG;
    const Walk& walk = walk_of(argument);
    if (reg != UNW_REG_IP && reg != UNW_REG_SP) return _UPT_access_reg(space, reg, value, 0, walk.registers);
    *value = reg == UNW_REG_IP ? walk.start_ip : walk.start_sp;
    return 0;
}

unw_accessors_t accessors() {
    unw_accessors_t table{};
    table.find_proc_info = find_proc_info;
    table.put_unwind_info = [](unw_addr_space_t, unw_proc_info_t*, void*) {};
    table.get_dyn_info_list_addr = [](unw_addr_space_t, unw_word_t*, void*) { return -UNW_ENOINFO; };
    table.access_mem = access_mem;
    table.access_reg = access_reg;
    table.access_fpreg = [](unw_addr_space_t, unw_regnum_t, unw_fpreg_t*, int, void*) {
        return -UNW_EBADREG;
    };
    table.resume = [](unw_addr_space_t, unw_cursor_t*, void*) { return -UNW_EINVAL; };
    return table;
}

struct DestroyUpt {
    void operator()(void* upt) const { _UPT_destroy(upt); }
};

// One frame outwards; the end of the stack if there is none.
std::optional<StackEnd> step(unw_cursor_t& cursor, const Walk& walk, RemoteAddr& pc) {
    unw_word_t next = 0;
    int stepped = unw_step(&cursor);
    if (stepped > 0 && !walk.is_unknown) stepped = unw_get_reg(&cursor, UNW_REG_IP, &next) < 0 ? -1 : 1;
    if (walk.is_unknown) return StackEnd::kUnknownCode;
    if (stepped < 0) return walk.is_late() ? StackEnd::kTime : StackEnd::kUnknownCode;
    if (stepped == 0 || next == 0) return StackEnd::kOutermost;
    pc = RemoteAddr{next};
    return std::nullopt;
}

}  // namespace

struct NativeUnwinder::State : Walk {
    explicit State(SymbolIndex& index) : Walk(index) {}
    ~State() {
        if (space != nullptr) unw_destroy_addr_space(space);
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    unw_addr_space_t space = nullptr;
};

Result<NativeUnwinder> NativeUnwinder::make(SymbolIndex& symbols) {
    constexpr std::size_t kCachedPlaces = 1024;
    auto state = std::make_unique<State>(symbols);
    auto table = accessors();
    state->space = unw_create_addr_space(&table, 0);
    if (state->space == nullptr)
        return Error{Errc::internal, 0, "libunwind has no memory for an address space"};
    // Survives stops: what a place in the code means for the stack does not change.
    unw_set_caching_policy(state->space, UNW_CACHE_GLOBAL);
    unw_set_cache_size(state->space, kCachedPlaces, 0);
    (void)symbols.modules();  // opens them now, while nothing is stopped
    return NativeUnwinder(std::move(state));
}

NativeUnwinder::NativeUnwinder(std::unique_ptr<State> state) : state_(std::move(state)) {}
NativeUnwinder::NativeUnwinder(NativeUnwinder&& other) noexcept = default;
NativeUnwinder& NativeUnwinder::operator=(NativeUnwinder&& other) noexcept = default;
NativeUnwinder::~NativeUnwinder() = default;

NativeStack NativeUnwinder::unwind(pid_t tid, const RemoteMemory& memory, RemoteAddr pc, RemoteAddr sp,
                                   const UnwindLimits& limits) {
    const std::unique_ptr<void, DestroyUpt> registers(_UPT_create(tid));
    Walk& walk = *state_;
    walk.memory = &memory;
    walk.registers = registers.get();
    // A return address may already belong to other code than the call before it.
    walk.start_ip = pc.value - 1;
    walk.start_sp = sp.value;
    walk.deadline = Clock::now() + limits.max_time;
    walk.is_unknown = false;

    NativeStack stack{{pc}, StackEnd::kUnknownCode};
    unw_cursor_t cursor;
    if (registers == nullptr || unw_init_remote(&cursor, state_->space, &walk) < 0) return stack;
    while (stack.pcs.size() < limits.max_frames) {
        if (const auto end = walk.is_late() ? StackEnd::kTime : step(cursor, walk, pc)) {
            stack.end = *end;
            return stack;
        }
        stack.pcs.push_back(pc);
    }
    stack.end = StackEnd::kDepth;
    return stack;
}

NativePlace find_native_place(SymbolIndex& symbols, RemoteAddr pc) {
    NativePlace place;
    const ElfModule* module = symbols.module_at(pc - 1);
    if (module == nullptr) return place;
    place.module = module->path();
    place.source = module->source_at(pc - 1);
    const auto symbol = module->symbol_at(pc - 1);
    if (!symbol) return place;
    place.offset = symbol->offset + 1;
    // .symtab names "clock_nanosleep@@GLIBC_2.17" where a library has several versions of a function.
    const std::string name = symbol->name.substr(0, symbol->name.find('@'));
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> demangled(
        abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status), std::free);
    place.function = demangled ? demangled.get() : name;
    return place;
}

}  // namespace corotrace
