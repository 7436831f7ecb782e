"""The declarations of the APIs: buf finds nothing to say against them, and nobody who speaks the last release's is left
behind. protos/released holds that release, as `protos_test.py --store` wrote it down."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import tools

tools.require("buf")

PROTOS = f"{tools.SOURCE}/protos"
RELEASED = f"{PROTOS}/released/oversight.binpb.gz"


def buf(*arguments, folder=PROTOS):
    """(exit code, what it says)"""
    done = subprocess.run([tools.find("buf"), *arguments], cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


class ProtosTest(unittest.TestCase):
    def changed(self, file, before, after):
        """A copy of the declarations with one change."""
        folder = tempfile.mkdtemp(prefix="oversight-protos-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        shutil.copytree(PROTOS, folder, dirs_exist_ok=True)
        with open(f"{folder}/{file}", encoding="utf-8") as source:
            text = source.read()
        self.assertEqual(text.count(before), 1, f"{before} in {file}")
        with open(f"{folder}/{file}", "w", encoding="utf-8") as target:
            target.write(text.replace(before, after))
        return folder

    def test_buf_has_nothing_to_say(self):
        self.assertEqual(buf("lint"), (0, ""))

    def test_it_would_have(self):
        faults = {
            "Package import cycle": ("oversight/type/v1/external_id.proto", 'import "oversight/type/v1/annotations.proto";',
                                     'import "oversight/type/v1/annotations.proto";\nimport "oversight/access/v1/roles.proto";'),
            "lower_snake_case": ("oversight/type/v1/withdrawal.proto", "string reason", "string whyEver"),
        }
        for said, (file, before, after) in faults.items():
            with self.subTest(said):
                folder = self.changed(file, before, after)
                if "cycle" in said:
                    with open(f"{folder}/oversight/access/v1/roles.proto", "a", encoding="utf-8") as target:
                        target.write('import "oversight/type/v1/withdrawal.proto";\n')
                code, text = buf("lint", folder=folder)
                self.assertNotEqual(code, 0)
                self.assertIn(said, text)

    def test_who_speaks_the_last_release_is_understood(self):
        self.assertEqual(buf("breaking", "--against", RELEASED), (0, ""))

    def test_a_change_of_the_wire_is_found(self):
        file = "oversight/type/v1/external_id.proto"
        faults = {
            "a field's number": ("string id = 2", "string id = 3"),
            "a field's type": ("string id = 2", "int64 id = 2"),
            "a field taken away": ("string system = 1 [(rules) = {required: true, max_bytes: 63}];", ""),
            "a field's name": ("string system = 1", "string named_by = 1"),
        }
        for what, (before, after) in faults.items():
            with self.subTest(what):
                code, text = buf("breaking", "--against", RELEASED, folder=self.changed(file, before, after))
                self.assertNotEqual(code, 0)
                self.assertIn("external_id.proto", text)

    def test_a_change_by_addition_is_none(self):
        folder = self.changed("oversight/type/v1/external_id.proto", "string system = 1",
                              "string kind = 3;\n  string system = 1")
        self.assertEqual(buf("breaking", "--against", RELEASED, folder=folder), (0, ""))


if __name__ == "__main__":
    if sys.argv[1:] == ["--store"]:
        os.makedirs(os.path.dirname(RELEASED), exist_ok=True)
        status, message = buf("build", "--exclude-source-info", "--output", RELEASED)
        sys.exit(message or status)
    unittest.main()
