"""The dashboards: they are what their description says, every panel is complete, every query is one that Prometheus
understands and that has an answer while a real Prometheus reads the running suite."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest
import urllib.parse
import urllib.request

import yaml

import tools
from processes import Process, free_port, wait_until
from suite import Suite, make_sample

tools.require("promtool", "prometheus")

FOLDER = f"{tools.SOURCE}/deploy/grafana"
VARIABLES = {"$authority": ".*", "$team": ".*", "$job": ".*", "$__rate_interval": "20s"}
PANELS_OF_EACH_KIND = {"stat", "bargauge", "timeseries", "table"}


def dashboards():
    for name in sorted(os.listdir(f"{FOLDER}/dashboards")):
        with open(f"{FOLDER}/dashboards/{name}", encoding="utf-8") as file:
            yield name, json.load(file)


def queries():
    """(dashboard and panel, expression) of every query."""
    for name, dashboard in dashboards():
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                expression = target["expr"]
                for variable, value in VARIABLES.items():
                    expression = expression.replace(variable, value)
                yield f"{name}: {panel['title']}", expression


def of_authorities():
    """The metrics that the services export for each authority."""
    with open(f"{tools.SOURCE}/tests/e2e/metrics.golden", encoding="utf-8") as file:
        return {line.split()[0] for line in file if re.search(r"[{ ,]authority[},]", line)}


class DescriptionTest(unittest.TestCase):
    def test_every_figure_of_an_authority_is_shown(self):
        shown = set(re.findall(r"[\w:]+", " ".join(expression for _, expression in queries())))
        with open(f"{tools.SOURCE}/deploy/prometheus/rules/recording.yml", encoding="utf-8") as file:
            recorded = {rule["record"]: set(re.findall(r"[\w:]+", rule["expr"]))
                        for group in yaml.safe_load(file)["groups"] for rule in group["rules"]}
        for _ in recorded:
            shown |= {name for record in shown & recorded.keys() for name in recorded[record]}
        figures = of_authorities()
        self.assertGreater(len(figures), 8)
        self.assertEqual({name for name in figures if not {name, f"{name}_bucket"} & shown}, set())

    def test_files_are_what_the_program_makes(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([f"{FOLDER}/make_dashboards.py", folder], check=True)
            self.assertEqual(sorted(os.listdir(folder)), sorted(os.listdir(f"{FOLDER}/dashboards")))
            for name in os.listdir(folder):
                with open(f"{folder}/{name}", encoding="utf-8") as made, \
                        open(f"{FOLDER}/dashboards/{name}", encoding="utf-8") as kept:
                    self.assertEqual(made.read(), kept.read(), f"run deploy/grafana/make_dashboards.py: {name}")

    def test_panels_are_complete(self):
        uids = {dashboard["uid"] for _, dashboard in dashboards()}
        self.assertEqual(len(uids), 6)
        for name, dashboard in dashboards():
            self.assertGreater(len(dashboard["description"]), 20, name)
            known = {f"${each['name']}" for each in dashboard["templating"]["list"]} | {"$__rate_interval"}
            titles = [panel["title"] for panel in dashboard["panels"]]
            self.assertEqual(len(titles), len(set(titles)), name)
            for panel in dashboard["panels"]:
                with self.subTest(dashboard=name, panel=panel["title"]):
                    defaults = panel["fieldConfig"]["defaults"]
                    self.assertIn(panel["type"], PANELS_OF_EACH_KIND)
                    self.assertGreaterEqual(len(panel["description"]), 5)
                    self.assertTrue(defaults["unit"])
                    self.assertIsNone(defaults["thresholds"]["steps"][0]["value"])
                    self.assertTrue(panel["targets"])
                    for target in panel["targets"]:
                        self.assertEqual(target["datasource"]["uid"], "${datasource}")
                        self.assertLessEqual(set(re.findall(r"\$\w+", target["expr"])), known)
                    for link in defaults.get("links", ()):
                        self.assertIn(re.match(r"/d/([\w-]+)\?", link["url"])[1], uids)

    def test_panels_do_not_overlap(self):
        for name, dashboard in dashboards():
            taken = set()
            for panel in dashboard["panels"]:
                place = panel["gridPos"]
                cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                         for y in range(place["y"], place["y"] + place["h"])}
                self.assertFalse(cells & taken, f"{name}: {panel['title']}")
                self.assertLessEqual(place["x"] + place["w"], 24)
                taken |= cells

    def test_prometheus_understands_every_query(self):
        rules = [{"record": f"panel:{number}", "expr": expression} for number, (_, expression) in enumerate(queries())]
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}, file)
            file.flush()
            done = subprocess.run([tools.find("promtool"), "check", "rules", file.name], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class LiveTest(unittest.TestCase):
    """A Prometheus reads the suite every second, with the real recording rules."""

    @classmethod
    def setUpClass(cls):
        cls.suite = Suite()
        cls.addClassCleanup(cls.suite.close)
        files = make_sample(f"{cls.suite.directory}/sample", workers=120, cases=400, months=6,
                            end_day=time.strftime("%Y-%m-%d"))
        cls.suite.ctl_json("import", files, "--authority", "a", "--wait")
        cls.folder = tempfile.mkdtemp(prefix="oversight-prometheus-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.port = free_port()
        cls.prometheus = Process(
            [tools.find("prometheus"), f"--config.file={cls.configuration()}", f"--storage.tsdb.path={cls.folder}/data",
             f"--web.listen-address=127.0.0.1:{cls.port}"], f"{cls.folder}/log", tools.environment())
        cls.addClassCleanup(cls.prometheus.kill)
        wait_until(lambda: cls.ask("sum(up) == 4"), "Prometheus has read all services", alive=cls.prometheus)
        # Rates need calls between two scrapes.
        for _ in range(3):
            cls.suite.call("workforce.ListTeams", {"parent": "authorities/a"})
            cls.suite.call("caseload.ListCases", {"parent": "authorities/a"})
            cls.suite.call("supervision.ListSessions", {"parent": "authorities/a"})
            cls.suite.call("compliance.SummarizeFindings", {"parent": "authorities/a"})

    @classmethod
    def configuration(cls):
        with open(f"{tools.SOURCE}/deploy/prometheus/rules/recording.yml", encoding="utf-8") as file:
            rules = file.read().replace("interval: 30s", "interval: 1s")
        with open(f"{cls.folder}/rules.yml", "w", encoding="utf-8") as file:
            file.write(rules)
        jobs = [{"job_name": name, "static_configs": [{"targets": [f"127.0.0.1:{service.metrics_port}"]}]}
                for name, service in cls.suite.services.items()]
        path = f"{cls.folder}/prometheus.yml"
        with open(path, "w", encoding="utf-8") as file:
            yaml.safe_dump({"global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
                            "rule_files": [f"{cls.folder}/rules.yml"], "scrape_configs": jobs}, file)
        return path

    @classmethod
    def ask(cls, expression):
        """The answer's series; none also while Prometheus does not answer yet."""
        address = f"http://127.0.0.1:{cls.port}/api/v1/query?" + urllib.parse.urlencode({"query": expression})
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return json.load(answer)["data"]["result"]
        except OSError:
            return []

    def test_every_panel_has_data(self):
        for panel, expression in queries():
            with self.subTest(panel=panel):
                try:
                    wait_until(lambda query=expression: self.ask(query), expression, patience_s=20)
                except AssertionError:
                    self.fail(f"no data: {expression}")

    def test_figures_are_those_of_the_report(self):
        summary = self.suite.call("compliance.SummarizeFindings", {"parent": "authorities/a"})
        overdue = {rule["rule"]: int(rule["counts"].get("overdue", 0)) for rule in summary["rules"]}
        self.assertGreater(sum(overdue.values()), 0)
        for expression in ('sum(oversight:findings{status="OVERDUE"})',
                           'sum(oversight_compliance_team_findings{status="OVERDUE"})'):
            value = wait_until(lambda query=expression: self.ask(query), expression)[0]["value"][1]
            self.assertEqual(int(value), sum(overdue.values()), expression)
        # Not every rule has rows.
        expression = 'sum by (rule) (oversight_compliance_row_findings{status="OVERDUE"})'
        by_rule = {series["metric"]["rule"]: int(series["value"][1])
                   for series in wait_until(lambda: self.ask(expression), expression)}
        self.assertIn("knowsley.supervision-frequency", by_rule)
        self.assertIn("knowsley.case-discussion", by_rule)
        self.assertEqual(by_rule, {rule: overdue[rule] for rule in by_rule})


if __name__ == "__main__":
    unittest.main()
