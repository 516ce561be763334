// SPDX-License-Identifier: MIT
// CPython 3.14t on 64-bit Linux. Offsets from 3.14.10 headers compiled with Py_GIL_DISABLED.
// The comment behind a number names where it is found: scripts/extract_layout.py holds every such line
// against the debug information of a build, and rewrites it with --update.
#pragma once

#include "cpython_layouts/layout.hpp"
#include "cpython_layouts/versions/opcodes_3_14.hpp"

namespace corotrace {

inline constexpr Layout kPython14t = {
    .name = "3.14t",
    .minor = 14,
    .free_threaded = true,
    .opcodes = &kOpcodes14,
    .created_rule = CreatedRule::kFrameState,                 // genobject.c gen_close/_PyGen_Finalize
    .created_value = -3,                                      // enum FRAME_CREATED
    .frame_rule = FrameRule::kInterpreterFrame,               // pystate.c
    .instruction_rule = InstructionRule::kPointer,            // ceval.c
    .line_table_rule = LineTableRule::kLocations,             // InternalDocs/code_objects.md
    .locals_rule = LocalsRule::kLocalsPlus,                   // codeobject.c
    .int_rule = IntRule::kTag,                                // longintrepr.h
    .dict_keys_rule = DictKeysRule::kLog2,                    // pycore_dict.h
    .attributes_rule = AttributesRule::kInlineValues,         // pycore_object.h
    .current_thread_rule = CurrentThreadRule::kStatusActive,  // pycore_pystate.h
    .debug_offsets_rule = DebugOffsetsRule::kEdition314,      // pycore_debug_offsets.h
    .stackref_mask = 3,                                       // pycore_stackref.h Py_TAG_BITS
    .cleared_value = 4,                                       // enum FRAME_CLEARED
    .owner_generator = 1,                                     // enum FRAME_OWNED_BY_GENERATOR
    .owner_shim = 3,                                          // enum FRAME_OWNED_BY_INTERPRETER
    .agen_methods_finalized = true,                           // genobject.c async_gen_asend_finalize
    .agen_method_created = 0,                                 // enum AWAITABLE_STATE_INIT
    .calls_by_vectorcall = true,                              // ceval.c
    .managed_dict = -8,                                       // pycore_object.h MANAGED_DICT_OFFSET
    .object =
        {
            .refcount = kAbsent,  // PyObject.ob_refcnt
            .ref_local = 12,      // PyObject.ob_ref_local
            .ref_shared = 16,     // PyObject.ob_ref_shared
            .type = 24,           // PyObject.ob_type
            .size = 32,           // PyVarObject.ob_size
        },
    .type =
        {
            .name = 40,               // PyTypeObject.tp_name
            .basicsize = 48,          // PyTypeObject.tp_basicsize
            .vectorcall_offset = 72,  // PyTypeObject.tp_vectorcall_offset
            .weaklist_offset = 224,   // PyTypeObject.tp_weaklistoffset
            .flags = 184,             // PyTypeObject.tp_flags
            .members = 256,           // PyTypeObject.tp_members
            .base = 272,              // PyTypeObject.tp_base
            .dict_offset = 304,       // PyTypeObject.tp_dictoffset
            .dict = 280,              // PyTypeObject.tp_dict
            .finalize = 408,          // PyTypeObject.tp_finalize
            .heap_qualname = 888,     // PyHeapTypeObject.ht_qualname
            .heap_keys = 896,         // PyHeapTypeObject.ht_cached_keys
        },
    .coroutine =
        {
            .frame = kAbsent,   // PyCoroObject.cr_frame
            .code = kAbsent,    // PyCoroObject.cr_code
            .name = 40,         // PyCoroObject.cr_name
            .qualname = 48,     // PyCoroObject.cr_qualname
            .origin = 72,       // PyCoroObject.cr_origin_or_finalizer
            .frame_state = 83,  // PyCoroObject.cr_frame_state
            .iframe = 88,       // PyCoroObject.cr_iframe
        },
    .asend =
        {
            .generator = 32,  // PyAsyncGenASend.ags_gen
            .state = 48,      // PyAsyncGenASend.ags_state
        },
    .athrow =
        {
            .generator = 32,  // PyAsyncGenAThrow.agt_gen
            .arguments = 40,  // PyAsyncGenAThrow.agt_args
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
            .interpreter_frame = 40,  // PyFrameObject.f_frame
        },
    .interpreter_frame =
        {
            .executable = 0,         // _PyInterpreterFrame.f_executable
            .previous = 8,           // _PyInterpreterFrame.previous
            .instruction = 56,       // _PyInterpreterFrame.instr_ptr
            .locals = 80,            // _PyInterpreterFrame.localsplus
            .owner = 78,             // _PyInterpreterFrame.owner
            .tlbc_index = 72,        // _PyInterpreterFrame.tlbc_index
            .stack_count = kAbsent,  // _PyInterpreterFrame.stacktop
            .stack_pointer = 64,     // _PyInterpreterFrame.stackpointer
        },
    .code =
        {
            .argcount = 68,           // PyCodeObject.co_argcount
            .kwonly_argcount = 76,    // PyCodeObject.co_kwonlyargcount
            .nlocals = 96,            // PyCodeObject.co_nlocals
            .flags = 64,              // PyCodeObject.co_flags
            .first_line = 84,         // PyCodeObject.co_firstlineno
            .first_traceable = 208,   // PyCodeObject._co_firsttraceable
            .version = 108,           // PyCodeObject.co_version
            .varnames = kAbsent,      // PyCodeObject.co_varnames
            .cellvars = kAbsent,      // PyCodeObject.co_cellvars
            .cell2arg = kAbsent,      // PyCodeObject.co_cell2arg
            .localsplus_names = 112,  // PyCodeObject.co_localsplusnames
            .localsplus_kinds = 120,  // PyCodeObject.co_localspluskinds
            .filename = 128,          // PyCodeObject.co_filename
            .name = 136,              // PyCodeObject.co_name
            .qualname = 144,          // PyCodeObject.co_qualname
            .line_table = 152,        // PyCodeObject.co_linetable
            .bytecode = kAbsent,      // PyCodeObject.co_code
            .instructions = 232,      // PyCodeObject.co_code_adaptive
            .tlbc = 224,              // PyCodeObject.co_tlbc
            .stack_size = 80,         // PyCodeObject.co_stacksize
            .slots = 88,              // PyCodeObject.co_nlocalsplus
            .names = 48,              // PyCodeObject.co_names
            .consts = 40,             // PyCodeObject.co_consts
            .freevars = kAbsent,      // PyCodeObject.co_freevars
            .exception_table = 56,    // PyCodeObject.co_exceptiontable
            .monitoring = 192,        // PyCodeObject._co_monitoring
            .executors = 168,         // PyCodeObject.co_executors
        },
    .monitoring =
        {
            .lines = 96,          // _PyCoMonitoringData.lines
            .instructions = 112,  // _PyCoMonitoringData.per_instruction_opcodes
        },
    .executor =
        {
            .items = 8,    // _PyExecutorArray.executors
            .opcode = 48,  // _PyExecutorObject.vm_data.opcode
        },
    .unicode =
        {
            .length = 32,            // PyASCIIObject.length
            .state = 49,             // PyASCIIObject.state.kind
            .kind_bit = 0,           // PyASCIIObject.state.kind:bit
            .compact_bit = 3,        // PyASCIIObject.state.compact:bit
            .ascii_bit = 4,          // PyASCIIObject.state.ascii:bit
            .wide = kAbsent,         // PyASCIIObject.wstr
            .wide_length = kAbsent,  // PyCompactUnicodeObject.wstr_length
            .ascii_data = 56,        // sizeof PyASCIIObject
            .compact_data = 72,      // sizeof PyCompactUnicodeObject
            .indirect_data = 72,     // PyUnicodeObject.data
        },
    .bytes =
        {
            .data = 48,  // PyBytesObject.ob_sval
        },
    .tuple =
        {
            .items = 48,  // PyTupleObject.ob_item
        },
    .list =
        {
            .items = 40,  // PyListObject.ob_item
        },
    .dict =
        {
            .used = 32,         // PyDictObject.ma_used
            .keys = 48,         // PyDictObject.ma_keys
            .values = 56,       // PyDictObject.ma_values
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
            .tag = 32,     // PyLongObject.long_value.lv_tag
            .digits = 40,  // PyLongObject.long_value.ob_digit
        },
    .floating =
        {
            .value = 32,  // PyFloatObject.ob_fval
        },
    .cell =
        {
            .content = 32,  // PyCellObject.ob_ref
        },
    .function =
        {
            .code = 64,           // PyFunctionObject.func_code
            .vectorcall = 152,    // PyFunctionObject.vectorcall
            .call_version = 160,  // PyFunctionObject.func_version
        },
    .module =
        {
            .dict = 32,  // PyModuleObject.md_dict
        },
    .thread_state =
        {
            .next = 8,                  // PyThreadState.next
            .interpreter = 16,          // PyThreadState.interp
            .frame = 72,                // PyThreadState.current_frame
            .cframe_current = kAbsent,  // _PyCFrame.current_frame
            .status = 32,               // PyThreadState._status
            .active_bit = 4,            // PyThreadState._status.active:bit
            .thread_id = 152,           // PyThreadState.thread_id
            .native_thread_id = 160,    // PyThreadState.native_thread_id
            .origin_depth = 184,        // PyThreadState.coroutine_origin_tracking_depth
            .datastack_chunk = 232,     // PyThreadState.datastack_chunk
            .datastack_top = 240,       // PyThreadState.datastack_top
            .running_task = 872,        // _PyThreadStateImpl.asyncio_running_task
        },
    .interpreter =
        {
            .next = 7272,           // PyInterpreterState.next
            .id = 7280,             // PyInterpreterState.id
            .threads_head = 7344,   // PyInterpreterState.threads.head
            .gc_collecting = 7600,  // PyInterpreterState.gc.collecting
            .modules = 7712,        // PyInterpreterState.imports.modules
        },
    .runtime =
        {
            .interpreters_head = 808,         // _PyRuntimeState.interpreters.head
            .current_thread_state = kAbsent,  // _PyRuntimeState.gilstate.tstate_current
            .gc_collecting = kAbsent,         // _PyRuntimeState.gc.collecting
            .finalizing = 784,                // _PyRuntimeState._finalizing
        },
    .task =
        {
            .coroutine = kAbsent,      // task_coro of TaskObj, Modules/_asynciomodule.c
            .name = kAbsent,           // task_name
            .exception = kAbsent,      // task_exception
            .log_traceback = kAbsent,  // task_log_tb
        },
    .traceback =
        {
            .next = 32,         // PyTracebackObject.tb_next
            .frame = 40,        // PyTracebackObject.tb_frame
            .instruction = 48,  // PyTracebackObject.tb_lasti
        },
    .exception =
        {
            .traceback = 56,  // PyBaseExceptionObject.traceback
        },
};

}  // namespace corotrace
