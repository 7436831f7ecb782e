"""Compliance starts from its checkpoints and says what it says when it has read everything from the first entries."""

import time
import unittest

from processes import wait_until
from suite import Suite, make_sample

SCHEMA = "oversight_compliance"


class CheckpointTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = Suite()
        cls.addClassCleanup(cls.suite.close)
        cls.suite.compliance.process.terminate()
        cls.suite.compliance.settings["checkpoint-entries"] = "50"
        cls.suite.compliance.start()
        files = make_sample(f"{cls.suite.directory}/sample", workers=40, cases=300, months=12)
        cls.suite.ctl_json("import", files, "--authority", "a", "--wait")

    def checkpoints(self):
        return int(self.suite.database.query("SELECT COUNT(*) FROM checkpoint", SCHEMA)[0][0])

    def findings(self):
        return self.suite.list_all("compliance.ListFindings", {"parent": "authorities/a"}, "findings")

    def restart(self):
        """Seconds from the start of the program until it serves; from then on questions are answered."""
        self.suite.compliance.kill()
        began = time.monotonic()
        self.suite.compliance.launch()
        self.suite.compliance.await_healthy()
        seconds = time.monotonic() - began
        self.suite.call("compliance.GetProgress", {"parent": "authorities/a"})
        return seconds

    def test_a_start_from_a_checkpoint_says_the_same(self):
        wait_until(lambda: self.checkpoints() == 3, "each ledger has a checkpoint")
        before = self.findings()
        self.assertGreater(len(before), 100)
        from_checkpoint = self.restart()
        self.assertEqual(self.findings(), before)
        # An altered one counts for nothing, nor does one that is gone.
        self.suite.database.query("UPDATE checkpoint_chunk SET content = REVERSE(content) WHERE ledger = 'caseload'", SCHEMA)
        self.suite.database.query("DELETE FROM checkpoint WHERE ledger = 'supervision'", SCHEMA)
        from_entries = self.restart()
        self.assertEqual(self.findings(), before)
        print(f"ready after {from_checkpoint:.2f} s from checkpoints, {from_entries:.2f} s with two ledgers read anew")


if __name__ == "__main__":
    unittest.main()
