"""The metrics that the services expose are a promise to dashboards and alert rules: names and labels are compared with
metrics.golden. After a wanted change: OVERSIGHT_UPDATE_GOLDEN=1 ctest -R e2e_metrics"""

import os
import re
import unittest

from processes import wait_until
from suite import SERVICES, Suite, make_sample

GOLDEN = f"{os.path.dirname(os.path.abspath(__file__))}/metrics.golden"
_SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? ")


def described(text):
    """`name type {labels}` of each family in an exposition, as sorted lines."""
    types, labels = {}, {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            types[name] = kind
            continue
        sample = _SAMPLE.match(line)
        if line.startswith("#") or not sample:
            continue
        name = sample[1]
        if name not in types:
            name = re.sub("_(bucket|count|sum)$", "", name)
        found = set(re.findall(r'(\w+)="', sample[2] or "")) - {"le", "quantile"}
        labels.setdefault(name, set()).update(found)
    return sorted(f"{name} {types[name]} {{{', '.join(sorted(names))}}}" for name, names in labels.items())


class MetricsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = Suite()
        cls.addClassCleanup(cls.suite.close)
        files = make_sample(f"{cls.suite.directory}/sample", workers=20, cases=60, months=4)
        cls.suite.ctl_json("import", files, "--authority", "a", "--wait")
        # The figures by row and team follow the others within a second or so.
        wait_until(lambda: "oversight_compliance_team_findings{" in cls.suite.compliance.metrics(), "all figures are there")
        cls.texts = {name: service.metrics() for name, service in cls.suite.services.items()}

    def test_names_and_labels_are_those_promised(self):
        lines = [line for name in SERVICES for line in (f"[{name}]", *described(self.texts[name]), "")]
        text = "\n".join(lines)
        if os.environ.get("OVERSIGHT_UPDATE_GOLDEN"):
            with open(GOLDEN, "w", encoding="utf-8") as file:
                file.write(text)
        with open(GOLDEN, encoding="utf-8") as file:
            self.assertEqual(text.splitlines(), file.read().splitlines())

    def test_metrics_name_no_person_and_no_child(self):
        people = re.compile(r"(workers|cases)/|SW-\d{4}|C-\d{6}")
        for name, text in self.texts.items():
            self.assertIsNone(people.search(text), name)

    def test_logs_name_no_person_and_no_child(self):
        people = re.compile(r"(workers|cases)/[A-Z]|SW-\d{4}|C-\d{6}")
        for name, service in self.suite.services.items():
            self.assertIsNone(people.search(service.process.log()), name)


if __name__ == "__main__":
    unittest.main()
