# SPDX-License-Identifier: MIT
"""corotrace run names the test that made a coroutine and the one in which it was dropped, of real test runners."""
import subprocess
import sys

from support.run_case import RunCase


class InWhoseTest(RunCase):
    """Tests that forget; each names what it makes after itself."""

    def setUp(self):
        super().setUp()
        subprocess.run([*self.interpreter.argv, self.interpreter.program("run_tests.py"), str(self.inside)], check=True)

    def run_tests(self, *words, options=(), cwd=None):
        done = subprocess.run(self.words([*self.interpreter.argv, *words], options), env=self.environment(),
                              cwd=cwd or self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        outcome = self.outcome(done.returncode, done.stdout)
        self.assertEqual(outcome.status, 0, outcome)
        return outcome

    def names_of(self, outcome):
        """coroutine -> {(made in, dropped in)}."""
        names = {}
        for site in outcome.events("site"):
            name = site["coroutine"]["qualname"].rpartition(".")[2]
            names.setdefault(name, set()).add((site["created"]["test"], site["test"]))
        return names

    def check_pytest(self, *options, origin=()):
        self.needs_module("pytest")
        self.needs_module("pytest_asyncio")
        outcome = self.run_tests("-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "asyncio_mode=strict", *options,
                                 "test_forgets.py", options=origin)
        return self.names_of(outcome)

    def check_names(self, names):
        made = {name: {made for made, _ in both} for name, both in names.items()}
        dropped = {name: {dropped for _, dropped in both} for name, both in names.items()}
        file = "test_forgets.py::"
        # One for each process: of those the first is reported.
        self.assertTrue(dropped["made_in_called"])
        self.assertLessEqual(dropped["made_in_called"], {file + "test_called[1] (call)", file + "test_called[2] (call)"})
        self.assertEqual(dropped["made_in_fixture"], {file + "test_with_fixture (setup)"})
        self.assertEqual(dropped["made_in_method"], {file + "TestInClass::test_collects (call)"})
        self.assertEqual(dropped["made_in_async"], {file + "test_async (call)"})
        self.assertEqual(dropped["_execute_mock_call"], {file + "test_mocked (call)"})
        return made, dropped

    def test_pytest(self):
        """The collector runs three tests later; without a stack of its creation nobody knows whose it was."""
        made, dropped = self.check_names(self.check_pytest())
        self.assertEqual(dropped["made_in_cycle"], {"test_forgets.py::TestInClass::test_collects (call)"})
        self.assertEqual(made["made_in_cycle"], {None})
        # Inferred from the bytecode where it stopped, if it could be.
        self.assertLessEqual(made["made_in_method"], {"test_forgets.py::TestInClass::test_collects (call)", None})

    def test_pytest_with_origins(self):
        made, dropped = self.check_names(self.check_pytest(origin=("--origin", "25")))
        self.assertEqual(made["made_in_cycle"], {f"{self.inside}/test_forgets.py::test_cycle (call)"})
        self.assertEqual(dropped["made_in_cycle"], {"test_forgets.py::TestInClass::test_collects (call)"})
        self.assertEqual(made["made_in_method"], {"test_forgets.py::TestInClass::test_collects (call)"})
        self.assertEqual(made["made_in_fixture"], {f"{self.inside}/test_forgets.py::careless (fixture)"})
        self.assertEqual(made["made_in_called"], {"test_forgets.py::test_called (call)"})
        self.assertEqual(made["made_in_async"], {"test_forgets.py::test_async (call)"})
        self.assertEqual(made["_execute_mock_call"], {"test_forgets.py::test_mocked (call)"})

    def test_pytest_in_several_processes(self):
        self.needs_module("xdist")
        self.check_names(self.check_pytest("-n", "4"))

    def test_pytest_forked(self):
        self.needs_module("pytest_forked")
        self.check_names(self.check_pytest("--forked"))

    def check_unittest(self, names, module):
        dropped = {name: {dropped for _, dropped in both} for name, both in names.items()}
        self.assertEqual(dropped["made_inherited"], {f"{module}.One.test_inherited (call)"})
        self.assertEqual(dropped["made_for_class"], {f"setUpClass ({module}.One)"})
        self.assertLessEqual(dropped["made_in_setup"],
                             {f"{module}.One.test_inherited (setup)", f"{module}.One.test_one (setup)"})
        self.assertTrue(dropped["made_in_setup"])
        self.assertEqual(dropped["made_in_async"], {f"{module}.Two.test_two (call)"})

    def test_unittest(self):
        # Not by the current folder: an interpreter in a root of its own begins elsewhere.
        outcome = self.run_tests("-m", "unittest", "discover", "-q", "-s", str(self.inside), "-p", "test_cases.py")
        self.check_unittest(self.names_of(outcome), "test_cases")

    def test_django(self):
        self.needs_module("django")
        outcome = self.run_tests("-m", "django", "test", "--settings", "settings", "--pythonpath", str(self.inside), "app")
        self.check_unittest(self.names_of(outcome), "app.tests")
