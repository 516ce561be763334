// SPDX-License-Identifier: MIT
// CPython 3.15 on 64-bit Linux. Offsets from the DWARF of Debian 3.15.2.
// The comment behind a number names where it is found: scripts/extract_layout.py holds every such line
// against the debug information of a build, and rewrites it with --update.
#pragma once

#include "cpython_layouts/layout.hpp"
#include "cpython_layouts/versions/opcodes_3_15.hpp"

namespace corotrace {

inline constexpr Layout kPython15 = {
    .name = "3.15",
    .minor = 15,
    .free_threaded = false,
    .opcodes = &kOpcodes15,
    .created_rule = CreatedRule::kFrameState,                 // genobject.c gen_close/_PyGen_Finalize
    .created_value = 0,                                       // enum FRAME_CREATED
    .frame_rule = FrameRule::kInterpreterFrame,               // pystate.c
    .instruction_rule = InstructionRule::kPointer,            // ceval.c
    .line_table_rule = LineTableRule::kLocations,             // InternalDocs/code_objects.md
    .locals_rule = LocalsRule::kLocalsPlus,                   // codeobject.c
    .int_rule = IntRule::kTag,                                // longintrepr.h
    .dict_keys_rule = DictKeysRule::kLog2,                    // pycore_dict.h
    .attributes_rule = AttributesRule::kInlineValues,         // pycore_object.h
    .current_thread_rule = CurrentThreadRule::kStatusActive,  // pycore_pystate.h
    .debug_offsets_rule = DebugOffsetsRule::kEdition315,      // pycore_debug_offsets.h
    .stackref_mask = 3,                                       // pycore_stackref.h Py_TAG_BITS
    .cleared_value = 5,                                       // enum FRAME_CLEARED
    .owner_generator = 1,                                     // enum FRAME_OWNED_BY_GENERATOR
    .owner_shim = 3,                                          // enum FRAME_OWNED_BY_INTERPRETER
    .agen_methods_finalized = true,                           // genobject.c async_gen_asend_finalize
    .agen_method_created = 0,                                 // enum AWAITABLE_STATE_INIT
    .calls_by_vectorcall = true,                              // ceval.c
    .managed_dict = -24,                                      // pycore_object.h MANAGED_DICT_OFFSET
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
            .heap_qualname = 880,     // PyHeapTypeObject.ht_qualname
            .heap_keys = 888,         // PyHeapTypeObject.ht_cached_keys
        },
    .coroutine =
        {
            .frame = kAbsent,   // PyCoroObject.cr_frame
            .code = kAbsent,    // PyCoroObject.cr_code
            .name = 24,         // PyCoroObject.cr_name
            .qualname = 32,     // PyCoroObject.cr_qualname
            .origin = 56,       // PyCoroObject.cr_origin_or_finalizer
            .frame_state = 67,  // PyCoroObject.cr_frame_state
            .iframe = 72,       // PyCoroObject.cr_iframe
        },
    .asend =
        {
            .generator = 16,  // PyAsyncGenASend.ags_gen
            .state = 32,      // PyAsyncGenASend.ags_state
        },
    .athrow =
        {
            .generator = 16,  // PyAsyncGenAThrow.agt_gen
            .arguments = 24,  // PyAsyncGenAThrow.agt_typ
            .state = 48,      // PyAsyncGenAThrow.agt_state
        },
    .frame_object =
        {
            .back = kAbsent,          // not used from 3.11 on
            .code = kAbsent,          // not used from 3.11 on
            .globals = kAbsent,       // not used from 3.11 on
            .lasti = kAbsent,         // not used from 3.11 on
            .locals = kAbsent,        // not used from 3.11 on
            .zombie = kAbsent,        // not used from 3.11 on
            .value_stack = kAbsent,   // not used from 3.11 on
            .stack_top = kAbsent,     // not used from 3.11 on
            .stack_depth = kAbsent,   // not used from 3.11 on
            .interpreter_frame = 24,  // PyFrameObject.f_frame
        },
    .interpreter_frame =
        {
            .executable = 0,         // _PyInterpreterFrame.f_executable
            .previous = 8,           // _PyInterpreterFrame.previous
            .instruction = 56,       // _PyInterpreterFrame.instr_ptr
            .locals = 80,            // _PyInterpreterFrame.localsplus
            .owner = 74,             // _PyInterpreterFrame.owner
            .tlbc_index = kAbsent,   // _PyInterpreterFrame.tlbc_index
            .stack_count = kAbsent,  // _PyInterpreterFrame.stacktop
            .stack_pointer = 64,     // _PyInterpreterFrame.stackpointer
        },
    .code =
        {
            .argcount = 52,           // PyCodeObject.co_argcount
            .kwonly_argcount = 60,    // PyCodeObject.co_kwonlyargcount
            .nlocals = 80,            // PyCodeObject.co_nlocals
            .flags = 48,              // PyCodeObject.co_flags
            .first_line = 68,         // PyCodeObject.co_firstlineno
            .first_traceable = 192,   // PyCodeObject._co_firsttraceable
            .version = 92,            // PyCodeObject.co_version
            .varnames = kAbsent,      // PyCodeObject.co_varnames
            .cellvars = kAbsent,      // PyCodeObject.co_cellvars
            .cell2arg = kAbsent,      // PyCodeObject.co_cell2arg
            .localsplus_names = 96,   // PyCodeObject.co_localsplusnames
            .localsplus_kinds = 104,  // PyCodeObject.co_localspluskinds
            .filename = 112,          // PyCodeObject.co_filename
            .name = 120,              // PyCodeObject.co_name
            .qualname = 128,          // PyCodeObject.co_qualname
            .line_table = 136,        // PyCodeObject.co_linetable
            .bytecode = kAbsent,      // PyCodeObject.co_code
            .instructions = 208,      // PyCodeObject.co_code_adaptive
            .tlbc = kAbsent,          // PyCodeObject.co_tlbc
            .stack_size = 64,         // PyCodeObject.co_stacksize
            .slots = 72,              // PyCodeObject.co_nlocalsplus
            .names = 32,              // PyCodeObject.co_names
            .consts = 24,             // PyCodeObject.co_consts
            .freevars = kAbsent,      // PyCodeObject.co_freevars
            .exception_table = 40,    // PyCodeObject.co_exceptiontable
            .monitoring = 176,        // PyCodeObject._co_monitoring
            .executors = 152,         // PyCodeObject.co_executors
        },
    .monitoring =
        {
            .lines = 104,         // _PyCoMonitoringData.lines
            .instructions = 120,  // _PyCoMonitoringData.per_instruction_opcodes
        },
    .executor =
        {
            .items = 8,    // _PyExecutorArray.executors
            .opcode = 32,  // _PyExecutorObject.vm_data.opcode
        },
    .unicode =
        {
            .length = 16,            // PyASCIIObject.length
            .state = 32,             // PyASCIIObject.state.kind
            .kind_bit = 2,           // PyASCIIObject.state.kind:bit
            .compact_bit = 5,        // PyASCIIObject.state.compact:bit
            .ascii_bit = 6,          // PyASCIIObject.state.ascii:bit
            .wide = kAbsent,         // PyASCIIObject.wstr
            .wide_length = kAbsent,  // PyCompactUnicodeObject.wstr_length
            .ascii_data = 40,        // sizeof PyASCIIObject
            .compact_data = 56,      // sizeof PyCompactUnicodeObject
            .indirect_data = 56,     // PyUnicodeObject.data
        },
    .bytes =
        {
            .data = 32,  // PyBytesObject.ob_sval
        },
    .tuple =
        {
            .items = 32,  // PyTupleObject.ob_item
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
            .values_items = 8,  // PyDictValues.values
        },
    .dict_keys =
        {
            .slots = kAbsent,       // PyDictKeysObject.dk_size
            .log2_index_bytes = 9,  // PyDictKeysObject.dk_log2_index_bytes
            .kind = 10,             // PyDictKeysObject.dk_kind
            .entry_count = 24,      // PyDictKeysObject.dk_nentries
            .indices = 32,          // PyDictKeysObject.dk_indices
        },
    .integer =
        {
            .tag = 16,     // PyLongObject.long_value.lv_tag
            .digits = 24,  // PyLongObject.long_value.ob_digit
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
            .code = 48,           // PyFunctionObject.func_code
            .vectorcall = 136,    // PyFunctionObject.vectorcall
            .call_version = 144,  // PyFunctionObject.func_version
        },
    .module =
        {
            .dict = 16,  // PyModuleObject.md_dict
        },
    .thread_state =
        {
            .next = 8,                  // PyThreadState.next
            .interpreter = 16,          // PyThreadState.interp
            .frame = 72,                // PyThreadState.current_frame
            .cframe_current = kAbsent,  // _PyCFrame.current_frame
            .status = 32,               // PyThreadState._status
            .active_bit = 4,            // PyThreadState._status.active:bit
            .thread_id = 176,           // PyThreadState.thread_id
            .native_thread_id = 184,    // PyThreadState.native_thread_id
            .origin_depth = 208,        // PyThreadState.coroutine_origin_tracking_depth
            .datastack_chunk = 256,     // PyThreadState.datastack_chunk
            .datastack_top = 264,       // PyThreadState.datastack_top
            .running_task = 1032,       // _PyThreadStateImpl.asyncio_running_task
        },
    .interpreter =
        {
            .next = 7264,           // PyInterpreterState.next
            .id = 7272,             // PyInterpreterState.id
            .threads_head = 7336,   // PyInterpreterState.threads.head
            .gc_collecting = 7512,  // PyInterpreterState.gc.collecting
            .modules = 7592,        // PyInterpreterState.imports.modules
        },
    .runtime =
        {
            .interpreters_head = 936,         // _PyRuntimeState.interpreters.head
            .current_thread_state = kAbsent,  // _PyRuntimeState.gilstate.tstate_current
            .gc_collecting = kAbsent,         // _PyRuntimeState.gc.collecting
            .finalizing = 912,                // _PyRuntimeState._finalizing
        },
    .task =
        {
            .coroutine = 128,      // task_coro of TaskObj, Modules/_asynciomodule.c
            .name = 136,           // task_name
            .exception = 48,       // task_exception
            .log_traceback = 110,  // task_log_tb
        },
    .traceback =
        {
            .next = 16,         // PyTracebackObject.tb_next
            .frame = 24,        // PyTracebackObject.tb_frame
            .instruction = 32,  // PyTracebackObject.tb_lasti
        },
    .exception =
        {
            .traceback = 40,  // PyBaseExceptionObject.traceback
        },
};

}  // namespace corotrace
