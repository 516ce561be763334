// SPDX-License-Identifier: MIT
// Opcodes of CPython 3.13, as the modules opcode and dis of 3.13.0 have them.
// Written by scripts/extract_opcodes.py, which also says where Op and stack effects come from.
#pragma once

#include "cpython_layouts/opcode.hpp"

namespace corotrace {

// clang-format off
inline constexpr OpcodeRow kOpcodeRows13[] = {
    {.number = 0, .name = "CACHE", .op = Op::kNothing},
    {.number = 1, .name = "BEFORE_ASYNC_WITH", .op = Op::kWith, .effect = {.pops = 1, .pushes = 2}},
    {.number = 2, .name = "BEFORE_WITH", .op = Op::kWith, .effect = {.pops = 1, .pushes = 2}},
    {.number = 4, .name = "BINARY_SLICE", .op = Op::kSubscript, .effect = {.pops = 3, .pushes = 1}},
    {.number = 5, .name = "BINARY_SUBSCR", .op = Op::kSubscript, .caches = 1, .effect = {.pops = 2, .pushes = 1}},
    {.number = 6, .name = "CHECK_EG_MATCH", .op = Op::kOther, .effect = {.pops = 2, .pushes = 2}},
    {.number = 7, .name = "CHECK_EXC_MATCH", .op = Op::kOther, .effect = {.pops = 1, .pushes = 1}},
    {.number = 8, .name = "CLEANUP_THROW", .op = Op::kOther, .effect = {.pops = 3, .pushes = 2}},
    {.number = 9, .name = "DELETE_SUBSCR", .op = Op::kDeleteSubscript, .effect = {.pops = 2}},
    {.number = 10, .name = "END_ASYNC_FOR", .op = Op::kOther, .effect = {.pops = 2}},
    {.number = 11, .name = "END_FOR", .op = Op::kOther, .effect = {.pops = 1}},
    {.number = 12, .name = "END_SEND", .op = Op::kEndSend, .effect = {.pops = 2, .pushes = 1}},
    {.number = 13, .name = "EXIT_INIT_CHECK", .op = Op::kOther, .effect = {.pops = 1}},
    {.number = 14, .name = "FORMAT_SIMPLE", .op = Op::kFormat, .effect = {.pops = 1, .pushes = 1}},
    {.number = 15, .name = "FORMAT_WITH_SPEC", .op = Op::kFormat, .effect = {.pops = 2, .pushes = 1}},
    {.number = 16, .name = "GET_AITER", .op = Op::kGetAiter, .effect = {.pops = 1, .pushes = 1}},
    {.number = 17, .name = "RESERVED", .op = Op::kNothing},
    {.number = 18, .name = "GET_ANEXT", .op = Op::kGetAnext, .effect = {.pushes = 1}},
    {.number = 19, .name = "GET_ITER", .op = Op::kGetIter, .effect = {.pops = 1, .pushes = 1}},
    {.number = 20, .name = "GET_LEN", .op = Op::kPush, .effect = {.pushes = 1}},
    {.number = 21, .name = "GET_YIELD_FROM_ITER", .op = Op::kGetIter, .effect = {.pops = 1, .pushes = 1}},
    {.number = 22, .name = "INTERPRETER_EXIT", .op = Op::kReturn, .effect = {.pops = 1}},
    {.number = 23, .name = "LOAD_ASSERTION_ERROR", .op = Op::kPush, .effect = {.pushes = 1}},
    {.number = 24, .name = "LOAD_BUILD_CLASS", .op = Op::kPush, .effect = {.pushes = 1}},
    {.number = 25, .name = "LOAD_LOCALS", .op = Op::kPush, .effect = {.pushes = 1}},
    {.number = 26, .name = "MAKE_FUNCTION", .op = Op::kMakeFunction, .effect = {.pops = 1, .pushes = 1}},
    {.number = 27, .name = "MATCH_KEYS", .op = Op::kOther, .effect = {.pushes = 1}},
    {.number = 28, .name = "MATCH_MAPPING", .op = Op::kPush, .effect = {.pushes = 1}},
    {.number = 29, .name = "MATCH_SEQUENCE", .op = Op::kPush, .effect = {.pushes = 1}},
    {.number = 30, .name = "NOP", .op = Op::kNothing},
    {.number = 31, .name = "POP_EXCEPT", .op = Op::kPopExcept, .effect = {.pops = 1}},
    {.number = 32, .name = "POP_TOP", .op = Op::kPopTop, .effect = {.pops = 1}},
    {.number = 33, .name = "PUSH_EXC_INFO", .op = Op::kOther, .effect = {.pops = 1, .pushes = 2}},
    {.number = 34, .name = "PUSH_NULL", .op = Op::kPushNull, .effect = {.pushes = 1}},
    {.number = 35, .name = "RETURN_GENERATOR", .op = Op::kReturnGenerator, .effect = {.pushes = 1}},
    {.number = 36, .name = "RETURN_VALUE", .op = Op::kReturn, .effect = {.pops = 1}},
    {.number = 37, .name = "SETUP_ANNOTATIONS", .op = Op::kNothing},
    {.number = 38, .name = "STORE_SLICE", .op = Op::kStoreSubscript, .effect = {.pops = 4}},
    {.number = 39, .name = "STORE_SUBSCR", .op = Op::kStoreSubscript, .caches = 1, .effect = {.pops = 3}},
    {.number = 40, .name = "TO_BOOL", .op = Op::kToBool, .caches = 3, .effect = {.pops = 1, .pushes = 1}},
    {.number = 41, .name = "UNARY_INVERT", .op = Op::kOther, .effect = {.pops = 1, .pushes = 1}},
    {.number = 42, .name = "UNARY_NEGATIVE", .op = Op::kOther, .effect = {.pops = 1, .pushes = 1}},
    {.number = 43, .name = "UNARY_NOT", .op = Op::kNot, .effect = {.pops = 1, .pushes = 1}},
    {.number = 44, .name = "WITH_EXCEPT_START", .op = Op::kWithExit, .effect = {.pushes = 1}},
    {.number = 45, .name = "BINARY_OP", .op = Op::kBinary, .caches = 1, .effect = {.pops = 2, .pushes = 1}},
    {.number = 46, .name = "BUILD_CONST_KEY_MAP", .op = Op::kBuild, .effect = {.pops = 1, .pops_per_arg = 1, .pushes = 1}},
    {.number = 47, .name = "BUILD_LIST", .op = Op::kBuild, .effect = {.pops_per_arg = 1, .pushes = 1}},
    {.number = 48, .name = "BUILD_MAP", .op = Op::kBuild, .effect = {.pops_per_arg = 2, .pushes = 1}},
    {.number = 49, .name = "BUILD_SET", .op = Op::kBuild, .effect = {.pops_per_arg = 1, .pushes = 1}},
    {.number = 50, .name = "BUILD_SLICE", .op = Op::kBuild, .effect = {.pops_per_arg = 1, .pushes = 1}},
    {.number = 51, .name = "BUILD_STRING", .op = Op::kBuildString, .effect = {.pops_per_arg = 1, .pushes = 1}},
    {.number = 52, .name = "BUILD_TUPLE", .op = Op::kBuild, .effect = {.pops_per_arg = 1, .pushes = 1}},
    {.number = 53, .name = "CALL", .op = Op::kCall, .caches = 3, .effect = {.pops = 2, .pops_per_arg = 1, .pushes = 1}},
    {.number = 54, .name = "CALL_FUNCTION_EX", .op = Op::kCallEx, .effect = {.pops = 3, .pushes = 1, .bits = ArgBits::kLowPops}},
    {.number = 55, .name = "CALL_INTRINSIC_1", .op = Op::kOther, .effect = {.pops = 1, .pushes = 1}},
    {.number = 56, .name = "CALL_INTRINSIC_2", .op = Op::kOther, .effect = {.pops = 2, .pushes = 1}},
    {.number = 57, .name = "CALL_KW", .op = Op::kCallKw, .effect = {.pops = 3, .pops_per_arg = 1, .pushes = 1}},
    {.number = 58, .name = "COMPARE_OP", .op = Op::kCompare, .caches = 1, .effect = {.pops = 2, .pushes = 1}},
    {.number = 59, .name = "CONTAINS_OP", .op = Op::kCompare, .caches = 1, .effect = {.pops = 2, .pushes = 1}},
    {.number = 60, .name = "CONVERT_VALUE", .op = Op::kFormat, .effect = {.pops = 1, .pushes = 1}},
    {.number = 61, .name = "COPY", .op = Op::kCopy, .effect = {.pushes = 1}},
    {.number = 62, .name = "COPY_FREE_VARS", .op = Op::kNothing},
    {.number = 63, .name = "DELETE_ATTR", .op = Op::kDeleteAttr, .effect = {.pops = 1}},
    {.number = 64, .name = "DELETE_DEREF", .op = Op::kDeleteDeref},
    {.number = 65, .name = "DELETE_FAST", .op = Op::kDeleteFast},
    {.number = 66, .name = "DELETE_GLOBAL", .op = Op::kDeleteGlobal},
    {.number = 67, .name = "DELETE_NAME", .op = Op::kDeleteName},
    {.number = 68, .name = "DICT_MERGE", .op = Op::kAppend, .effect = {.pops = 1}},
    {.number = 69, .name = "DICT_UPDATE", .op = Op::kAppend, .effect = {.pops = 1}},
    {.number = 70, .name = "ENTER_EXECUTOR", .op = Op::kHiddenByExecutor},
    {.number = 71, .name = "EXTENDED_ARG", .op = Op::kExtendedArg},
    {.number = 72, .name = "FOR_ITER", .op = Op::kForIter, .caches = 1, .jump = JumpKind::kForward, .effect = {.pushes = 1}},
    {.number = 73, .name = "GET_AWAITABLE", .op = Op::kGetAwaitable, .effect = {.pops = 1, .pushes = 1}},
    {.number = 74, .name = "IMPORT_FROM", .op = Op::kImportFrom, .effect = {.pushes = 1}},
    {.number = 75, .name = "IMPORT_NAME", .op = Op::kImportName, .effect = {.pops = 2, .pushes = 1}},
    {.number = 76, .name = "IS_OP", .op = Op::kCompare, .effect = {.pops = 2, .pushes = 1}},
    {.number = 77, .name = "JUMP_BACKWARD", .op = Op::kJump, .caches = 1, .jump = JumpKind::kBackward},
    {.number = 78, .name = "JUMP_BACKWARD_NO_INTERRUPT", .op = Op::kJump, .jump = JumpKind::kBackward},
    {.number = 79, .name = "JUMP_FORWARD", .op = Op::kJump, .jump = JumpKind::kForward},
    {.number = 80, .name = "LIST_APPEND", .op = Op::kAppend, .effect = {.pops = 1}},
    {.number = 81, .name = "LIST_EXTEND", .op = Op::kAppend, .effect = {.pops = 1}},
    {.number = 82, .name = "LOAD_ATTR", .op = Op::kLoadAttr, .caches = 9, .name_shift = 1, .effect = {.pops = 1, .pushes = 1, .bits = ArgBits::kLowPushes}},
    {.number = 83, .name = "LOAD_CONST", .op = Op::kLoadConst, .effect = {.pushes = 1}},
    {.number = 84, .name = "LOAD_DEREF", .op = Op::kLoadDeref, .effect = {.pushes = 1}},
    {.number = 85, .name = "LOAD_FAST", .op = Op::kLoadFast, .effect = {.pushes = 1}},
    {.number = 86, .name = "LOAD_FAST_AND_CLEAR", .op = Op::kLoadFast, .effect = {.pushes = 1}},
    {.number = 87, .name = "LOAD_FAST_CHECK", .op = Op::kLoadFast, .effect = {.pushes = 1}},
    {.number = 88, .name = "LOAD_FAST_LOAD_FAST", .op = Op::kLoadFastTwice, .effect = {.pushes = 2}},
    {.number = 89, .name = "LOAD_FROM_DICT_OR_DEREF", .op = Op::kLoadDeref, .effect = {.pops = 1, .pushes = 1}},
    {.number = 90, .name = "LOAD_FROM_DICT_OR_GLOBALS", .op = Op::kLoadName, .effect = {.pops = 1, .pushes = 1}},
    {.number = 91, .name = "LOAD_GLOBAL", .op = Op::kLoadGlobal, .caches = 4, .name_shift = 1, .effect = {.pushes = 1, .bits = ArgBits::kLowPushes}},
    {.number = 92, .name = "LOAD_NAME", .op = Op::kLoadName, .effect = {.pushes = 1}},
    {.number = 93, .name = "LOAD_SUPER_ATTR", .op = Op::kLoadSuperAttr, .caches = 1, .name_shift = 2, .effect = {.pops = 3, .pushes = 1, .bits = ArgBits::kLowPushes}},
    {.number = 94, .name = "MAKE_CELL", .op = Op::kNothing},
    {.number = 95, .name = "MAP_ADD", .op = Op::kAppend, .effect = {.pops = 2}},
    {.number = 96, .name = "MATCH_CLASS", .op = Op::kOther, .effect = {.pops = 3, .pushes = 1}},
    {.number = 97, .name = "POP_JUMP_IF_FALSE", .op = Op::kJumpIf, .caches = 1, .jump = JumpKind::kForward, .effect = {.pops = 1}},
    {.number = 98, .name = "POP_JUMP_IF_NONE", .op = Op::kJumpIfNone, .caches = 1, .jump = JumpKind::kForward, .effect = {.pops = 1}},
    {.number = 99, .name = "POP_JUMP_IF_NOT_NONE", .op = Op::kJumpIfNone, .caches = 1, .jump = JumpKind::kForward, .effect = {.pops = 1}},
    {.number = 100, .name = "POP_JUMP_IF_TRUE", .op = Op::kJumpIf, .caches = 1, .jump = JumpKind::kForward, .effect = {.pops = 1}},
    {.number = 101, .name = "RAISE_VARARGS", .op = Op::kRaise, .effect = {.pops_per_arg = 1}},
    {.number = 102, .name = "RERAISE", .op = Op::kRaise, .effect = {.pops = 1}},
    {.number = 103, .name = "RETURN_CONST", .op = Op::kReturnConst},
    {.number = 104, .name = "SEND", .op = Op::kSend, .caches = 1, .jump = JumpKind::kForward, .effect = {.pops = 1, .pushes = 1}},
    {.number = 105, .name = "SET_ADD", .op = Op::kAppend, .effect = {.pops = 1}},
    {.number = 106, .name = "SET_FUNCTION_ATTRIBUTE", .op = Op::kOther, .effect = {.pops = 2, .pushes = 1}},
    {.number = 107, .name = "SET_UPDATE", .op = Op::kAppend, .effect = {.pops = 1}},
    {.number = 108, .name = "STORE_ATTR", .op = Op::kStoreAttr, .caches = 4, .effect = {.pops = 2}},
    {.number = 109, .name = "STORE_DEREF", .op = Op::kStoreDeref, .effect = {.pops = 1}},
    {.number = 110, .name = "STORE_FAST", .op = Op::kStoreFast, .effect = {.pops = 1}},
    {.number = 111, .name = "STORE_FAST_LOAD_FAST", .op = Op::kStoreFastLoadFast, .effect = {.pops = 1, .pushes = 1}},
    {.number = 112, .name = "STORE_FAST_STORE_FAST", .op = Op::kStoreFastTwice, .effect = {.pops = 2}},
    {.number = 113, .name = "STORE_GLOBAL", .op = Op::kStoreGlobal, .effect = {.pops = 1}},
    {.number = 114, .name = "STORE_NAME", .op = Op::kStoreName, .effect = {.pops = 1}},
    {.number = 115, .name = "SWAP", .op = Op::kSwap},
    {.number = 116, .name = "UNPACK_EX", .op = Op::kUnpack, .effect = {.pops = 1, .bits = ArgBits::kUnpackEx}},
    {.number = 117, .name = "UNPACK_SEQUENCE", .op = Op::kUnpack, .caches = 1, .effect = {.pops = 1, .pushes_per_arg = 1}},
    {.number = 118, .name = "YIELD_VALUE", .op = Op::kYield, .effect = {.pops = 1, .pushes = 1}},
    {.number = 149, .name = "RESUME", .op = Op::kNothing},
    {.number = 247, .name = "INSTRUMENTED_INSTRUCTION", .op = Op::kHiddenByInstruction},
    {.number = 254, .name = "INSTRUMENTED_LINE", .op = Op::kHiddenByLine},
};

inline constexpr OpcodeAlias kOpcodeAliases13[] = {
    {.number = 3, .base = 45},  // BINARY_OP_INPLACE_ADD_UNICODE: BINARY_OP
    {.number = 150, .base = 45},  // BINARY_OP_ADD_FLOAT: BINARY_OP
    {.number = 151, .base = 45},  // BINARY_OP_ADD_INT: BINARY_OP
    {.number = 152, .base = 45},  // BINARY_OP_ADD_UNICODE: BINARY_OP
    {.number = 153, .base = 45},  // BINARY_OP_MULTIPLY_FLOAT: BINARY_OP
    {.number = 154, .base = 45},  // BINARY_OP_MULTIPLY_INT: BINARY_OP
    {.number = 155, .base = 45},  // BINARY_OP_SUBTRACT_FLOAT: BINARY_OP
    {.number = 156, .base = 45},  // BINARY_OP_SUBTRACT_INT: BINARY_OP
    {.number = 157, .base = 5},  // BINARY_SUBSCR_DICT: BINARY_SUBSCR
    {.number = 158, .base = 5},  // BINARY_SUBSCR_GETITEM: BINARY_SUBSCR
    {.number = 159, .base = 5},  // BINARY_SUBSCR_LIST_INT: BINARY_SUBSCR
    {.number = 160, .base = 5},  // BINARY_SUBSCR_STR_INT: BINARY_SUBSCR
    {.number = 161, .base = 5},  // BINARY_SUBSCR_TUPLE_INT: BINARY_SUBSCR
    {.number = 162, .base = 53},  // CALL_ALLOC_AND_ENTER_INIT: CALL
    {.number = 163, .base = 53},  // CALL_BOUND_METHOD_EXACT_ARGS: CALL
    {.number = 164, .base = 53},  // CALL_BOUND_METHOD_GENERAL: CALL
    {.number = 165, .base = 53},  // CALL_BUILTIN_CLASS: CALL
    {.number = 166, .base = 53},  // CALL_BUILTIN_FAST: CALL
    {.number = 167, .base = 53},  // CALL_BUILTIN_FAST_WITH_KEYWORDS: CALL
    {.number = 168, .base = 53},  // CALL_BUILTIN_O: CALL
    {.number = 169, .base = 53},  // CALL_ISINSTANCE: CALL
    {.number = 170, .base = 53},  // CALL_LEN: CALL
    {.number = 171, .base = 53},  // CALL_LIST_APPEND: CALL
    {.number = 172, .base = 53},  // CALL_METHOD_DESCRIPTOR_FAST: CALL
    {.number = 173, .base = 53},  // CALL_METHOD_DESCRIPTOR_FAST_WITH_KEYWORDS: CALL
    {.number = 174, .base = 53},  // CALL_METHOD_DESCRIPTOR_NOARGS: CALL
    {.number = 175, .base = 53},  // CALL_METHOD_DESCRIPTOR_O: CALL
    {.number = 176, .base = 53},  // CALL_NON_PY_GENERAL: CALL
    {.number = 177, .base = 53},  // CALL_PY_EXACT_ARGS: CALL
    {.number = 178, .base = 53},  // CALL_PY_GENERAL: CALL
    {.number = 179, .base = 53},  // CALL_STR_1: CALL
    {.number = 180, .base = 53},  // CALL_TUPLE_1: CALL
    {.number = 181, .base = 53},  // CALL_TYPE_1: CALL
    {.number = 182, .base = 58},  // COMPARE_OP_FLOAT: COMPARE_OP
    {.number = 183, .base = 58},  // COMPARE_OP_INT: COMPARE_OP
    {.number = 184, .base = 58},  // COMPARE_OP_STR: COMPARE_OP
    {.number = 185, .base = 59},  // CONTAINS_OP_DICT: CONTAINS_OP
    {.number = 186, .base = 59},  // CONTAINS_OP_SET: CONTAINS_OP
    {.number = 187, .base = 72},  // FOR_ITER_GEN: FOR_ITER
    {.number = 188, .base = 72},  // FOR_ITER_LIST: FOR_ITER
    {.number = 189, .base = 72},  // FOR_ITER_RANGE: FOR_ITER
    {.number = 190, .base = 72},  // FOR_ITER_TUPLE: FOR_ITER
    {.number = 191, .base = 82},  // LOAD_ATTR_CLASS: LOAD_ATTR
    {.number = 192, .base = 82},  // LOAD_ATTR_GETATTRIBUTE_OVERRIDDEN: LOAD_ATTR
    {.number = 193, .base = 82},  // LOAD_ATTR_INSTANCE_VALUE: LOAD_ATTR
    {.number = 194, .base = 82},  // LOAD_ATTR_METHOD_LAZY_DICT: LOAD_ATTR
    {.number = 195, .base = 82},  // LOAD_ATTR_METHOD_NO_DICT: LOAD_ATTR
    {.number = 196, .base = 82},  // LOAD_ATTR_METHOD_WITH_VALUES: LOAD_ATTR
    {.number = 197, .base = 82},  // LOAD_ATTR_MODULE: LOAD_ATTR
    {.number = 198, .base = 82},  // LOAD_ATTR_NONDESCRIPTOR_NO_DICT: LOAD_ATTR
    {.number = 199, .base = 82},  // LOAD_ATTR_NONDESCRIPTOR_WITH_VALUES: LOAD_ATTR
    {.number = 200, .base = 82},  // LOAD_ATTR_PROPERTY: LOAD_ATTR
    {.number = 201, .base = 82},  // LOAD_ATTR_SLOT: LOAD_ATTR
    {.number = 202, .base = 82},  // LOAD_ATTR_WITH_HINT: LOAD_ATTR
    {.number = 203, .base = 91},  // LOAD_GLOBAL_BUILTIN: LOAD_GLOBAL
    {.number = 204, .base = 91},  // LOAD_GLOBAL_MODULE: LOAD_GLOBAL
    {.number = 205, .base = 93},  // LOAD_SUPER_ATTR_ATTR: LOAD_SUPER_ATTR
    {.number = 206, .base = 93},  // LOAD_SUPER_ATTR_METHOD: LOAD_SUPER_ATTR
    {.number = 207, .base = 149},  // RESUME_CHECK: RESUME
    {.number = 208, .base = 104},  // SEND_GEN: SEND
    {.number = 209, .base = 108},  // STORE_ATTR_INSTANCE_VALUE: STORE_ATTR
    {.number = 210, .base = 108},  // STORE_ATTR_SLOT: STORE_ATTR
    {.number = 211, .base = 108},  // STORE_ATTR_WITH_HINT: STORE_ATTR
    {.number = 212, .base = 39},  // STORE_SUBSCR_DICT: STORE_SUBSCR
    {.number = 213, .base = 39},  // STORE_SUBSCR_LIST_INT: STORE_SUBSCR
    {.number = 214, .base = 40},  // TO_BOOL_ALWAYS_TRUE: TO_BOOL
    {.number = 215, .base = 40},  // TO_BOOL_BOOL: TO_BOOL
    {.number = 216, .base = 40},  // TO_BOOL_INT: TO_BOOL
    {.number = 217, .base = 40},  // TO_BOOL_LIST: TO_BOOL
    {.number = 218, .base = 40},  // TO_BOOL_NONE: TO_BOOL
    {.number = 219, .base = 40},  // TO_BOOL_STR: TO_BOOL
    {.number = 220, .base = 117},  // UNPACK_SEQUENCE_LIST: UNPACK_SEQUENCE
    {.number = 221, .base = 117},  // UNPACK_SEQUENCE_TUPLE: UNPACK_SEQUENCE
    {.number = 222, .base = 117},  // UNPACK_SEQUENCE_TWO_TUPLE: UNPACK_SEQUENCE
    {.number = 236, .base = 149},  // INSTRUMENTED_RESUME: RESUME
    {.number = 237, .base = 11},  // INSTRUMENTED_END_FOR: END_FOR
    {.number = 238, .base = 12},  // INSTRUMENTED_END_SEND: END_SEND
    {.number = 239, .base = 36},  // INSTRUMENTED_RETURN_VALUE: RETURN_VALUE
    {.number = 240, .base = 103},  // INSTRUMENTED_RETURN_CONST: RETURN_CONST
    {.number = 241, .base = 118},  // INSTRUMENTED_YIELD_VALUE: YIELD_VALUE
    {.number = 242, .base = 93},  // INSTRUMENTED_LOAD_SUPER_ATTR: LOAD_SUPER_ATTR
    {.number = 243, .base = 72},  // INSTRUMENTED_FOR_ITER: FOR_ITER
    {.number = 244, .base = 53},  // INSTRUMENTED_CALL: CALL
    {.number = 245, .base = 57},  // INSTRUMENTED_CALL_KW: CALL_KW
    {.number = 246, .base = 54},  // INSTRUMENTED_CALL_FUNCTION_EX: CALL_FUNCTION_EX
    {.number = 248, .base = 79},  // INSTRUMENTED_JUMP_FORWARD: JUMP_FORWARD
    {.number = 249, .base = 77},  // INSTRUMENTED_JUMP_BACKWARD: JUMP_BACKWARD
    {.number = 250, .base = 100},  // INSTRUMENTED_POP_JUMP_IF_TRUE: POP_JUMP_IF_TRUE
    {.number = 251, .base = 97},  // INSTRUMENTED_POP_JUMP_IF_FALSE: POP_JUMP_IF_FALSE
    {.number = 252, .base = 98},  // INSTRUMENTED_POP_JUMP_IF_NONE: POP_JUMP_IF_NONE
    {.number = 253, .base = 99},  // INSTRUMENTED_POP_JUMP_IF_NOT_NONE: POP_JUMP_IF_NOT_NONE
};

inline constexpr OpcodeTable kOpcodes13 =
    make_opcode_table(kOpcodeRows13, kOpcodeAliases13, 2, false);
// clang-format on

}  // namespace corotrace
