// SPDX-License-Identifier: MIT
// Layout: what the bytes of one CPython version mean: numbers (offsets, sizes, enum values) and rules (what
// to do with them). Plain data, filled by designated initialisers in versions/; no member has a default, so
// a table that forgets one does not compile. Readers ask a Layout, never a version number.
#pragma once

#include <cstdint>
#include <string_view>

#include "cpython_layouts/opcode.hpp"
#include "symbols/address.hpp"

namespace corotrace {

// How a coroutine that never ran is told from the others.
enum class CreatedRule : std::uint8_t {
    kFrameLasti,  // coroutine.frame points to a frame object whose lasti (int32) is created_value; null:
                  // finished
    kFrameState,  // coroutine.frame_state (int8) is created_value
};

// Where a thread's innermost frame is found.
enum class FrameRule : std::uint8_t {
    kFrameObjects,      // thread_state.frame -> PyFrameObject, linked by frame_object.back
    kCFrame,            // thread_state.frame -> _PyCFrame -> _PyInterpreterFrame
    kInterpreterFrame,  // thread_state.frame -> _PyInterpreterFrame, linked by interpreter_frame.previous
};

// What frame_object.lasti / interpreter_frame.instruction counts.
enum class InstructionRule : std::uint8_t {
    kByteOffset,  // int32, bytes from the first instruction; below 0: not started
    kCodeUnits,   // int32, units of 2 bytes; below 0: not started
    kPointer,     // address of an instruction: of the one running, or the last cache word of it
};

enum class LineTableRule : std::uint8_t {
    kLnotab,     // co_lnotab: pairs (address delta u8, line delta i8)
    kPairs,      // PEP 626: pairs (length u8, line delta i8, -128 is "no line")
    kLocations,  // PEP 657: lines and columns
};

// Where the names of a code object's variables are, and where a running frame keeps cells.
enum class LocalsRule : std::uint8_t {
    kVarnames,    // co_varnames, co_cellvars, co_cell2arg: an argument that is a cell moved behind the locals
    kLocalsPlus,  // co_localsplusnames, co_localspluskinds: it stays in its place, as a cell
};

enum class IntRule : std::uint8_t {
    kSizeSign,  // number of 30-bit digits = |ob_size|, sign = sign of ob_size
    kTag,       // lv_tag: digits = tag >> 3, sign = 1 - (tag & 3)
};

enum class DictKeysRule : std::uint8_t {
    kSlotCount,  // dk_size slots, entries (hash, key, value) after an index of 1, 2, 4 or 8 bytes a slot
    kLog2,       // dk_log2_index_bytes; dk_kind tells entries with a hash from those without
};

// Where an instance of a class made by Python code keeps its attributes.
enum class AttributesRule : std::uint8_t {
    kOffset,        // dict at type.dict_offset of the object
    kTwoWords,      // dict at `managed_dict`; while that is null, values at the word before it
    kTaggedWord,    // dict at `managed_dict`, or with the lowest bit set values, one byte further
    kInlineValues,  // dict at `managed_dict`; while that is null, values behind the object
};

// Which thread state is the one that runs, if several belong to one thread (subinterpreters).
enum class CurrentThreadRule : std::uint8_t {
    kRuntimeCurrent,  // runtime.current_thread_state
    kStatusActive,    // bit thread_state.active_bit of thread_state.status
};

// Which edition of _Py_DebugOffsets the runtime begins with.
enum class DebugOffsetsRule : std::uint8_t { kNone, kEdition313, kEdition314, kEdition315 };

struct ObjectLayout {
    Offset refcount;    // int64 of which the low 32 bits count; absent in free-threaded builds
    Offset ref_local;   // uint32, the owner's part of the count; free-threaded builds
    Offset ref_shared;  // int64, the others' part times four
    Offset type;
    Offset size;  // number of items of a variable-size object
};

struct TypeLayout {
    Offset name;
    Offset basicsize;
    Offset vectorcall_offset;  // tp_vectorcall_offset
    Offset weaklist_offset;    // tp_weaklistoffset
    Offset flags;
    Offset members;  // tp_members
    Offset base;
    Offset dict_offset;  // tp_dictoffset
    Offset dict;
    Offset finalize;
    Offset heap_qualname;  // of a heap type only
    Offset heap_keys;      // the same; ht_cached_keys: names of the attributes of instances
};

// Coroutines, generators and async generators: the same structure.
struct CoroutineLayout {
    Offset frame;  // frame object; absent from 3.11 on
    Offset code;   // absent from 3.12 on: then interpreter_frame.executable of the frame inside
    Offset name;
    Offset qualname;
    Offset origin;
    Offset frame_state;  // int8
    Offset iframe;       // the _PyInterpreterFrame itself, embedded
};

struct AsyncGenSendLayout {
    Offset generator;
    Offset state;  // int32
};

struct AsyncGenThrowLayout {
    Offset generator;
    Offset arguments;  // null: made by aclose(), else by athrow()
    Offset state;      // int32
};

struct FrameObjectLayout {  // absent from 3.11 on, except interpreter_frame
    Offset back;
    Offset code;
    Offset globals;
    Offset lasti;
    Offset locals;             // first of the fast locals
    Offset zombie;             // PyCodeObject.co_zombieframe: a dead frame kept for the next call
    Offset value_stack;        // pointer to the first operand
    Offset stack_top;          // pointer behind the last one of a suspended frame; up to 3.9
    Offset stack_depth;        // int32, how many of them there are; 3.10
    Offset interpreter_frame;  // pointer; from 3.11 on
};

struct InterpreterFrameLayout {  // absent up to 3.10
    Offset executable;           // code object; masked with ~stackref_mask
    Offset previous;
    Offset instruction;
    Offset locals;
    Offset owner;          // int8
    Offset tlbc_index;     // int32; free-threaded builds from 3.14 on
    Offset stack_count;    // int32, variables and operands of a suspended frame; up to 3.13
    Offset stack_pointer;  // pointer behind the last operand of a suspended frame; from 3.14 on
};

struct CodeLayout {
    Offset argcount;
    Offset kwonly_argcount;
    Offset nlocals;
    Offset flags;
    Offset first_line;
    Offset first_traceable;  // int32, code units: a frame that has not come so far is not shown; from 3.11 on
    Offset version;          // uint32, never given twice (0: not given); from 3.12 on
    Offset varnames;         // LocalsRule::kVarnames
    Offset cellvars;         // LocalsRule::kVarnames
    Offset cell2arg;         // LocalsRule::kVarnames: ssize_t array or null
    Offset localsplus_names;  // LocalsRule::kLocalsPlus
    Offset localsplus_kinds;  // LocalsRule::kLocalsPlus
    Offset filename;
    Offset name;
    Offset qualname;
    Offset line_table;       // bytes object, whichever LineTableRule
    Offset bytecode;         // bytes object with the instructions; up to 3.10
    Offset instructions;     // first instruction, inside the code object; absent up to 3.10
    Offset tlbc;             // per-thread copies of the instructions; free-threaded builds from 3.14 on
    Offset stack_size;       // int32, operands at most
    Offset slots;            // int32, co_nlocalsplus: locals, cells and free variables; from 3.11 on
    Offset names;            // tuple
    Offset consts;           // tuple
    Offset freevars;         // LocalsRule::kVarnames
    Offset exception_table;  // bytes object; from 3.11 on
    Offset monitoring;       // what sys.monitoring hid; from 3.12 on
    Offset executors;        // what the JIT hid; from 3.13 on
};

struct MonitoringLayout {  // _PyCoMonitoringData; absent up to 3.11
    Offset lines;          // pointer: per code unit, what INSTRUMENTED_LINE stands for
    Offset instructions;   // pointer: per code unit, what INSTRUMENTED_INSTRUCTION stands for
};

struct ExecutorLayout {  // absent up to 3.12
    Offset items;        // first of the array's pointers
    Offset opcode;       // of an executor: what ENTER_EXECUTOR stands for; its argument is the byte behind
};

struct UnicodeLayout {
    Offset length;
    Offset state;  // the byte that holds kind, compact and ascii
    std::int8_t kind_bit;
    std::int8_t compact_bit;
    std::int8_t ascii_bit;
    Offset wide;  // wchar_t* of a legacy string that is not ready; absent from 3.12 on
    Offset wide_length;
    Offset ascii_data;     // compact ASCII
    Offset compact_data;   // compact, other
    Offset indirect_data;  // pointer to the data of a string that is not compact
};

struct BytesLayout {
    Offset data;
};

struct TupleLayout {
    Offset items;  // inline
};

struct ListLayout {
    Offset items;  // pointer
};

struct DictLayout {
    Offset used;
    Offset keys;
    Offset values;        // pointer to the values of a split table, else null
    Offset values_items;  // first value, from what `values` points to
};

struct DictKeysLayout {
    Offset slots;             // DictKeysRule::kSlotCount
    Offset log2_index_bytes;  // DictKeysRule::kLog2, uint8
    Offset kind;              // DictKeysRule::kLog2, uint8
    Offset entry_count;       // entries in use, deleted ones included
    Offset indices;
};

struct IntLayout {
    Offset tag;  // IntRule::kTag
    Offset digits;
};

struct FloatLayout {
    Offset value;
};

struct CellLayout {
    Offset content;
};

struct FunctionLayout {
    Offset code;
    Offset vectorcall;
    Offset call_version;  // uint32, 0: none, so no call of it is specialised; from 3.11 on
};

struct ModuleLayout {
    Offset dict;
};

struct ThreadStateLayout {
    Offset next;
    Offset interpreter;
    Offset frame;           // see FrameRule
    Offset cframe_current;  // FrameRule::kCFrame: the frame inside _PyCFrame
    Offset status;          // CurrentThreadRule::kStatusActive
    std::int8_t active_bit;
    Offset thread_id;
    Offset native_thread_id;
    Offset origin_depth;     // coroutine_origin_tracking_depth, int32
    Offset datastack_chunk;  // what holds that; its size stands behind its first pointer
    Offset datastack_top;    // where the next frame will be pushed; from 3.11 on
    Offset running_task;     // the asyncio task in whose step the thread is; from 3.14 on
};

struct InterpreterLayout {
    Offset next;
    Offset id;
    Offset threads_head;
    Offset gc_collecting;  // int32; absent in 3.8, see runtime
    Offset modules;        // sys.modules
};

struct RuntimeLayout {
    Offset interpreters_head;
    Offset current_thread_state;  // CurrentThreadRule::kRuntimeCurrent
    Offset gc_collecting;         // int32; 3.8 only
    Offset finalizing;            // thread state that shuts the runtime down; null before
};

// _asyncio.Task
struct TaskLayout {
    Offset coroutine;
    Offset name;           // str; from 3.12 on also an int, from which the name is made when somebody asks
    Offset exception;      // of one that failed; null or None: it did not
    Offset log_traceback;  // a byte whose lowest bit says that nobody has asked for the exception
};

struct TracebackLayout {
    Offset next;         // of the function that was called there
    Offset frame;        // frame object
    Offset instruction;  // int32, bytes from the first instruction
};

struct ExceptionLayout {
    Offset traceback;
};

struct Layout {
    std::string_view name;  // "3.11", "3.13t"
    std::int8_t minor;      // with `name` for messages and for the registry only: ask the rules below
    bool free_threaded;
    const OpcodeTable* opcodes;

    CreatedRule created_rule;
    std::int8_t created_value;
    FrameRule frame_rule;
    InstructionRule instruction_rule;
    LineTableRule line_table_rule;
    LocalsRule locals_rule;
    IntRule int_rule;
    DictKeysRule dict_keys_rule;
    AttributesRule attributes_rule;
    CurrentThreadRule current_thread_rule;
    DebugOffsetsRule debug_offsets_rule;
    std::uint64_t stackref_mask;       // tag bits of a reference held by a frame; 0: plain pointers
    std::int8_t cleared_value;         // coroutine.frame_state of one that has ended; from 3.11 on
    std::int8_t owner_generator;       // interpreter_frame.owner of a frame inside a generator
    std::int8_t owner_shim;            // from here on a frame stands for a C call: skip it; 127: none
    bool agen_methods_finalized;       // a dropped asend/athrow/aclose object warns like a coroutine
    std::int32_t agen_method_created;  // asend.state / athrow.state of one never awaited
    bool calls_by_vectorcall;          // Python code calls each function through its vectorcall field
    std::int8_t managed_dict;          // see AttributesRule; from the object

    ObjectLayout object;
    TypeLayout type;
    CoroutineLayout coroutine;
    AsyncGenSendLayout asend;
    AsyncGenThrowLayout athrow;
    FrameObjectLayout frame_object;
    InterpreterFrameLayout interpreter_frame;
    CodeLayout code;
    MonitoringLayout monitoring;
    ExecutorLayout executor;
    UnicodeLayout unicode;
    BytesLayout bytes;
    TupleLayout tuple;
    ListLayout list;
    DictLayout dict;
    DictKeysLayout dict_keys;
    IntLayout integer;
    FloatLayout floating;
    CellLayout cell;
    FunctionLayout function;
    ModuleLayout module;
    ThreadStateLayout thread_state;
    InterpreterLayout interpreter;
    RuntimeLayout runtime;
    TaskLayout task;
    TracebackLayout traceback;
    ExceptionLayout exception;
};

// Where a coroutine that has not started keeps its code object: the word at `offset`, less the bits of
// `tag_mask`. One load for the stub.
struct CodeWord {
    Offset offset;
    std::uint64_t tag_mask;
};

[[nodiscard]] constexpr CodeWord coroutine_code_word(const Layout& layout) {
    if (layout.coroutine.code != kAbsent) return {layout.coroutine.code, 0};
    return {layout.coroutine.iframe + layout.interpreter_frame.executable, layout.stackref_mask};
}

}  // namespace corotrace
