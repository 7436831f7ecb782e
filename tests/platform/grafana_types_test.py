"""The dashboards hold only what Grafana's own types know: each is written down as a value of the types of
@grafana/grafana-foundation-sdk, and the TypeScript compiler refuses what does not fit. Needs npm and its registry."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import tools

FOLDER = f"{tools.SOURCE}/deploy/grafana/dashboards"
PACKAGES = ("@grafana/grafana-foundation-sdk@0.0.21", "typescript@5")
HEAD = """import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';
import type * as stat from '@grafana/grafana-foundation-sdk/stat';
import type * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import type * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import type * as table from '@grafana/grafana-foundation-sdk/table';
// In JSON a member of an enumeration is its text, and everything has its default.
type Json<T> = T extends string ? `${T}` : T extends (infer E)[] ? Json<E>[] : T extends object ?
  { [K in keyof T]?: Json<T[K]> } : T;
"""
CUSTOM_FIELDS = ("timeseries",)


def written(dashboards):
    """TypeScript that assigns every part to its type; panels' options, fields and queries are `any` in the whole."""
    lines = [HEAD]
    for dashboard in dashboards:
        whole = {**dashboard, "panels": [{**panel, "targets": []} for panel in dashboard["panels"]]}
        lines.append(f"{{ const whole: Json<Dashboard> = {json.dumps(whole)}; void whole; }}")
        for panel in dashboard["panels"]:
            kind = panel["type"]
            lines.append(f"{{ const options: Json<{kind}.Options> = {json.dumps(panel['options'])}; void options; }}")
            if kind in CUSTOM_FIELDS:
                custom = json.dumps(panel["fieldConfig"]["defaults"]["custom"])
                lines.append(f"{{ const custom: Json<{kind}.FieldConfig> = {custom}; void custom; }}")
            for target in panel["targets"]:
                lines.append(f"{{ const query: Json<Dataquery> = {json.dumps(target)}; void query; }}")
    return "\n".join(lines)


class TypesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="oversight-types-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        with open(f"{cls.folder}/package.json", "w", encoding="utf-8") as file:
            json.dump({"private": True, "type": "module"}, file)
        npm = shutil.which("npm")
        done = npm and subprocess.run([npm, "install", "--no-audit", "--no-fund", "--silent", *PACKAGES], cwd=cls.folder,
                                      capture_output=True, text=True)
        if not npm or done.returncode != 0:
            print(f"NOT RUN: npm or its registry is not to be had: {done.stderr if npm else ''}", file=sys.stderr)
            sys.exit(tools.NOT_RUN)

    def compiled(self, dashboards):
        """What the compiler has to say; empty when it accepts everything."""
        with open(f"{self.folder}/check.ts", "w", encoding="utf-8") as file:
            file.write(written(dashboards))
        done = subprocess.run(["npx", "tsc", "--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext",
                               "--moduleResolution", "nodenext", "check.ts"],
                              cwd=self.folder, capture_output=True, text=True)
        return "" if done.returncode == 0 else done.stdout + done.stderr

    def all(self):
        for name in sorted(os.listdir(FOLDER)):
            with open(f"{FOLDER}/{name}", encoding="utf-8") as file:
                yield json.load(file)

    def test_every_dashboard_fits_the_types(self):
        self.assertEqual(self.compiled(list(self.all())), "")

    def test_what_does_not_fit_is_refused(self):
        faults = [
            lambda board: board.update(titel="x"),
            lambda board: board["panels"][0].update(gridpos={}),
            lambda board: board["panels"][0]["fieldConfig"]["defaults"]["thresholds"].update(mode="relative"),
            lambda board: board["panels"][0]["options"].update(graphMode="sometimes"),
            lambda board: board["panels"][0]["targets"][0].update(format="csv"),
            lambda board: board["templating"]["list"][0].update(type="sql"),
        ]
        for index, fault in enumerate(faults):
            with self.subTest(index=index):
                board = next(self.all())
                fault(board)
                self.assertNotEqual(self.compiled([board]), "")


if __name__ == "__main__":
    unittest.main()
