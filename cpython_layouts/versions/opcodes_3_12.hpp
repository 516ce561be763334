// SPDX-License-Identifier: MIT
// Opcodes of CPython 3.12, as the modules opcode and dis of 3.12.1 have them.
// Written by scripts/extract_opcodes.py, which also says where Op and stack effects come from.
#pragma once

#include "cpython_layouts/opcode.hpp"

namespace corotrace {

// clang-format off
inline constexpr OpcodeRow kOpcodeRows12[] = {
    {.number = 0, .name = "CACHE", .op = Op::kNothing},
    {.number = 1, .name = "POP_TOP", .op = Op::kPopTop, .effect = {.pops = 1}},
    {.number = 2, .name = "PUSH_NULL", .op = Op::kPushNull, .effect = {.pushes = 1}},
    {.number = 3, .name = "INTERPRETER_EXIT", .op = Op::kReturn, .effect = {.pops = 1}},
    {.number = 4, .name = "END_FOR", .op = Op::kOther, .effect = {.pops = 2}},
    {.number = 5, .name = "END_SEND", .op = Op::kEndSend, .effect = {.pops = 2, .pushes = 1}},
    {.number = 9, .name = "NOP", .op = Op::kNothing},
    {.number = 11, .name = "UNARY_NEGATIVE", .op = Op::kOther, .effect = {.pops = 1, .pushes = 1}},
    {.number = 12, .name = "UNARY_NOT", .op = Op::kNot, .effect = {.pops = 1, .pushes = 1}},
    {.number = 15, .name = "UNARY_INVERT", .op = Op::kOther, .effect = {.pops = 1, .pushes = 1}},
    {.number = 17, .name = "RESERVED", .op = Op::kNothing},
    {.number = 25, .name = "BINARY_SUBSCR", .op = Op::kSubscript, .caches = 1, .effect = {.pops = 2, .pushes = 1}},
    {.number = 26, .name = "BINARY_SLICE", .op = Op::kSubscript, .effect = {.pops = 3, .pushes = 1}},
    {.number = 27, .name = "STORE_SLICE", .op = Op::kStoreSubscript, .effect = {.pops = 4}},
    {.number = 30, .name = "GET_LEN", .op = Op::kPush, .effect = {.pushes = 1}},
    {.number = 31, .name = "MATCH_MAPPING", .op = Op::kPush, .effect = {.pushes = 1}},
    {.number = 32, .name = "MATCH_SEQUENCE", .op = Op::kPush, .effect = {.pushes = 1}},
    {.number = 33, .name = "MATCH_KEYS", .op = Op::kOther, .effect = {.pushes = 1}},
    {.number = 35, .name = "PUSH_EXC_INFO", .op = Op::kOther, .effect = {.pops = 1, .pushes = 2}},
    {.number = 36, .name = "CHECK_EXC_MATCH", .op = Op::kOther, .effect = {.pops = 1, .pushes = 1}},
    {.number = 37, .name = "CHECK_EG_MATCH", .op = Op::kOther, .effect = {.pops = 2, .pushes = 2}},
    {.number = 49, .name = "WITH_EXCEPT_START", .op = Op::kWithExit, .effect = {.pushes = 1}},
    {.number = 50, .name = "GET_AITER", .op = Op::kGetAiter, .effect = {.pops = 1, .pushes = 1}},
    {.number = 51, .name = "GET_ANEXT", .op = Op::kGetAnext, .effect = {.pushes = 1}},
    {.number = 52, .name = "BEFORE_ASYNC_WITH", .op = Op::kWith, .effect = {.pops = 1, .pushes = 2}},
    {.number = 53, .name = "BEFORE_WITH", .op = Op::kWith, .effect = {.pops = 1, .pushes = 2}},
    {.number = 54, .name = "END_ASYNC_FOR", .op = Op::kOther, .effect = {.pops = 2}},
    {.number = 55, .name = "CLEANUP_THROW", .op = Op::kOther, .effect = {.pops = 3, .pushes = 2}},
    {.number = 60, .name = "STORE_SUBSCR", .op = Op::kStoreSubscript, .caches = 1, .effect = {.pops = 3}},
    {.number = 61, .name = "DELETE_SUBSCR", .op = Op::kDeleteSubscript, .effect = {.pops = 2}},
    {.number = 68, .name = "GET_ITER", .op = Op::kGetIter, .effect = {.pops = 1, .pushes = 1}},
    {.number = 69, .name = "GET_YIELD_FROM_ITER", .op = Op::kGetIter, .effect = {.pops = 1, .pushes = 1}},
    {.number = 71, .name = "LOAD_BUILD_CLASS", .op = Op::kPush, .effect = {.pushes = 1}},
    {.number = 74, .name = "LOAD_ASSERTION_ERROR", .op = Op::kPush, .effect = {.pushes = 1}},
    {.number = 75, .name = "RETURN_GENERATOR", .op = Op::kReturnGenerator, .effect = {.pushes = 1}},
    {.number = 83, .name = "RETURN_VALUE", .op = Op::kReturn, .effect = {.pops = 1}},
    {.number = 85, .name = "SETUP_ANNOTATIONS", .op = Op::kNothing},
    {.number = 87, .name = "LOAD_LOCALS", .op = Op::kPush, .effect = {.pushes = 1}},
    {.number = 89, .name = "POP_EXCEPT", .op = Op::kPopExcept, .effect = {.pops = 1}},
    {.number = 90, .name = "STORE_NAME", .op = Op::kStoreName, .effect = {.pops = 1}},
    {.number = 91, .name = "DELETE_NAME", .op = Op::kDeleteName},
    {.number = 92, .name = "UNPACK_SEQUENCE", .op = Op::kUnpack, .caches = 1, .effect = {.pops = 1, .pushes_per_arg = 1}},
    {.number = 93, .name = "FOR_ITER", .op = Op::kForIter, .caches = 1, .jump = JumpKind::kForward, .effect = {.pushes = 1}},
    {.number = 94, .name = "UNPACK_EX", .op = Op::kUnpack, .effect = {.pops = 1, .bits = ArgBits::kUnpackEx}},
    {.number = 95, .name = "STORE_ATTR", .op = Op::kStoreAttr, .caches = 4, .effect = {.pops = 2}},
    {.number = 96, .name = "DELETE_ATTR", .op = Op::kDeleteAttr, .effect = {.pops = 1}},
    {.number = 97, .name = "STORE_GLOBAL", .op = Op::kStoreGlobal, .effect = {.pops = 1}},
    {.number = 98, .name = "DELETE_GLOBAL", .op = Op::kDeleteGlobal},
    {.number = 99, .name = "SWAP", .op = Op::kSwap},
    {.number = 100, .name = "LOAD_CONST", .op = Op::kLoadConst, .effect = {.pushes = 1}},
    {.number = 101, .name = "LOAD_NAME", .op = Op::kLoadName, .effect = {.pushes = 1}},
    {.number = 102, .name = "BUILD_TUPLE", .op = Op::kBuild, .effect = {.pops_per_arg = 1, .pushes = 1}},
    {.number = 103, .name = "BUILD_LIST", .op = Op::kBuild, .effect = {.pops_per_arg = 1, .pushes = 1}},
    {.number = 104, .name = "BUILD_SET", .op = Op::kBuild, .effect = {.pops_per_arg = 1, .pushes = 1}},
    {.number = 105, .name = "BUILD_MAP", .op = Op::kBuild, .effect = {.pops_per_arg = 2, .pushes = 1}},
    {.number = 106, .name = "LOAD_ATTR", .op = Op::kLoadAttr, .caches = 9, .name_shift = 1, .effect = {.pops = 1, .pushes = 1, .bits = ArgBits::kLowPushes}},
    {.number = 107, .name = "COMPARE_OP", .op = Op::kCompare, .caches = 1, .effect = {.pops = 2, .pushes = 1}},
    {.number = 108, .name = "IMPORT_NAME", .op = Op::kImportName, .effect = {.pops = 2, .pushes = 1}},
    {.number = 109, .name = "IMPORT_FROM", .op = Op::kImportFrom, .effect = {.pushes = 1}},
    {.number = 110, .name = "JUMP_FORWARD", .op = Op::kJump, .jump = JumpKind::kForward},
    {.number = 114, .name = "POP_JUMP_IF_FALSE", .op = Op::kJumpIf, .jump = JumpKind::kForward, .effect = {.pops = 1}},
    {.number = 115, .name = "POP_JUMP_IF_TRUE", .op = Op::kJumpIf, .jump = JumpKind::kForward, .effect = {.pops = 1}},
    {.number = 116, .name = "LOAD_GLOBAL", .op = Op::kLoadGlobal, .caches = 4, .name_shift = 1, .effect = {.pushes = 1, .bits = ArgBits::kLowPushes}},
    {.number = 117, .name = "IS_OP", .op = Op::kCompare, .effect = {.pops = 2, .pushes = 1}},
    {.number = 118, .name = "CONTAINS_OP", .op = Op::kCompare, .effect = {.pops = 2, .pushes = 1}},
    {.number = 119, .name = "RERAISE", .op = Op::kRaise, .effect = {.pops = 1}},
    {.number = 120, .name = "COPY", .op = Op::kCopy, .effect = {.pushes = 1}},
    {.number = 121, .name = "RETURN_CONST", .op = Op::kReturnConst},
    {.number = 122, .name = "BINARY_OP", .op = Op::kBinary, .caches = 1, .effect = {.pops = 2, .pushes = 1}},
    {.number = 123, .name = "SEND", .op = Op::kSend, .caches = 1, .jump = JumpKind::kForward, .effect = {.pops = 1, .pushes = 1}},
    {.number = 124, .name = "LOAD_FAST", .op = Op::kLoadFast, .effect = {.pushes = 1}},
    {.number = 125, .name = "STORE_FAST", .op = Op::kStoreFast, .effect = {.pops = 1}},
    {.number = 126, .name = "DELETE_FAST", .op = Op::kDeleteFast},
    {.number = 127, .name = "LOAD_FAST_CHECK", .op = Op::kLoadFast, .effect = {.pushes = 1}},
    {.number = 128, .name = "POP_JUMP_IF_NOT_NONE", .op = Op::kJumpIfNone, .jump = JumpKind::kForward, .effect = {.pops = 1}},
    {.number = 129, .name = "POP_JUMP_IF_NONE", .op = Op::kJumpIfNone, .jump = JumpKind::kForward, .effect = {.pops = 1}},
    {.number = 130, .name = "RAISE_VARARGS", .op = Op::kRaise, .effect = {.pops_per_arg = 1}},
    {.number = 131, .name = "GET_AWAITABLE", .op = Op::kGetAwaitable, .effect = {.pops = 1, .pushes = 1}},
    {.number = 132, .name = "MAKE_FUNCTION", .op = Op::kMakeFunction, .effect = {.pops = 1, .pushes = 1, .bits = ArgBits::kSetPop}},
    {.number = 133, .name = "BUILD_SLICE", .op = Op::kBuild, .effect = {.pops_per_arg = 1, .pushes = 1}},
    {.number = 134, .name = "JUMP_BACKWARD_NO_INTERRUPT", .op = Op::kJump, .jump = JumpKind::kBackward},
    {.number = 135, .name = "MAKE_CELL", .op = Op::kNothing},
    {.number = 136, .name = "LOAD_CLOSURE", .op = Op::kPush, .effect = {.pushes = 1}},
    {.number = 137, .name = "LOAD_DEREF", .op = Op::kLoadDeref, .effect = {.pushes = 1}},
    {.number = 138, .name = "STORE_DEREF", .op = Op::kStoreDeref, .effect = {.pops = 1}},
    {.number = 139, .name = "DELETE_DEREF", .op = Op::kDeleteDeref},
    {.number = 140, .name = "JUMP_BACKWARD", .op = Op::kJump, .jump = JumpKind::kBackward},
    {.number = 141, .name = "LOAD_SUPER_ATTR", .op = Op::kLoadSuperAttr, .caches = 1, .name_shift = 2, .effect = {.pops = 3, .pushes = 1, .bits = ArgBits::kLowPushes}},
    {.number = 142, .name = "CALL_FUNCTION_EX", .op = Op::kCallEx, .effect = {.pops = 3, .pushes = 1, .bits = ArgBits::kLowPops}},
    {.number = 143, .name = "LOAD_FAST_AND_CLEAR", .op = Op::kLoadFast, .effect = {.pushes = 1}},
    {.number = 144, .name = "EXTENDED_ARG", .op = Op::kExtendedArg},
    {.number = 145, .name = "LIST_APPEND", .op = Op::kAppend, .effect = {.pops = 1}},
    {.number = 146, .name = "SET_ADD", .op = Op::kAppend, .effect = {.pops = 1}},
    {.number = 147, .name = "MAP_ADD", .op = Op::kAppend, .effect = {.pops = 2}},
    {.number = 149, .name = "COPY_FREE_VARS", .op = Op::kNothing},
    {.number = 150, .name = "YIELD_VALUE", .op = Op::kYield, .effect = {.pops = 1, .pushes = 1}},
    {.number = 151, .name = "RESUME", .op = Op::kNothing},
    {.number = 152, .name = "MATCH_CLASS", .op = Op::kOther, .effect = {.pops = 3, .pushes = 1}},
    {.number = 155, .name = "FORMAT_VALUE", .op = Op::kFormat, .effect = {.pops = 1, .pushes = 1, .bits = ArgBits::kThirdPops}},
    {.number = 156, .name = "BUILD_CONST_KEY_MAP", .op = Op::kBuild, .effect = {.pops = 1, .pops_per_arg = 1, .pushes = 1}},
    {.number = 157, .name = "BUILD_STRING", .op = Op::kBuildString, .effect = {.pops_per_arg = 1, .pushes = 1}},
    {.number = 162, .name = "LIST_EXTEND", .op = Op::kAppend, .effect = {.pops = 1}},
    {.number = 163, .name = "SET_UPDATE", .op = Op::kAppend, .effect = {.pops = 1}},
    {.number = 164, .name = "DICT_MERGE", .op = Op::kAppend, .effect = {.pops = 1}},
    {.number = 165, .name = "DICT_UPDATE", .op = Op::kAppend, .effect = {.pops = 1}},
    {.number = 171, .name = "CALL", .op = Op::kCall, .caches = 3, .effect = {.pops = 2, .pops_per_arg = 1, .pushes = 1}},
    {.number = 172, .name = "KW_NAMES", .op = Op::kNothing},
    {.number = 173, .name = "CALL_INTRINSIC_1", .op = Op::kOther, .effect = {.pops = 1, .pushes = 1}},
    {.number = 174, .name = "CALL_INTRINSIC_2", .op = Op::kOther, .effect = {.pops = 2, .pushes = 1}},
    {.number = 175, .name = "LOAD_FROM_DICT_OR_GLOBALS", .op = Op::kLoadName, .effect = {.pops = 1, .pushes = 1}},
    {.number = 176, .name = "LOAD_FROM_DICT_OR_DEREF", .op = Op::kLoadDeref, .effect = {.pops = 1, .pushes = 1}},
    {.number = 253, .name = "INSTRUMENTED_INSTRUCTION", .op = Op::kHiddenByInstruction},
    {.number = 254, .name = "INSTRUMENTED_LINE", .op = Op::kHiddenByLine},
};

inline constexpr OpcodeAlias kOpcodeAliases12[] = {
    {.number = 6, .base = 122},  // BINARY_OP_ADD_FLOAT: BINARY_OP
    {.number = 7, .base = 122},  // BINARY_OP_ADD_INT: BINARY_OP
    {.number = 8, .base = 122},  // BINARY_OP_ADD_UNICODE: BINARY_OP
    {.number = 10, .base = 122},  // BINARY_OP_INPLACE_ADD_UNICODE: BINARY_OP
    {.number = 13, .base = 122},  // BINARY_OP_MULTIPLY_FLOAT: BINARY_OP
    {.number = 14, .base = 122},  // BINARY_OP_MULTIPLY_INT: BINARY_OP
    {.number = 16, .base = 122},  // BINARY_OP_SUBTRACT_FLOAT: BINARY_OP
    {.number = 18, .base = 122},  // BINARY_OP_SUBTRACT_INT: BINARY_OP
    {.number = 19, .base = 25},  // BINARY_SUBSCR_DICT: BINARY_SUBSCR
    {.number = 20, .base = 25},  // BINARY_SUBSCR_GETITEM: BINARY_SUBSCR
    {.number = 21, .base = 25},  // BINARY_SUBSCR_LIST_INT: BINARY_SUBSCR
    {.number = 22, .base = 25},  // BINARY_SUBSCR_TUPLE_INT: BINARY_SUBSCR
    {.number = 23, .base = 171},  // CALL_PY_EXACT_ARGS: CALL
    {.number = 24, .base = 171},  // CALL_PY_WITH_DEFAULTS: CALL
    {.number = 28, .base = 171},  // CALL_BOUND_METHOD_EXACT_ARGS: CALL
    {.number = 29, .base = 171},  // CALL_BUILTIN_CLASS: CALL
    {.number = 34, .base = 171},  // CALL_BUILTIN_FAST_WITH_KEYWORDS: CALL
    {.number = 38, .base = 171},  // CALL_METHOD_DESCRIPTOR_FAST_WITH_KEYWORDS: CALL
    {.number = 39, .base = 171},  // CALL_NO_KW_BUILTIN_FAST: CALL
    {.number = 40, .base = 171},  // CALL_NO_KW_BUILTIN_O: CALL
    {.number = 41, .base = 171},  // CALL_NO_KW_ISINSTANCE: CALL
    {.number = 42, .base = 171},  // CALL_NO_KW_LEN: CALL
    {.number = 43, .base = 171},  // CALL_NO_KW_LIST_APPEND: CALL
    {.number = 44, .base = 171},  // CALL_NO_KW_METHOD_DESCRIPTOR_FAST: CALL
    {.number = 45, .base = 171},  // CALL_NO_KW_METHOD_DESCRIPTOR_NOARGS: CALL
    {.number = 46, .base = 171},  // CALL_NO_KW_METHOD_DESCRIPTOR_O: CALL
    {.number = 47, .base = 171},  // CALL_NO_KW_STR_1: CALL
    {.number = 48, .base = 171},  // CALL_NO_KW_TUPLE_1: CALL
    {.number = 56, .base = 171},  // CALL_NO_KW_TYPE_1: CALL
    {.number = 57, .base = 107},  // COMPARE_OP_FLOAT: COMPARE_OP
    {.number = 58, .base = 107},  // COMPARE_OP_INT: COMPARE_OP
    {.number = 59, .base = 107},  // COMPARE_OP_STR: COMPARE_OP
    {.number = 62, .base = 93},  // FOR_ITER_LIST: FOR_ITER
    {.number = 63, .base = 93},  // FOR_ITER_TUPLE: FOR_ITER
    {.number = 64, .base = 93},  // FOR_ITER_RANGE: FOR_ITER
    {.number = 65, .base = 93},  // FOR_ITER_GEN: FOR_ITER
    {.number = 66, .base = 141},  // LOAD_SUPER_ATTR_ATTR: LOAD_SUPER_ATTR
    {.number = 67, .base = 141},  // LOAD_SUPER_ATTR_METHOD: LOAD_SUPER_ATTR
    {.number = 70, .base = 106},  // LOAD_ATTR_CLASS: LOAD_ATTR
    {.number = 72, .base = 106},  // LOAD_ATTR_GETATTRIBUTE_OVERRIDDEN: LOAD_ATTR
    {.number = 73, .base = 106},  // LOAD_ATTR_INSTANCE_VALUE: LOAD_ATTR
    {.number = 76, .base = 106},  // LOAD_ATTR_MODULE: LOAD_ATTR
    {.number = 77, .base = 106},  // LOAD_ATTR_PROPERTY: LOAD_ATTR
    {.number = 78, .base = 106},  // LOAD_ATTR_SLOT: LOAD_ATTR
    {.number = 79, .base = 106},  // LOAD_ATTR_WITH_HINT: LOAD_ATTR
    {.number = 80, .base = 106},  // LOAD_ATTR_METHOD_LAZY_DICT: LOAD_ATTR
    {.number = 81, .base = 106},  // LOAD_ATTR_METHOD_NO_DICT: LOAD_ATTR
    {.number = 82, .base = 106},  // LOAD_ATTR_METHOD_WITH_VALUES: LOAD_ATTR
    {.number = 84, .base = 100},  // LOAD_CONST__LOAD_FAST: LOAD_CONST
    {.number = 86, .base = 124},  // LOAD_FAST__LOAD_CONST: LOAD_FAST
    {.number = 88, .base = 124},  // LOAD_FAST__LOAD_FAST: LOAD_FAST
    {.number = 111, .base = 116},  // LOAD_GLOBAL_BUILTIN: LOAD_GLOBAL
    {.number = 112, .base = 116},  // LOAD_GLOBAL_MODULE: LOAD_GLOBAL
    {.number = 113, .base = 95},  // STORE_ATTR_INSTANCE_VALUE: STORE_ATTR
    {.number = 148, .base = 95},  // STORE_ATTR_SLOT: STORE_ATTR
    {.number = 153, .base = 95},  // STORE_ATTR_WITH_HINT: STORE_ATTR
    {.number = 154, .base = 125},  // STORE_FAST__LOAD_FAST: STORE_FAST
    {.number = 158, .base = 125},  // STORE_FAST__STORE_FAST: STORE_FAST
    {.number = 159, .base = 60},  // STORE_SUBSCR_DICT: STORE_SUBSCR
    {.number = 160, .base = 60},  // STORE_SUBSCR_LIST_INT: STORE_SUBSCR
    {.number = 161, .base = 92},  // UNPACK_SEQUENCE_LIST: UNPACK_SEQUENCE
    {.number = 166, .base = 92},  // UNPACK_SEQUENCE_TUPLE: UNPACK_SEQUENCE
    {.number = 167, .base = 92},  // UNPACK_SEQUENCE_TWO_TUPLE: UNPACK_SEQUENCE
    {.number = 168, .base = 123},  // SEND_GEN: SEND
    {.number = 237, .base = 141},  // INSTRUMENTED_LOAD_SUPER_ATTR: LOAD_SUPER_ATTR
    {.number = 238, .base = 129},  // INSTRUMENTED_POP_JUMP_IF_NONE: POP_JUMP_IF_NONE
    {.number = 239, .base = 128},  // INSTRUMENTED_POP_JUMP_IF_NOT_NONE: POP_JUMP_IF_NOT_NONE
    {.number = 240, .base = 151},  // INSTRUMENTED_RESUME: RESUME
    {.number = 241, .base = 171},  // INSTRUMENTED_CALL: CALL
    {.number = 242, .base = 83},  // INSTRUMENTED_RETURN_VALUE: RETURN_VALUE
    {.number = 243, .base = 150},  // INSTRUMENTED_YIELD_VALUE: YIELD_VALUE
    {.number = 244, .base = 142},  // INSTRUMENTED_CALL_FUNCTION_EX: CALL_FUNCTION_EX
    {.number = 245, .base = 110},  // INSTRUMENTED_JUMP_FORWARD: JUMP_FORWARD
    {.number = 246, .base = 140},  // INSTRUMENTED_JUMP_BACKWARD: JUMP_BACKWARD
    {.number = 247, .base = 121},  // INSTRUMENTED_RETURN_CONST: RETURN_CONST
    {.number = 248, .base = 93},  // INSTRUMENTED_FOR_ITER: FOR_ITER
    {.number = 249, .base = 114},  // INSTRUMENTED_POP_JUMP_IF_FALSE: POP_JUMP_IF_FALSE
    {.number = 250, .base = 115},  // INSTRUMENTED_POP_JUMP_IF_TRUE: POP_JUMP_IF_TRUE
    {.number = 251, .base = 4},  // INSTRUMENTED_END_FOR: END_FOR
    {.number = 252, .base = 5},  // INSTRUMENTED_END_SEND: END_SEND
};

inline constexpr OpcodeTable kOpcodes12 =
    make_opcode_table(kOpcodeRows12, kOpcodeAliases12, 2, true);
// clang-format on

}  // namespace corotrace
