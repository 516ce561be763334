# SPDX-License-Identifier: MIT
"""The coroutines that application.py forgets to await, each at a place of its own."""
BUGS = ("save_order", "send_mail", "log_visit", "warm_cache")
