"""The rules: promtool accepts them; each alert fires when it should and stays silent just before; each names a runbook that
says what to do; and no expression names a metric that nobody exports."""

import os
import re
import subprocess
import tempfile
import unittest

import yaml

import tools

tools.require("promtool")

FOLDER = f"{tools.SOURCE}/deploy/prometheus"
FILES = ("recording", "compliance", "operation")
MINUTE, HOUR, DAY = 1, 60, 1440
LABELS = 'authority="a", policy="p", rule="{rule}"'


def groups():
    for name in FILES:
        with open(f"{FOLDER}/rules/{name}.yml", encoding="utf-8") as file:
            yield from yaml.safe_load(file)["groups"]


def alerts():
    return [rule for group in groups() for rule in group["rules"] if "alert" in rule]


def findings(rule="r.s", **by_status):
    """Series of findings, held at these numbers for ever."""
    labels = LABELS.format(rule=rule)
    return [(f'oversight_compliance_findings{{{labels}, status="{status}"}}', f"{count}x20000")
            for status, count in by_status.items()]


def row_findings(row, status, count):
    labels = LABELS.format(rule="k.supervision-frequency")
    return [(f'oversight_compliance_row_findings{{{labels}, row="{row}", status="{status}"}}', f"{count}x20000")]


def held(series, value):
    return [(series, f"{value}x20000")]


def growing(series, per_minute):
    return [(series, f"0+{per_minute}x20000")]


def buckets(name, labels, bound, share_within):
    """A histogram of 6000 events a minute, this share of them within `bound` seconds and the rest within 60."""
    within = int(6000 * share_within)
    return [(f'{name}_bucket{{{labels}, le="{bound}"}}', f"0+{within}x20000"),
            (f'{name}_bucket{{{labels}, le="60"}}', "0+6000x20000"),
            (f'{name}_bucket{{{labels}, le="+Inf"}}', "0+6000x20000")]


def all_up(but=None):
    return [(f'up{{job="{job}", instance="i"}}', "1x20000")
            for job in ("workforce", "caseload", "supervision", "compliance") if job != but]


def requests(code, per_minute):
    return growing(f'oversight_rpc_requests_total{{job="workforce", method="M", code="{code}"}}', per_minute)


# Pods of Kubernetes and databases are seen by exporters that are not part of Oversight.
FOREIGN = {"up", "container_memory_working_set_bytes", "kube_pod_container_resource_limits",
           "haproxy_backend_active_servers", "mysql_global_status_rpl_semi_sync_master_status",
           "mysql_global_status_rpl_semi_sync_source_status", "mysql_slave_status_seconds_behind_master",
           # Written by deploy/mysql/backup.sh and verify.sh.
           "oversight_ledger_intact", "oversight_ledger_verified_timestamp_seconds", "oversight_backup_timestamp_seconds"}

# (alert, minutes from the start, whether it fires then, series)
CASES = [
    ("SupervisionFallingBehind", DAY + HOUR, True, findings(MET=84, OVERDUE=16)),
    ("SupervisionFallingBehind", DAY + HOUR, False, findings(MET=85, OVERDUE=15)),
    ("SupervisionFallingBehind", DAY - HOUR, False, findings(MET=50, OVERDUE=50)),
    ("SupervisionFallingBehind", DAY + HOUR, True, findings(MET=84, UNKNOWN=16, EXCUSED=900)),
    ("SupervisionFallingBehind", DAY + HOUR, False, findings(MET=1, OVERDUE=8)),
    ("SupervisionWorseThanLastWeek", 9 * DAY, True,
     [(findings(OVERDUE=0)[0][0], f"1x{7 * DAY} 16x20000"), (findings(MET=0)[0][0], f"99x{7 * DAY} 84x20000")]),
    ("SupervisionWorseThanLastWeek", 9 * DAY, False, findings(MET=84, OVERDUE=16)),
    ("NewlyQualifiedWorkerNotSeen", 2 * HOUR, True, row_findings("asye-weeks-1-6", "OVERDUE", 1)),
    ("NewlyQualifiedWorkerNotSeen", 2 * HOUR, False, row_findings("asye-weeks-1-6", "DUE_SOON", 3)),
    ("NewlyQualifiedWorkerNotSeen", 2 * HOUR, False, row_findings("registered", "OVERDUE", 3)),
    ("NewlyQualifiedWorkerNotSeen", HOUR - MINUTE, False, row_findings("asye-weeks-1-6", "OVERDUE", 1)),
    ("StudentNotSeen", 2 * HOUR, True, row_findings("student-after", "OVERDUE", 1)),
    ("StudentNotSeen", 2 * HOUR, False, row_findings("student-after", "OVERDUE", 0)),
    ("CaseLongUnseen", 2 * HOUR, True, held(f'oversight_compliance_oldest_overdue_days{{{LABELS.format(rule="k.case-discussion")}}}', 29)),
    ("CaseLongUnseen", 2 * HOUR, False, held(f'oversight_compliance_oldest_overdue_days{{{LABELS.format(rule="k.case-discussion")}}}', 28)),
    ("CasesWithoutHolder", 2 * DAY + HOUR, True, held('oversight_caseload_unallocated_cases{authority="a"}', 1)),
    ("CasesWithoutHolder", 2 * DAY - HOUR, False, held('oversight_caseload_unallocated_cases{authority="a"}', 1)),
    ("CasesWithoutHolder", 3 * DAY, False, held('oversight_caseload_unallocated_cases{authority="a"}', 0)),
    ("RecordsLate", DAY + HOUR, True, findings(rule="knowsley.record-signed", LATE=1)),
    ("RecordsLate", DAY + HOUR, False, findings(rule="knowsley.record-signed", DUE_SOON=1)),
    ("RecordsLate", DAY + HOUR, False, findings(rule="knowsley.agenda", OVERDUE=1)),
    ("FactsMissing", DAY + HOUR, True, findings(MET=94, UNKNOWN=6)),
    ("FactsMissing", DAY + HOUR, False, findings(MET=95, UNKNOWN=5)),
    ("ServiceDown", 3, True, held('up{job="workforce", instance="i"}', 0)),
    ("ServiceDown", 1, False, held('up{job="workforce", instance="i"}', 0)),
    ("ServiceDown", 3, False, all_up()),
    ("ServiceMissing", 6, True, all_up(but="caseload")),
    ("ServiceMissing", 6, False, all_up()),
    ("CallsFailing", 15, True, requests("OK", 970) + requests("INTERNAL", 30)),
    ("CallsFailing", 15, False, requests("OK", 995) + requests("INTERNAL", 5)),
    ("CallsFailing", 15, False, requests("OK", 970) + requests("NOT_FOUND", 30)),
    ("CallsSlow", 20, True, buckets("oversight_rpc_duration_seconds", 'job="workforce", method="GetWorker"', 1, 0.98)),
    ("CallsSlow", 20, False, buckets("oversight_rpc_duration_seconds", 'job="workforce", method="GetWorker"', 1, 1)),
    ("CallsSlow", 20, False, buckets("oversight_rpc_duration_seconds", 'job="workforce", method="Import"', 1, 0.5)),
    ("CallsRefusedForLoad", 15, True, requests("RESOURCE_EXHAUSTED", 61)),
    ("CallsRefusedForLoad", 15, False, requests("RESOURCE_EXHAUSTED", 59)),
    ("ComplianceLagging", 15, True, buckets("oversight_compliance_apply_delay_seconds", 'ledger="caseload"', 30, 0.98)),
    ("ComplianceLagging", 15, False, buckets("oversight_compliance_apply_delay_seconds", 'ledger="caseload"', 30, 1)),
    ("ComplianceStuck", 25, True, held('oversight_compliance_waiting_entries{ledger="caseload"}', 1)),
    ("ComplianceStuck", 25, False, [('oversight_compliance_waiting_entries{ledger="caseload"}', "5 5 0 5 5 5 0 " * 10)]),
    ("LedgerEntryUnreadable", 5, True, [('oversight_compliance_unreadable_entries_total{ledger="caseload"}', "0 0 1x100")]),
    ("LedgerEntryUnreadable", 5, False, held('oversight_compliance_unreadable_entries_total{ledger="caseload"}', 0)),
    ("FiguresMissing", 11, True, held("up", 1)),
    ("FiguresMissing", 11, False, findings(MET=1)),
    ("DatabaseUnreachable", 8, True, growing('oversight_mysql_connect_failures_total{job="workforce", instance="i"}', 1)),
    ("DatabaseUnreachable", 8, False, held('oversight_mysql_connect_failures_total{job="workforce", instance="i"}', 7)),
    ("PoolExhausted", 20, True, buckets("oversight_mysql_pool_wait_seconds", 'job="workforce", instance="i"', 0.5, 0.98)),
    ("PoolExhausted", 20, False, buckets("oversight_mysql_pool_wait_seconds", 'job="workforce", instance="i"', 0.5, 1)),
    ("DescriptorsRunningOut", 10, True, held("oversight_process_open_descriptors", 81) + held("oversight_process_descriptor_limit", 100)),
    ("DescriptorsRunningOut", 10, False, held("oversight_process_open_descriptors", 80) + held("oversight_process_descriptor_limit", 100)),
    ("MemoryNearLimit", 15, True,
     held('container_memory_working_set_bytes{namespace="oversight", pod="p", container="service"}', 91)
     + held('kube_pod_container_resource_limits{namespace="oversight", pod="p", container="service", resource="memory"}', 100)),
    ("MemoryNearLimit", 15, False,
     held('container_memory_working_set_bytes{namespace="oversight", pod="p", container="service"}', 90)
     + held('kube_pod_container_resource_limits{namespace="oversight", pod="p", container="service", resource="memory"}', 100)),
    ("CertificateExpiring", 1, True, held("oversight_tls_certificate_expiry_seconds", 14 * 86400 + 59)),
    ("CertificateExpiring", 1, False, held("oversight_tls_certificate_expiry_seconds", 14 * 86400 + 60)),
    ("EdgeWithoutReplica", 3, True, held('haproxy_backend_active_servers{proxy="caseload"}', 0)),
    ("EdgeWithoutReplica", 3, False, held('haproxy_backend_active_servers{proxy="caseload"}', 1)),
    ("AccessLogFailing", 5, True, [('oversight_access_log_failures_total{job="workforce"}', "0 0 1x100")]),
    ("AccessLogFailing", 5, False, held('oversight_access_log_failures_total{job="workforce"}', 3)),
    ("ManyCallsDenied", 40, True, growing('oversight_access_records_total{job="workforce", outcome="denied"}', 61)),
    ("ManyCallsDenied", 40, False, growing('oversight_access_records_total{job="workforce", outcome="denied"}', 59)),
    ("LedgerNotIntact", 1, True, held('oversight_ledger_intact{authority="a"}', 0)),
    ("LedgerNotIntact", 1, False, held('oversight_ledger_intact{authority="a"}', 1)),
    ("LedgerNotVerified", 2 * DAY + 4, True, held('oversight_ledger_verified_timestamp_seconds{authority="a"}', 0)),
    ("LedgerNotVerified", 2 * DAY, False, held('oversight_ledger_verified_timestamp_seconds{authority="a"}', 0)),
    ("BackupTooOld", 26 * HOUR + 4, True, held("oversight_backup_timestamp_seconds", 0)),
    ("BackupTooOld", 26 * HOUR, False, held("oversight_backup_timestamp_seconds", 0)),
    ("BackupMissing", HOUR + 1, True, held("up", 1)),
    ("BackupMissing", HOUR + 1, False, held("oversight_backup_timestamp_seconds", 0)),
    ("ReplicationNotLossless", 3, True, held("mysql_global_status_rpl_semi_sync_master_status", 0)),
    ("ReplicationNotLossless", 3, True, held("mysql_global_status_rpl_semi_sync_source_status", 0)),
    ("ReplicationNotLossless", 3, False, held("mysql_global_status_rpl_semi_sync_source_status", 1)),
    ("ReplicaBehind", 10, True, held("mysql_slave_status_seconds_behind_master", 61)),
    ("ReplicaBehind", 10, False, held("mysql_slave_status_seconds_behind_master", 60)),
]

RECORDED = [
    ("oversight:findings:share_in_time", findings(MET=6, PENDING=1, DUE_SOON=1, OVERDUE=1, LATE=1, EXCUSED=5), 0.8),
    ("oversight:findings:share_in_time", findings(EXCUSED=5), None),
    ("oversight:authority:share_in_time", findings(MET=3, BREACHED=1) + findings(rule="q", MET=1, UNKNOWN=3), 0.5),
    ("oversight:rpc_errors:share5m", requests("OK", 75) + requests("UNAVAILABLE", 15) + requests("DEADLINE_EXCEEDED", 10), 0.25),
]


def step_of(minutes):
    """What lasts days is looked at every four minutes: a sample is believed for five."""
    return 4 if minutes > 12 * HOUR else 1


def unit_test(series, minutes, expression, value):
    samples = [] if value is None else [{"labels": "{}", "value": value}]
    step = step_of(minutes)

    def shortened(values):
        return re.sub(r"x(\d+)", lambda times: f"x{min(int(times[1]), minutes) // step}", values)

    return {"interval": f"{step}m",
            "input_series": [{"series": name, "values": shortened(values)} for name, values in series],
            "promql_expr_test": [{"expr": expression, "eval_time": f"{minutes}m", "exp_samples": samples}]}


class RulesTest(unittest.TestCase):
    def promtool(self, *arguments):
        done = subprocess.run([tools.find("promtool"), *arguments], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def run_unit_tests(self, tests):
        for step in sorted({test["interval"] for test in tests}):
            with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
                yaml.safe_dump({"rule_files": [f"{FOLDER}/rules/{name}.yml" for name in FILES], "evaluation_interval": step,
                                "tests": [test for test in tests if test["interval"] == step]}, file)
                file.flush()
                self.promtool("test", "rules", file.name)

    def test_promtool_accepts_rules_and_configuration(self):
        self.promtool("check", "rules", *(f"{FOLDER}/rules/{name}.yml" for name in FILES))
        self.promtool("check", "config", f"{FOLDER}/prometheus.yml")

    def test_alerts_fire_when_they_should_and_not_before(self):
        self.run_unit_tests([
            unit_test(series, minutes, f'count(ALERTS{{alertname="{alert}", alertstate="firing"}})', 1 if fires else None)
            for alert, minutes, fires, series in CASES])

    def test_every_alert_is_tested_on_both_sides(self):
        for fires in (True, False):
            self.assertEqual({case[0] for case in CASES if case[2] == fires}, {each["alert"] for each in alerts()})

    def test_recorded_figures(self):
        self.run_unit_tests([unit_test(series, 10, f"sum({name})", value) for name, series, value in RECORDED])

    def test_every_alert_has_a_runbook_that_says_what_to_do(self):
        wanted = ["What it means", "How to look", "What to do"]
        named = set()
        for alert in alerts():
            path = alert["annotations"]["runbook"]
            self.assertEqual(path, f"deploy/runbooks/{alert['alert']}.md")
            self.assertIn(alert["labels"]["severity"], ("page", "ticket", "warning"))
            with open(f"{tools.SOURCE}/{path}", encoding="utf-8") as file:
                headings = re.findall(r"^## (.*)$", file.read(), re.M)
            self.assertEqual(headings, wanted, path)
            named.add(f"{alert['alert']}.md")
        self.assertEqual(set(os.listdir(f"{tools.SOURCE}/deploy/runbooks")) - {"README.md"}, named)

    def test_every_metric_is_exported_or_recorded(self):
        with open(f"{tools.SOURCE}/tests/e2e/metrics.golden", encoding="utf-8") as file:
            known = set(re.findall(r"^(\w+) ", file.read(), re.M)) | FOREIGN
        # One appears only when something goes wrong, the other only with TLS.
        known |= {"oversight_compliance_unreadable_entries_total", "oversight_tls_certificate_expiry_seconds"}
        known |= {rule["record"] for group in groups() for rule in group["rules"] if "record" in rule}
        for group in groups():
            for rule in group["rules"]:
                text = re.sub(r'"[^"]*"', "", rule["expr"])
                for name in re.findall(r"\b(?:oversight[\w:]+|up\b|(?:kube|container|haproxy|mysql)_\w+)", text):
                    self.assertIn(re.sub("_bucket$", "", name), known, rule["expr"])


if __name__ == "__main__":
    unittest.main()
