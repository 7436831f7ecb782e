"""One who writes beside an import, and what was acknowledged."""

import json
import os
import sys

from processes import Process, bare_environment, wait_until


class Writer:
    """Beside the import, one who writes single records and notes down what was acknowledged (single_writer.py)."""

    def __init__(self, suite, authority):
        self._process = Process(
            [sys.executable, "-B", f"{os.path.dirname(__file__)}/single_writer.py", suite.workforce.address, authority],
            f"{suite.directory}/writer-{authority}.log", bare_environment())
        wait_until(lambda: self._process.log().count("\n") > 1, "single writes are acknowledged", alive=self._process)

    def finish(self):
        """The records acknowledged."""
        code = self._process.terminate()
        log = self._process.log()
        if code != 0:
            raise AssertionError(f"the writer ended with {code}: {log[-2000:]}")
        return [json.loads(line) for line in log.splitlines()]
