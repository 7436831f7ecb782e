"""deploy/demo.sh, as a newcomer runs it: it ends well, prints the report, leaves nothing behind."""

import os
import shutil
import tempfile
import unittest

from processes import children_with, run
from suite import source_directory


class DemoTest(unittest.TestCase):
    def setUp(self):
        self.state = tempfile.mkdtemp(prefix="oversight-e2e-demo-")
        self.addCleanup(shutil.rmtree, self.state, ignore_errors=True)

    def demo(self, *more):
        return run([f"{source_directory()}/deploy/demo.sh", "--once", "--no-install", "--no-build",
                    "--build", os.environ["OVERSIGHT_E2E_BUILD"], "--state", self.state,
                    "--workers", "25", "--cases", "100", "--months", "4", *more],
                   environment={"PATH": os.environ["PATH"], "HOME": self.state})

    def assert_reported(self, result):
        code, out, err = result
        self.assertEqual(code, 0, out[-3000:] + err[-3000:])
        for part in ("Supervision in Sampleshire (synthetic) as of", "By rule", "knowsley.supervision-frequency",
                     "knowsley.case-discussion", "Timings:"):
            self.assertIn(part, out)
        self.assertEqual(children_with(self.state), {}, "processes left behind")

    def test_two_runs(self):
        first = self.demo()
        self.assert_reported(first)
        self.assertIn("Imported:", first[1])
        second = self.demo()
        self.assert_reported(second)
        self.assertNotIn("Imported:", second[1], "what is in stays in")
        report = lambda result: result[1][result[1].index("By rule"):result[1].index("The APIs")]
        self.assertEqual(report(first), report(second))

    def test_a_wrong_option_is_named(self):
        code, _, err = self.demo("--onec")
        self.assertEqual(code, 2)
        self.assertIn("--onec", err)
        self.assertIn("--once", err)


if __name__ == "__main__":
    unittest.main()
