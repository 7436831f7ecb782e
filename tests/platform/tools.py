"""Where the tools are: unpacked by tools.sh, or installed on this machine."""

import os
import shutil
import sys

# With this exit code ctest lists a test as skipped, which tests/run.sh repeats at its end.
NOT_RUN = 77

SOURCE = os.environ.get("OVERSIGHT_SOURCE") or os.path.abspath(f"{os.path.dirname(__file__)}/../..")
TOOLS = os.environ.get("OVERSIGHT_TOOLS", f"{SOURCE}/build/tests/tools")
ROOT = f"{TOOLS}/root"
SCHEMA = "usr/share/gocode/src/k8s.io/cli-runtime/artifacts/openapi/swagger.json"


def find(program):
    """The path of a tool, or None."""
    for folder in (f"{ROOT}/usr/bin", f"{ROOT}/usr/sbin", f"{TOOLS}/npm/node_modules/.bin"):
        path = f"{folder}/{program}"
        if os.access(path, os.X_OK):
            return path
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def find_file(path):
    """A file that a package brings, given from the root; None when it is not there."""
    return next((place for place in (f"{ROOT}/{path}", f"/{path}") if os.path.exists(place)), None)


def environment():
    """With which unpacked programs find their unpacked libraries."""
    libraries = f"{ROOT}/usr/lib/x86_64-linux-gnu:{ROOT}/usr/lib/aarch64-linux-gnu"
    return {**os.environ, "LD_LIBRARY_PATH": libraries}


def require(*what):
    """Ends the whole test, loudly and as not run, when a tool or file is missing."""
    missing = [each for each in what if find(each) is None and find_file(each) is None]
    if missing:
        print(f"NOT RUN: {', '.join(missing)} missing; tests/platform/tools.sh fetches them", file=sys.stderr)
        sys.exit(NOT_RUN)
