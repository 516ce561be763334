// SPDX-License-Identifier: MIT
// CPython 3.9 on 64-bit Linux. Offsets from the DWARF of 3.9.18 (pyenv).
// The comment behind a number names where it is found: scripts/extract_layout.py holds every such line
// against the debug information of a build, and rewrites it with --update.
#pragma once

#include "cpython_layouts/layout.hpp"
#include "cpython_layouts/versions/opcodes_3_09.hpp"

namespace corotrace {

inline constexpr Layout kPython09 = {
    .name = "3.9",
    .minor = 9,
    .free_threaded = false,
    .opcodes = &kOpcodes09,
    .created_rule = CreatedRule::kFrameLasti,                   // genobject.c gen_close/_PyGen_Finalize
    .created_value = -1,                                        // genobject.c: f_lasti == -1
    .frame_rule = FrameRule::kFrameObjects,                     // pystate.c
    .instruction_rule = InstructionRule::kByteOffset,           // ceval.c
    .line_table_rule = LineTableRule::kLnotab,                  // Objects/lnotab_notes.txt
    .locals_rule = LocalsRule::kVarnames,                       // codeobject.c
    .int_rule = IntRule::kSizeSign,                             // longintrepr.h
    .dict_keys_rule = DictKeysRule::kSlotCount,                 // dict-common.h
    .attributes_rule = AttributesRule::kOffset,                 // pycore_object.h
    .current_thread_rule = CurrentThreadRule::kRuntimeCurrent,  // pycore_pystate.h
    .debug_offsets_rule = DebugOffsetsRule::kNone,              // they came with 3.13
    .stackref_mask = 0,                                         // plain pointers
    .cleared_value = 0,                                         // not used up to 3.10
    .owner_generator = 127,                                     // frames carry no owner
    .owner_shim = 127,                                          // no such frames
    .agen_methods_finalized = false,                            // genobject.c: no tp_finalize
    .agen_method_created = 0,                                   // enum AWAITABLE_STATE_INIT
    .calls_by_vectorcall = true,                                // ceval.c
    .managed_dict = 0,                                          // not before 3.11
    .object =
        {
            .refcount = 0,          // PyObject.ob_refcnt
            .ref_local = kAbsent,   // PyObject.ob_ref_local
            .ref_shared = kAbsent,  // PyObject.ob_ref_shared
            .type = 8,              // PyObject.ob_type
            .size = 16,             // PyVarObject.ob_size
        },
    .type =
        {
            .name = 24,               // PyTypeObject.tp_name
            .basicsize = 32,          // PyTypeObject.tp_basicsize
            .vectorcall_offset = 56,  // PyTypeObject.tp_vectorcall_offset
            .weaklist_offset = 208,   // PyTypeObject.tp_weaklistoffset
            .flags = 168,             // PyTypeObject.tp_flags
            .members = 240,           // PyTypeObject.tp_members
            .base = 256,              // PyTypeObject.tp_base
            .dict_offset = 288,       // PyTypeObject.tp_dictoffset
            .dict = 264,              // PyTypeObject.tp_dict
            .finalize = 392,          // PyTypeObject.tp_finalize
            .heap_qualname = 856,     // PyHeapTypeObject.ht_qualname
            .heap_keys = 864,         // PyHeapTypeObject.ht_cached_keys
        },
    .coroutine =
        {
            .frame = 16,             // PyCoroObject.cr_frame
            .code = 32,              // PyCoroObject.cr_code
            .name = 48,              // PyCoroObject.cr_name
            .qualname = 56,          // PyCoroObject.cr_qualname
            .origin = 96,            // PyCoroObject.cr_origin
            .frame_state = kAbsent,  // PyCoroObject.cr_frame_state
            .iframe = kAbsent,       // PyCoroObject.cr_iframe
        },
    .asend =
        {
            .generator = 16,  // PyAsyncGenASend.ags_gen
            .state = 32,      // PyAsyncGenASend.ags_state
        },
    .athrow =
        {
            .generator = 16,  // PyAsyncGenAThrow.agt_gen
            .arguments = 24,  // PyAsyncGenAThrow.agt_args
            .state = 32,      // PyAsyncGenAThrow.agt_state
        },
    .frame_object =
        {
            .back = 24,                    // PyFrameObject.f_back
            .code = 32,                    // PyFrameObject.f_code
            .globals = 48,                 // PyFrameObject.f_globals
            .lasti = 104,                  // PyFrameObject.f_lasti
            .locals = 360,                 // PyFrameObject.f_localsplus
            .zombie = 128,                 // PyCodeObject.co_zombieframe
            .value_stack = 64,             // PyFrameObject.f_valuestack
            .stack_top = 72,               // PyFrameObject.f_stacktop
            .stack_depth = kAbsent,        // PyFrameObject.f_stackdepth
            .interpreter_frame = kAbsent,  // PyFrameObject.f_frame
        },
    .interpreter_frame =
        {
            .executable = kAbsent,     // _PyInterpreterFrame.f_executable
            .previous = kAbsent,       // _PyInterpreterFrame.previous
            .instruction = kAbsent,    // _PyInterpreterFrame.instr_ptr
            .locals = kAbsent,         // _PyInterpreterFrame.localsplus
            .owner = kAbsent,          // _PyInterpreterFrame.owner
            .tlbc_index = kAbsent,     // _PyInterpreterFrame.tlbc_index
            .stack_count = kAbsent,    // _PyInterpreterFrame.stacktop
            .stack_pointer = kAbsent,  // _PyInterpreterFrame.stackpointer
        },
    .code =
        {
            .argcount = 16,               // PyCodeObject.co_argcount
            .kwonly_argcount = 24,        // PyCodeObject.co_kwonlyargcount
            .nlocals = 28,                // PyCodeObject.co_nlocals
            .flags = 36,                  // PyCodeObject.co_flags
            .first_line = 40,             // PyCodeObject.co_firstlineno
            .first_traceable = kAbsent,   // PyCodeObject._co_firsttraceable
            .version = kAbsent,           // PyCodeObject.co_version
            .varnames = 72,               // PyCodeObject.co_varnames
            .cellvars = 88,               // PyCodeObject.co_cellvars
            .cell2arg = 96,               // PyCodeObject.co_cell2arg
            .localsplus_names = kAbsent,  // PyCodeObject.co_localsplusnames
            .localsplus_kinds = kAbsent,  // PyCodeObject.co_localspluskinds
            .filename = 104,              // PyCodeObject.co_filename
            .name = 112,                  // PyCodeObject.co_name
            .qualname = kAbsent,          // PyCodeObject.co_qualname
            .line_table = 120,            // PyCodeObject.co_lnotab
            .bytecode = 48,               // PyCodeObject.co_code
            .instructions = kAbsent,      // PyCodeObject.co_code_adaptive
            .tlbc = kAbsent,              // PyCodeObject.co_tlbc
            .stack_size = 32,             // PyCodeObject.co_stacksize
            .slots = kAbsent,             // PyCodeObject.co_nlocalsplus
            .names = 64,                  // PyCodeObject.co_names
            .consts = 56,                 // PyCodeObject.co_consts
            .freevars = 80,               // PyCodeObject.co_freevars
            .exception_table = kAbsent,   // PyCodeObject.co_exceptiontable
            .monitoring = kAbsent,        // PyCodeObject._co_monitoring
            .executors = kAbsent,         // PyCodeObject.co_executors
        },
    .monitoring =
        {
            .lines = kAbsent,         // _PyCoMonitoringData.lines
            .instructions = kAbsent,  // _PyCoMonitoringData.per_instruction_opcodes
        },
    .executor =
        {
            .items = kAbsent,   // _PyExecutorArray.executors
            .opcode = kAbsent,  // _PyExecutorObject.vm_data.opcode
        },
    .unicode =
        {
            .length = 16,         // PyASCIIObject.length
            .state = 32,          // PyASCIIObject.state.kind
            .kind_bit = 2,        // PyASCIIObject.state.kind:bit
            .compact_bit = 5,     // PyASCIIObject.state.compact:bit
            .ascii_bit = 6,       // PyASCIIObject.state.ascii:bit
            .wide = 40,           // PyASCIIObject.wstr
            .wide_length = 64,    // PyCompactUnicodeObject.wstr_length
            .ascii_data = 48,     // sizeof PyASCIIObject
            .compact_data = 72,   // sizeof PyCompactUnicodeObject
            .indirect_data = 72,  // PyUnicodeObject.data
        },
    .bytes =
        {
            .data = 32,  // PyBytesObject.ob_sval
        },
    .tuple =
        {
            .items = 24,  // PyTupleObject.ob_item
        },
    .list =
        {
            .items = 24,  // PyListObject.ob_item
        },
    .dict =
        {
            .used = 16,         // PyDictObject.ma_used
            .keys = 32,         // PyDictObject.ma_keys
            .values = 40,       // PyDictObject.ma_values
            .values_items = 0,  // dict-common.h: a plain array
        },
    .dict_keys =
        {
            .slots = 8,                   // PyDictKeysObject.dk_size
            .log2_index_bytes = kAbsent,  // PyDictKeysObject.dk_log2_index_bytes
            .kind = kAbsent,              // PyDictKeysObject.dk_kind
            .entry_count = 32,            // PyDictKeysObject.dk_nentries
            .indices = 40,                // PyDictKeysObject.dk_indices
        },
    .integer =
        {
            .tag = kAbsent,  // PyLongObject.long_value.lv_tag
            .digits = 24,    // PyLongObject.ob_digit
        },
    .floating =
        {
            .value = 16,  // PyFloatObject.ob_fval
        },
    .cell =
        {
            .content = 16,  // PyCellObject.ob_ref
        },
    .function =
        {
            .code = 16,               // PyFunctionObject.func_code
            .vectorcall = 112,        // PyFunctionObject.vectorcall
            .call_version = kAbsent,  // PyFunctionObject.func_version
        },
    .module =
        {
            .dict = 16,  // PyModuleObject.md_dict
        },
    .thread_state =
        {
            .next = 8,                    // PyThreadState.next
            .interpreter = 16,            // PyThreadState.interp
            .frame = 24,                  // PyThreadState.frame
            .cframe_current = kAbsent,    // _PyCFrame.current_frame
            .status = kAbsent,            // PyThreadState._status
            .active_bit = kAbsent,        // PyThreadState._status.active:bit
            .thread_id = 176,             // PyThreadState.thread_id
            .native_thread_id = kAbsent,  // PyThreadState.native_thread_id
            .origin_depth = 216,          // PyThreadState.coroutine_origin_tracking_depth
            .datastack_chunk = kAbsent,   // PyThreadState.datastack_chunk
            .datastack_top = kAbsent,     // PyThreadState.datastack_top
            .running_task = kAbsent,      // _PyThreadStateImpl.asyncio_running_task
        },
    .interpreter =
        {
            .next = 0,             // PyInterpreterState.next
            .id = 24,              // PyInterpreterState.id
            .threads_head = 8,     // PyInterpreterState.tstate_head
            .gc_collecting = 816,  // PyInterpreterState.gc.collecting
            .modules = 856,        // PyInterpreterState.modules
        },
    .runtime =
        {
            .interpreters_head = 32,      // _PyRuntimeState.interpreters.head
            .current_thread_state = 568,  // _PyRuntimeState.gilstate.tstate_current
            .gc_collecting = kAbsent,     // _PyRuntimeState.gc.collecting
            .finalizing = 16,             // _PyRuntimeState._finalizing
        },
    .task =
        {
            .coroutine = 152,     // task_coro of TaskObj, Modules/_asynciomodule.c
            .name = 160,          // task_name
            .exception = 48,      // task_exception
            .log_traceback = 84,  // task_log_tb
        },
    .traceback =
        {
            .next = 16,         // PyTracebackObject.tb_next
            .frame = 24,        // PyTracebackObject.tb_frame
            .instruction = 32,  // PyTracebackObject.tb_lasti
        },
    .exception =
        {
            .traceback = 32,  // PyBaseExceptionObject.traceback
        },
};

}  // namespace corotrace
