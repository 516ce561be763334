# SPDX-License-Identifier: MIT
"""The demonstration's service: a small shop over HTTP, with three mistakes that no test of it noticed."""
