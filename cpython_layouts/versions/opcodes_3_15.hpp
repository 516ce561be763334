// SPDX-License-Identifier: MIT
// Opcodes of CPython 3.15, as the modules opcode and dis of 3.15.2 have them.
// Written by scripts/extract_opcodes.py, which also says where Op and stack effects come from.
#pragma once

#include "cpython_layouts/opcode.hpp"

namespace corotrace {

// clang-format off
inline constexpr OpcodeRow kOpcodeRows15[] = {
    {.number = 0, .name = "CACHE", .op = Op::kNothing},
    {.number = 1, .name = "BINARY_SLICE", .op = Op::kSubscript, .effect = {.pops = 3, .pushes = 1}},
    {.number = 2, .name = "BUILD_TEMPLATE", .op = Op::kOther, .effect = {.pops = 2, .pushes = 1}},
    {.number = 4, .name = "CALL_FUNCTION_EX", .op = Op::kCallEx, .caches = 1, .effect = {.pops = 4, .pushes = 1}},
    {.number = 5, .name = "CHECK_EG_MATCH", .op = Op::kOther, .effect = {.pops = 2, .pushes = 2}},
    {.number = 6, .name = "CHECK_EXC_MATCH", .op = Op::kOther, .effect = {.pops = 1, .pushes = 1}},
    {.number = 7, .name = "CLEANUP_THROW", .op = Op::kOther, .effect = {.pops = 3, .pushes = 2}},
    {.number = 8, .name = "DELETE_SUBSCR", .op = Op::kDeleteSubscript, .effect = {.pops = 2}},
    {.number = 9, .name = "END_FOR", .op = Op::kOther, .effect = {.pops = 1}},
    {.number = 10, .name = "END_SEND", .op = Op::kEndSend, .effect = {.pops = 3, .pushes = 1}},
    {.number = 11, .name = "EXIT_INIT_CHECK", .op = Op::kOther, .effect = {.pops = 1}},
    {.number = 12, .name = "FORMAT_SIMPLE", .op = Op::kFormat, .effect = {.pops = 1, .pushes = 1}},
    {.number = 13, .name = "FORMAT_WITH_SPEC", .op = Op::kFormat, .effect = {.pops = 2, .pushes = 1}},
    {.number = 14, .name = "GET_AITER", .op = Op::kGetAiter, .effect = {.pops = 1, .pushes = 1}},
    {.number = 15, .name = "GET_ANEXT", .op = Op::kGetAnext, .effect = {.pushes = 1}},
    {.number = 16, .name = "GET_LEN", .op = Op::kPush, .effect = {.pushes = 1}},
    {.number = 17, .name = "RESERVED", .op = Op::kNothing},
    {.number = 18, .name = "INTERPRETER_EXIT", .op = Op::kReturn, .effect = {.pops = 1}},
    {.number = 19, .name = "LOAD_BUILD_CLASS", .op = Op::kPush, .effect = {.pushes = 1}},
    {.number = 20, .name = "LOAD_LOCALS", .op = Op::kPush, .effect = {.pushes = 1}},
    {.number = 21, .name = "MAKE_FUNCTION", .op = Op::kMakeFunction, .effect = {.pops = 1, .pushes = 1}},
    {.number = 22, .name = "MATCH_KEYS", .op = Op::kOther, .effect = {.pushes = 1}},
    {.number = 23, .name = "MATCH_MAPPING", .op = Op::kPush, .effect = {.pushes = 1}},
    {.number = 24, .name = "MATCH_SEQUENCE", .op = Op::kPush, .effect = {.pushes = 1}},
    {.number = 25, .name = "NOP", .op = Op::kNothing},
    {.number = 26, .name = "NOT_TAKEN", .op = Op::kNothing},
    {.number = 27, .name = "POP_EXCEPT", .op = Op::kPopExcept, .effect = {.pops = 1}},
    {.number = 28, .name = "POP_ITER", .op = Op::kOther, .effect = {.pops = 2}},
    {.number = 29, .name = "POP_TOP", .op = Op::kPopTop, .effect = {.pops = 1}},
    {.number = 30, .name = "PUSH_EXC_INFO", .op = Op::kOther, .effect = {.pops = 1, .pushes = 2}},
    {.number = 31, .name = "PUSH_NULL", .op = Op::kPushNull, .effect = {.pushes = 1}},
    {.number = 32, .name = "RETURN_GENERATOR", .op = Op::kReturnGenerator, .effect = {.pushes = 1}},
    {.number = 33, .name = "RETURN_VALUE", .op = Op::kReturn, .effect = {.pops = 1, .pushes = 1}},
    {.number = 34, .name = "SETUP_ANNOTATIONS", .op = Op::kNothing},
    {.number = 35, .name = "STORE_SLICE", .op = Op::kStoreSubscript, .effect = {.pops = 4}},
    {.number = 36, .name = "STORE_SUBSCR", .op = Op::kStoreSubscript, .caches = 1, .effect = {.pops = 3}},
    {.number = 37, .name = "TO_BOOL", .op = Op::kToBool, .caches = 3, .effect = {.pops = 1, .pushes = 1}},
    {.number = 38, .name = "UNARY_INVERT", .op = Op::kOther, .effect = {.pops = 1, .pushes = 1}},
    {.number = 39, .name = "UNARY_NEGATIVE", .op = Op::kOther, .effect = {.pops = 1, .pushes = 1}},
    {.number = 40, .name = "UNARY_NOT", .op = Op::kNot, .effect = {.pops = 1, .pushes = 1}},
    {.number = 41, .name = "WITH_EXCEPT_START", .op = Op::kWithExit, .effect = {.pushes = 1}},
    {.number = 42, .name = "BINARY_OP", .op = Op::kBinary, .caches = 5, .effect = {.pops = 2, .pushes = 1}},
    {.number = 43, .name = "BUILD_INTERPOLATION", .op = Op::kOther, .effect = {.pops = 2, .pushes = 1, .bits = ArgBits::kLowPops}},
    {.number = 44, .name = "BUILD_LIST", .op = Op::kBuild, .effect = {.pops_per_arg = 1, .pushes = 1}},
    {.number = 45, .name = "BUILD_MAP", .op = Op::kBuild, .effect = {.pops_per_arg = 2, .pushes = 1}},
    {.number = 46, .name = "BUILD_SET", .op = Op::kBuild, .effect = {.pops_per_arg = 1, .pushes = 1}},
    {.number = 47, .name = "BUILD_SLICE", .op = Op::kBuild, .effect = {.pops_per_arg = 1, .pushes = 1}},
    {.number = 48, .name = "BUILD_STRING", .op = Op::kBuildString, .effect = {.pops_per_arg = 1, .pushes = 1}},
    {.number = 49, .name = "BUILD_TUPLE", .op = Op::kBuild, .effect = {.pops_per_arg = 1, .pushes = 1}},
    {.number = 50, .name = "CALL", .op = Op::kCall, .caches = 3, .effect = {.pops = 2, .pops_per_arg = 1, .pushes = 1}},
    {.number = 51, .name = "CALL_INTRINSIC_1", .op = Op::kOther, .effect = {.pops = 1, .pushes = 1}},
    {.number = 52, .name = "CALL_INTRINSIC_2", .op = Op::kOther, .effect = {.pops = 2, .pushes = 1}},
    {.number = 53, .name = "CALL_KW", .op = Op::kCallKw, .caches = 3, .effect = {.pops = 3, .pops_per_arg = 1, .pushes = 1}},
    {.number = 54, .name = "COMPARE_OP", .op = Op::kCompare, .caches = 1, .effect = {.pops = 2, .pushes = 1}},
    {.number = 55, .name = "CONTAINS_OP", .op = Op::kCompare, .caches = 1, .effect = {.pops = 2, .pushes = 1}},
    {.number = 56, .name = "CONVERT_VALUE", .op = Op::kFormat, .effect = {.pops = 1, .pushes = 1}},
    {.number = 57, .name = "COPY", .op = Op::kCopy, .effect = {.pushes = 1}},
    {.number = 58, .name = "COPY_FREE_VARS", .op = Op::kNothing},
    {.number = 59, .name = "DELETE_ATTR", .op = Op::kDeleteAttr, .effect = {.pops = 1}},
    {.number = 60, .name = "DELETE_DEREF", .op = Op::kDeleteDeref},
    {.number = 61, .name = "DELETE_FAST", .op = Op::kDeleteFast},
    {.number = 62, .name = "DELETE_GLOBAL", .op = Op::kDeleteGlobal},
    {.number = 63, .name = "DELETE_NAME", .op = Op::kDeleteName},
    {.number = 64, .name = "DICT_MERGE", .op = Op::kAppend, .effect = {.pops = 1}},
    {.number = 65, .name = "DICT_UPDATE", .op = Op::kAppend, .effect = {.pops = 1}},
    {.number = 66, .name = "END_ASYNC_FOR", .op = Op::kOther, .effect = {.pops = 2}},
    {.number = 67, .name = "EXTENDED_ARG", .op = Op::kExtendedArg},
    {.number = 68, .name = "FOR_ITER", .op = Op::kForIter, .caches = 1, .jump = JumpKind::kForward, .effect = {.pushes = 1}},
    {.number = 69, .name = "GET_AWAITABLE", .op = Op::kGetAwaitable, .effect = {.pops = 1, .pushes = 1}},
    {.number = 70, .name = "GET_ITER", .op = Op::kGetIter, .caches = 1, .effect = {.pops = 1, .pushes = 2}},
    {.number = 71, .name = "IMPORT_FROM", .op = Op::kImportFrom, .effect = {.pushes = 1}},
    {.number = 72, .name = "IMPORT_NAME", .op = Op::kImportName, .name_shift = 2, .effect = {.pops = 2, .pushes = 1}},
    {.number = 73, .name = "IS_OP", .op = Op::kCompare, .effect = {.pops = 2, .pushes = 1}},
    {.number = 74, .name = "JUMP_BACKWARD", .op = Op::kJump, .caches = 1, .jump = JumpKind::kBackward},
    {.number = 75, .name = "JUMP_BACKWARD_NO_INTERRUPT", .op = Op::kJump, .jump = JumpKind::kBackward},
    {.number = 76, .name = "JUMP_FORWARD", .op = Op::kJump, .jump = JumpKind::kForward},
    {.number = 77, .name = "LIST_APPEND", .op = Op::kAppend, .effect = {.pops = 1}},
    {.number = 78, .name = "LIST_EXTEND", .op = Op::kAppend, .effect = {.pops = 1}},
    {.number = 79, .name = "LOAD_ATTR", .op = Op::kLoadAttr, .caches = 9, .name_shift = 1, .effect = {.pops = 1, .pushes = 1, .bits = ArgBits::kLowPushes}},
    {.number = 80, .name = "LOAD_COMMON_CONSTANT", .op = Op::kPush, .effect = {.pushes = 1}},
    {.number = 81, .name = "LOAD_CONST", .op = Op::kLoadConst, .effect = {.pushes = 1}},
    {.number = 82, .name = "LOAD_DEREF", .op = Op::kLoadDeref, .effect = {.pushes = 1}},
    {.number = 83, .name = "LOAD_FAST", .op = Op::kLoadFast, .effect = {.pushes = 1}},
    {.number = 84, .name = "LOAD_FAST_AND_CLEAR", .op = Op::kLoadFast, .effect = {.pushes = 1}},
    {.number = 85, .name = "LOAD_FAST_BORROW", .op = Op::kLoadFast, .effect = {.pushes = 1}},
    {.number = 86, .name = "LOAD_FAST_BORROW_LOAD_FAST_BORROW", .op = Op::kLoadFastTwice, .effect = {.pushes = 2}},
    {.number = 87, .name = "LOAD_FAST_CHECK", .op = Op::kLoadFast, .effect = {.pushes = 1}},
    {.number = 88, .name = "LOAD_FAST_LOAD_FAST", .op = Op::kLoadFastTwice, .effect = {.pushes = 2}},
    {.number = 89, .name = "LOAD_FROM_DICT_OR_DEREF", .op = Op::kLoadDeref, .effect = {.pops = 1, .pushes = 1}},
    {.number = 90, .name = "LOAD_FROM_DICT_OR_GLOBALS", .op = Op::kLoadName, .effect = {.pops = 1, .pushes = 1}},
    {.number = 91, .name = "LOAD_GLOBAL", .op = Op::kLoadGlobal, .caches = 4, .name_shift = 1, .effect = {.pushes = 1, .bits = ArgBits::kLowPushes}},
    {.number = 92, .name = "LOAD_NAME", .op = Op::kLoadName, .effect = {.pushes = 1}},
    {.number = 93, .name = "LOAD_SMALL_INT", .op = Op::kPush, .effect = {.pushes = 1}},
    {.number = 94, .name = "LOAD_SPECIAL", .op = Op::kWith, .effect = {.pops = 1, .pushes = 2}},
    {.number = 95, .name = "LOAD_SUPER_ATTR", .op = Op::kLoadSuperAttr, .caches = 1, .name_shift = 2, .effect = {.pops = 3, .pushes = 1, .bits = ArgBits::kLowPushes}},
    {.number = 96, .name = "MAKE_CELL", .op = Op::kNothing},
    {.number = 97, .name = "MAP_ADD", .op = Op::kAppend, .effect = {.pops = 2}},
    {.number = 98, .name = "MATCH_CLASS", .op = Op::kOther, .effect = {.pops = 3, .pushes = 1}},
    {.number = 99, .name = "POP_JUMP_IF_FALSE", .op = Op::kJumpIf, .caches = 1, .jump = JumpKind::kForward, .effect = {.pops = 1}},
    {.number = 100, .name = "POP_JUMP_IF_NONE", .op = Op::kJumpIfNone, .caches = 1, .jump = JumpKind::kForward, .effect = {.pops = 1}},
    {.number = 101, .name = "POP_JUMP_IF_NOT_NONE", .op = Op::kJumpIfNone, .caches = 1, .jump = JumpKind::kForward, .effect = {.pops = 1}},
    {.number = 102, .name = "POP_JUMP_IF_TRUE", .op = Op::kJumpIf, .caches = 1, .jump = JumpKind::kForward, .effect = {.pops = 1}},
    {.number = 103, .name = "RAISE_VARARGS", .op = Op::kRaise, .effect = {.pops_per_arg = 1}},
    {.number = 104, .name = "RERAISE", .op = Op::kRaise, .effect = {.pops = 1}},
    {.number = 105, .name = "SEND", .op = Op::kSend, .caches = 1, .jump = JumpKind::kForward, .effect = {.pops = 1, .pushes = 1}},
    {.number = 106, .name = "SET_ADD", .op = Op::kAppend, .effect = {.pops = 1}},
    {.number = 107, .name = "SET_FUNCTION_ATTRIBUTE", .op = Op::kOther, .effect = {.pops = 2, .pushes = 1}},
    {.number = 108, .name = "SET_UPDATE", .op = Op::kAppend, .effect = {.pops = 1}},
    {.number = 109, .name = "STORE_ATTR", .op = Op::kStoreAttr, .caches = 4, .effect = {.pops = 2}},
    {.number = 110, .name = "STORE_DEREF", .op = Op::kStoreDeref, .effect = {.pops = 1}},
    {.number = 111, .name = "STORE_FAST", .op = Op::kStoreFast, .effect = {.pops = 1}},
    {.number = 112, .name = "STORE_FAST_LOAD_FAST", .op = Op::kStoreFastLoadFast, .effect = {.pops = 1, .pushes = 1}},
    {.number = 113, .name = "STORE_FAST_STORE_FAST", .op = Op::kStoreFastTwice, .effect = {.pops = 2}},
    {.number = 114, .name = "STORE_GLOBAL", .op = Op::kStoreGlobal, .effect = {.pops = 1}},
    {.number = 115, .name = "STORE_NAME", .op = Op::kStoreName, .effect = {.pops = 1}},
    {.number = 116, .name = "SWAP", .op = Op::kSwap},
    {.number = 117, .name = "UNPACK_EX", .op = Op::kUnpack, .effect = {.pops = 1, .bits = ArgBits::kUnpackEx}},
    {.number = 118, .name = "UNPACK_SEQUENCE", .op = Op::kUnpack, .caches = 1, .effect = {.pops = 1, .pushes_per_arg = 1}},
    {.number = 119, .name = "YIELD_VALUE", .op = Op::kYield, .effect = {.pops = 1, .pushes = 1}},
    {.number = 128, .name = "RESUME", .op = Op::kNothing, .caches = 1},
    {.number = 237, .name = "INSTRUMENTED_INSTRUCTION", .op = Op::kHiddenByInstruction},
    {.number = 253, .name = "INSTRUMENTED_LINE", .op = Op::kHiddenByLine},
    {.number = 254, .name = "ENTER_EXECUTOR", .op = Op::kHiddenByExecutor},
    {.number = 255, .name = "TRACE_RECORD", .op = Op::kHiddenByExecutor},
};

inline constexpr OpcodeAlias kOpcodeAliases15[] = {
    {.number = 3, .base = 42},  // BINARY_OP_INPLACE_ADD_UNICODE: BINARY_OP
    {.number = 129, .base = 42},  // BINARY_OP_ADD_FLOAT: BINARY_OP
    {.number = 130, .base = 42},  // BINARY_OP_ADD_INT: BINARY_OP
    {.number = 131, .base = 42},  // BINARY_OP_ADD_UNICODE: BINARY_OP
    {.number = 132, .base = 42},  // BINARY_OP_EXTEND: BINARY_OP
    {.number = 133, .base = 42},  // BINARY_OP_MULTIPLY_FLOAT: BINARY_OP
    {.number = 134, .base = 42},  // BINARY_OP_MULTIPLY_INT: BINARY_OP
    {.number = 135, .base = 42},  // BINARY_OP_SUBSCR_DICT: BINARY_OP
    {.number = 136, .base = 42},  // BINARY_OP_SUBSCR_GETITEM: BINARY_OP
    {.number = 137, .base = 42},  // BINARY_OP_SUBSCR_LIST_INT: BINARY_OP
    {.number = 138, .base = 42},  // BINARY_OP_SUBSCR_LIST_SLICE: BINARY_OP
    {.number = 139, .base = 42},  // BINARY_OP_SUBSCR_STR_INT: BINARY_OP
    {.number = 140, .base = 42},  // BINARY_OP_SUBSCR_TUPLE_INT: BINARY_OP
    {.number = 141, .base = 42},  // BINARY_OP_SUBSCR_USTR_INT: BINARY_OP
    {.number = 142, .base = 42},  // BINARY_OP_SUBTRACT_FLOAT: BINARY_OP
    {.number = 143, .base = 42},  // BINARY_OP_SUBTRACT_INT: BINARY_OP
    {.number = 144, .base = 50},  // CALL_ALLOC_AND_ENTER_INIT: CALL
    {.number = 145, .base = 50},  // CALL_BOUND_METHOD_EXACT_ARGS: CALL
    {.number = 146, .base = 50},  // CALL_BOUND_METHOD_GENERAL: CALL
    {.number = 147, .base = 50},  // CALL_BUILTIN_CLASS: CALL
    {.number = 148, .base = 50},  // CALL_BUILTIN_FAST: CALL
    {.number = 149, .base = 50},  // CALL_BUILTIN_FAST_WITH_KEYWORDS: CALL
    {.number = 150, .base = 50},  // CALL_BUILTIN_O: CALL
    {.number = 151, .base = 4},  // CALL_EX_NON_PY_GENERAL: CALL_FUNCTION_EX
    {.number = 152, .base = 4},  // CALL_EX_PY: CALL_FUNCTION_EX
    {.number = 153, .base = 50},  // CALL_ISINSTANCE: CALL
    {.number = 154, .base = 53},  // CALL_KW_BOUND_METHOD: CALL_KW
    {.number = 155, .base = 53},  // CALL_KW_NON_PY: CALL_KW
    {.number = 156, .base = 53},  // CALL_KW_PY: CALL_KW
    {.number = 157, .base = 50},  // CALL_LEN: CALL
    {.number = 158, .base = 50},  // CALL_LIST_APPEND: CALL
    {.number = 159, .base = 50},  // CALL_METHOD_DESCRIPTOR_FAST: CALL
    {.number = 160, .base = 50},  // CALL_METHOD_DESCRIPTOR_FAST_WITH_KEYWORDS: CALL
    {.number = 161, .base = 50},  // CALL_METHOD_DESCRIPTOR_NOARGS: CALL
    {.number = 162, .base = 50},  // CALL_METHOD_DESCRIPTOR_O: CALL
    {.number = 163, .base = 50},  // CALL_NON_PY_GENERAL: CALL
    {.number = 164, .base = 50},  // CALL_PY_EXACT_ARGS: CALL
    {.number = 165, .base = 50},  // CALL_PY_GENERAL: CALL
    {.number = 166, .base = 50},  // CALL_STR_1: CALL
    {.number = 167, .base = 50},  // CALL_TUPLE_1: CALL
    {.number = 168, .base = 50},  // CALL_TYPE_1: CALL
    {.number = 169, .base = 54},  // COMPARE_OP_FLOAT: COMPARE_OP
    {.number = 170, .base = 54},  // COMPARE_OP_INT: COMPARE_OP
    {.number = 171, .base = 54},  // COMPARE_OP_STR: COMPARE_OP
    {.number = 172, .base = 55},  // CONTAINS_OP_DICT: CONTAINS_OP
    {.number = 173, .base = 55},  // CONTAINS_OP_SET: CONTAINS_OP
    {.number = 174, .base = 68},  // FOR_ITER_GEN: FOR_ITER
    {.number = 175, .base = 68},  // FOR_ITER_LIST: FOR_ITER
    {.number = 176, .base = 68},  // FOR_ITER_RANGE: FOR_ITER
    {.number = 177, .base = 68},  // FOR_ITER_TUPLE: FOR_ITER
    {.number = 178, .base = 68},  // FOR_ITER_VIRTUAL: FOR_ITER
    {.number = 179, .base = 70},  // GET_ITER_SELF: GET_ITER
    {.number = 180, .base = 70},  // GET_ITER_VIRTUAL: GET_ITER
    {.number = 181, .base = 74},  // JUMP_BACKWARD_JIT: JUMP_BACKWARD
    {.number = 182, .base = 74},  // JUMP_BACKWARD_NO_JIT: JUMP_BACKWARD
    {.number = 183, .base = 79},  // LOAD_ATTR_CLASS: LOAD_ATTR
    {.number = 184, .base = 79},  // LOAD_ATTR_CLASS_WITH_METACLASS_CHECK: LOAD_ATTR
    {.number = 185, .base = 79},  // LOAD_ATTR_GETATTRIBUTE_OVERRIDDEN: LOAD_ATTR
    {.number = 186, .base = 79},  // LOAD_ATTR_INSTANCE_VALUE: LOAD_ATTR
    {.number = 187, .base = 79},  // LOAD_ATTR_METHOD_LAZY_DICT: LOAD_ATTR
    {.number = 188, .base = 79},  // LOAD_ATTR_METHOD_NO_DICT: LOAD_ATTR
    {.number = 189, .base = 79},  // LOAD_ATTR_METHOD_WITH_VALUES: LOAD_ATTR
    {.number = 190, .base = 79},  // LOAD_ATTR_MODULE: LOAD_ATTR
    {.number = 191, .base = 79},  // LOAD_ATTR_NONDESCRIPTOR_NO_DICT: LOAD_ATTR
    {.number = 192, .base = 79},  // LOAD_ATTR_NONDESCRIPTOR_WITH_VALUES: LOAD_ATTR
    {.number = 193, .base = 79},  // LOAD_ATTR_PROPERTY: LOAD_ATTR
    {.number = 194, .base = 79},  // LOAD_ATTR_SLOT: LOAD_ATTR
    {.number = 195, .base = 79},  // LOAD_ATTR_WITH_HINT: LOAD_ATTR
    {.number = 196, .base = 91},  // LOAD_GLOBAL_BUILTIN: LOAD_GLOBAL
    {.number = 197, .base = 91},  // LOAD_GLOBAL_MODULE: LOAD_GLOBAL
    {.number = 198, .base = 95},  // LOAD_SUPER_ATTR_ATTR: LOAD_SUPER_ATTR
    {.number = 199, .base = 95},  // LOAD_SUPER_ATTR_METHOD: LOAD_SUPER_ATTR
    {.number = 200, .base = 128},  // RESUME_CHECK: RESUME
    {.number = 201, .base = 128},  // RESUME_CHECK_JIT: RESUME
    {.number = 202, .base = 105},  // SEND_ASYNC_GEN: SEND
    {.number = 203, .base = 105},  // SEND_GEN: SEND
    {.number = 204, .base = 105},  // SEND_VIRTUAL: SEND
    {.number = 205, .base = 109},  // STORE_ATTR_INSTANCE_VALUE: STORE_ATTR
    {.number = 206, .base = 109},  // STORE_ATTR_SLOT: STORE_ATTR
    {.number = 207, .base = 109},  // STORE_ATTR_WITH_HINT: STORE_ATTR
    {.number = 208, .base = 36},  // STORE_SUBSCR_DICT: STORE_SUBSCR
    {.number = 209, .base = 36},  // STORE_SUBSCR_LIST_INT: STORE_SUBSCR
    {.number = 210, .base = 37},  // TO_BOOL_ALWAYS_TRUE: TO_BOOL
    {.number = 211, .base = 37},  // TO_BOOL_BOOL: TO_BOOL
    {.number = 212, .base = 37},  // TO_BOOL_INT: TO_BOOL
    {.number = 213, .base = 37},  // TO_BOOL_LIST: TO_BOOL
    {.number = 214, .base = 37},  // TO_BOOL_NONE: TO_BOOL
    {.number = 215, .base = 37},  // TO_BOOL_STR: TO_BOOL
    {.number = 216, .base = 118},  // UNPACK_SEQUENCE_LIST: UNPACK_SEQUENCE
    {.number = 217, .base = 118},  // UNPACK_SEQUENCE_TUPLE: UNPACK_SEQUENCE
    {.number = 218, .base = 118},  // UNPACK_SEQUENCE_TWO_TUPLE: UNPACK_SEQUENCE
    {.number = 233, .base = 9},  // INSTRUMENTED_END_FOR: END_FOR
    {.number = 234, .base = 28},  // INSTRUMENTED_POP_ITER: POP_ITER
    {.number = 235, .base = 10},  // INSTRUMENTED_END_SEND: END_SEND
    {.number = 236, .base = 68},  // INSTRUMENTED_FOR_ITER: FOR_ITER
    {.number = 238, .base = 76},  // INSTRUMENTED_JUMP_FORWARD: JUMP_FORWARD
    {.number = 239, .base = 26},  // INSTRUMENTED_NOT_TAKEN: NOT_TAKEN
    {.number = 240, .base = 102},  // INSTRUMENTED_POP_JUMP_IF_TRUE: POP_JUMP_IF_TRUE
    {.number = 241, .base = 99},  // INSTRUMENTED_POP_JUMP_IF_FALSE: POP_JUMP_IF_FALSE
    {.number = 242, .base = 100},  // INSTRUMENTED_POP_JUMP_IF_NONE: POP_JUMP_IF_NONE
    {.number = 243, .base = 101},  // INSTRUMENTED_POP_JUMP_IF_NOT_NONE: POP_JUMP_IF_NOT_NONE
    {.number = 244, .base = 128},  // INSTRUMENTED_RESUME: RESUME
    {.number = 245, .base = 33},  // INSTRUMENTED_RETURN_VALUE: RETURN_VALUE
    {.number = 246, .base = 119},  // INSTRUMENTED_YIELD_VALUE: YIELD_VALUE
    {.number = 247, .base = 66},  // INSTRUMENTED_END_ASYNC_FOR: END_ASYNC_FOR
    {.number = 248, .base = 95},  // INSTRUMENTED_LOAD_SUPER_ATTR: LOAD_SUPER_ATTR
    {.number = 249, .base = 50},  // INSTRUMENTED_CALL: CALL
    {.number = 250, .base = 53},  // INSTRUMENTED_CALL_KW: CALL_KW
    {.number = 251, .base = 4},  // INSTRUMENTED_CALL_FUNCTION_EX: CALL_FUNCTION_EX
    {.number = 252, .base = 74},  // INSTRUMENTED_JUMP_BACKWARD: JUMP_BACKWARD
};

inline constexpr OpcodeTable kOpcodes15 =
    make_opcode_table(kOpcodeRows15, kOpcodeAliases15, 2, false);
// clang-format on

}  // namespace corotrace
