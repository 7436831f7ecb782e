"""deploy/demo.sh, as a newcomer runs it: it ends well, prints the report, leaves nothing behind."""

import os
import shutil
import signal
import unittest

from processes import Process, bare_environment, children_with, run, temporary_directory, wait_until
from suite import source_directory


class DemoTest(unittest.TestCase):
    def setUp(self):
        self.state = temporary_directory()
        self.addCleanup(shutil.rmtree, self.state, ignore_errors=True)
        self.addCleanup(self.end_leftovers)
        self.environment = {**bare_environment(), "HOME": self.state}

    def end_leftovers(self):
        for pid in children_with(self.state):
            os.kill(pid, signal.SIGKILL)

    def command(self, *more):
        return [f"{source_directory()}/deploy/demo.sh", "--no-install", "--no-build", "--build",
                os.environ["OVERSIGHT_E2E_BUILD"], "--state", self.state,
                "--workers", "25", "--cases", "100", "--months", "4", *more]

    def demo(self, *more):
        return run(self.command("--once", *more), self.environment)

    def start_demo(self):
        """A demo that stays up, once it says so."""
        demo = Process(self.command(), f"{self.state}/output", self.environment)
        wait_until(lambda: "Everything stays up" in demo.log(), "the demo is up", alive=demo)
        return demo

    def assert_reported(self, result):
        code, out, err = result
        self.assertEqual(code, 0, out[-3000:] + err[-3000:])
        for part in ("Supervision in Sampleshire (synthetic) as of", "By rule: knowsley, Social Worker's",
                     "By rule: national, ", "By rule: islington, ", "By rule: walsall, ", "By rule: lincolnshire, ",
                     "knowsley.supervision-frequency", "walsall.case-discussion", "By team: share in time",
                     "The Monday list of one team", "Child in need 1: ", "Timings:"):
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

    def test_it_stays_up_and_can_be_asked_until_it_is_ended(self):
        demo = self.start_demo()
        code, out, err = run(["bash", "-c", f". '{self.state}/env'; oversightctl verify --authority sampleshire"],
                             self.environment)
        self.assertEqual(code, 0, out + err)
        self.assertEqual(out.count(": intact, "), 4, out)
        self.assertEqual(demo.terminate(), 128 + signal.SIGTERM)
        self.assertEqual(children_with(self.state), {}, "processes left behind")

    def test_what_a_killed_demo_left_is_ended_by_the_next(self):
        self.start_demo().kill()
        left = children_with(self.state)
        self.assertEqual(len(left), 5, left)
        self.assert_reported(self.demo())

    def test_a_wrong_option_is_named(self):
        code, _, err = self.demo("--onec")
        self.assertEqual(code, 2)
        self.assertIn("--onec", err)
        self.assertIn("--once", err)


if __name__ == "__main__":
    unittest.main()
