# SPDX-License-Identifier: MIT
"""TRACER: the text of a Python program that traces another process, as a debugger would."""

# PTRACE_SEIZEs argv[1], says so, and holds it until its stdin ends.
TRACER = """
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
if libc.ptrace(0x4206, int(sys.argv[1]), None, None) != 0:
    sys.exit("ptrace: errno %d" % ctypes.get_errno())
print("traced", flush=True)
sys.stdin.read()
"""
