# SPDX-License-Identifier: MIT
"""Shapes where a module of the standard library calls an async function as a plain one: hooks that are seldom used."""
import codecs
import configparser
import copy
import io
import logging
import os
import pathlib
import shutil
import string
import sys
import tempfile
import xml.sax

from . import case
from .common import swallow


@case
async def ignored_files():
    # mistake: async_callback
    # created: inferred | unknown
    # cause: frame_end | refcount | unknown
    # ended: _copytree | -
    async def ignore(folder, names):
        return []
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "a"
        source.mkdir()
        swallow(shutil.copytree, source, pathlib.Path(folder) / "b", ignore=ignore)  # made


@case
async def error_of_a_walk():
    # mistake: async_callback
    # created: inferred | unknown
    async def tell(error):
        pass
    for _ in os.walk("/no/such/folder", onerror=tell):  # made
        pass


@case
async def error_of_a_codec():
    # mistake: async_callback | unknown
    # created: inferred | unknown
    async def replace(error):
        return ("?", error.end)
    codecs.register_error("corpus", replace)
    swallow("ä".encode, "ascii", "corpus")  # made


@case
async def hook_of_exceptions():
    # mistake: async_callback | result_discarded
    # fix: await sys.excepthook(ValueError, ValueError(1), None) | -
    # created: inferred | unknown
    async def report(kind, value, traceback):
        pass
    sys.excepthook, before = report, sys.excepthook
    try:
        sys.excepthook(ValueError, ValueError(1), None)  # made
    finally:
        sys.excepthook = before


@case
async def element_of_a_document():
    # mistake: async_callback
    # created: inferred | unknown
    class Reader(xml.sax.ContentHandler):
        async def startElement(self, name, attributes):
            pass
    xml.sax.parse(io.BytesIO(b"<a/>"), Reader())  # made


@case
async def record_of_a_log():
    # mistake: async_callback
    # created: inferred | unknown
    class Handler(logging.Handler):
        async def emit(self, record):
            pass
    Handler().handle(logging.makeLogRecord({"msg": "x"}))  # made


@case
async def filter_of_a_log():
    # mistake: async_callback | tested_for_truth
    # created: inferred | unknown
    # cause: frame_end | refcount | unknown
    # ended: Filterer.filter | filter | -
    async def wanted(record):
        return False
    handler = logging.StreamHandler(io.StringIO())
    handler.addFilter(wanted)
    handler.handle(logging.makeLogRecord({"msg": "x"}))  # made


@case
async def converter_of_a_config():
    # mistake 3.8-3.10: result_discarded | async_callback
    # mistake: async_callback | returned_and_dropped
    # created: inferred | unknown
    async def to_list(text):
        return text.split()
    config = configparser.ConfigParser(converters={"list": to_list})
    config.read_string("[a]\nb = 1 2\n")
    config.getlist("a", "b")  # made


@case
async def values_of_a_template():
    # mistake: async_special_method | formatted | async_callback
    # created: inferred | unknown
    class Values(dict):
        async def __missing__(self, key):
            return key
    string.Template("$a").substitute(Values())  # made


@case
async def values_of_a_format():
    # mistake: async_special_method | formatted
    # created: inferred | unknown
    class Values(dict):
        async def __missing__(self, key):
            return key
    "{a}".format_map(Values())  # made


@case
async def state_of_a_copy():
    # mistake: async_special_method | async_callback
    # created: inferred | unknown
    # cause: exception_unwinding | refcount | unknown
    # ended: copy | -
    class Job:
        def __init__(self):
            self.at = 1

        async def __getstate__(self):
            return {}
    swallow(copy.copy, Job())  # made
