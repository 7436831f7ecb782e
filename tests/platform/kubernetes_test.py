"""The manifests: every overlay is rendered by kustomize, held against the schema of Kubernetes and against each promise of
promises.py; and each kind of fault, when seeded, is found."""

import copy
import unittest

import yaml

import manifests
import promises
import tools

tools.require("kustomize", tools.SCHEMA)

RENDERED = {name: manifests.render(f"k8s/overlays/{name}") for name in manifests.OVERLAYS}
SCHEMA = manifests.Schema(tools.find_file(tools.SCHEMA))


class ManifestsTest(unittest.TestCase):
    def test_every_document_is_what_kubernetes_accepts(self):
        for name, documents in RENDERED.items():
            for document in documents:
                with self.subTest(overlay=name, document=document["metadata"]["name"]):
                    self.assertEqual(SCHEMA.faults(document), [])

    def test_no_document_comes_twice(self):
        for name, documents in RENDERED.items():
            identities = [(each["kind"], each["metadata"]["name"]) for each in documents]
            self.assertEqual(len(identities), len(set(identities)), name)

    def test_every_promise_holds_in_every_overlay(self):
        for name, documents in RENDERED.items():
            for promise in promises.PROMISES:
                with self.subTest(overlay=name, promise=promise.__name__):
                    self.assertEqual(list(promise(promises.Overlay(name, documents))), [])

    def test_operator_rules_are_those_of_the_files(self):
        held = next(each for each in RENDERED["authority"] if each["kind"] == "PrometheusRule")["spec"]["groups"]
        files = []
        for file in ("recording", "compliance", "operation"):
            with open(f"{tools.SOURCE}/deploy/prometheus/rules/{file}.yml", encoding="utf-8") as text:
                files += yaml.safe_load(text)["groups"]
        self.assertEqual(held, files)


def _pod(documents, name="oversight-workforce", kind="Deployment"):
    return next(each for each in documents if each["kind"] == kind and each["metadata"]["name"] == name
                )["spec"]["template"]["spec"]


def _cron_pod(documents, name="oversight-access-log-caseload"):
    return _one(documents, "CronJob", name)["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def _one(documents, kind, name):
    return next(each for each in documents if each["kind"] == kind and each["metadata"]["name"].startswith(name))


def _settings(documents, name="oversight-settings"):
    return _one(documents, "ConfigMap", name)["data"]


def _drop(documents, kind, name):
    documents.remove(_one(documents, kind, name))


def _add_policy(documents, **spec):
    documents.append({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
                      "metadata": {"name": "seeded", "namespace": "oversight"}, "spec": spec})


# A fault of each kind: (promise that must find it, overlay, what does the damage).
SEEDED = [
    ("namespace_is_restricted", "trial",
     lambda d: _one(d, "Namespace", "oversight")["metadata"]["labels"].update(
         {"pod-security.kubernetes.io/enforce": "baseline"})),
    ("namespace_is_restricted", "trial", lambda d: _one(d, "Service", "oversight-w")["metadata"].update(namespace="default")),
    ("pods_are_hardened", "trial", lambda d: _pod(d)["securityContext"].update(runAsNonRoot=False)),
    ("pods_are_hardened", "trial", lambda d: _pod(d)["securityContext"].pop("seccompProfile")),
    ("pods_are_hardened", "trial", lambda d: _pod(d).update(automountServiceAccountToken=True)),
    ("pods_are_hardened", "trial", lambda d: _pod(d).pop("enableServiceLinks")),
    ("pods_are_hardened", "trial", lambda d: _pod(d).update(hostNetwork=True)),
    ("pods_are_hardened", "trial", lambda d: _pod(d)["volumes"].append({"name": "x", "hostPath": {"path": "/"}})),
    ("pods_are_hardened", "authority",
     lambda d: _pod(d)["containers"][0]["securityContext"].update(readOnlyRootFilesystem=False)),
    ("pods_are_hardened", "authority",
     lambda d: _pod(d)["containers"][0]["securityContext"]["capabilities"].update(add=["NET_ADMIN"])),
    ("pods_are_hardened", "authority",
     lambda d: _pod(d)["containers"][0]["securityContext"].pop("allowPrivilegeEscalation")),
    ("resources_are_stated", "authority", lambda d: _pod(d)["containers"][0]["resources"].pop("limits")),
    ("resources_are_stated", "authority", lambda d: _pod(d)["containers"][0]["resources"]["requests"].pop("memory")),
    ("resources_are_stated", "authority", lambda d: _pod(d)["containers"][0]["resources"]["limits"].update(cpu="1")),
    ("images_are_pinned", "authority", lambda d: _pod(d)["containers"][0].update(image="oversight:latest")),
    ("updates_take_nothing_away", "authority",
     lambda d: _one(d, "Deployment", "oversight-caseload")["spec"]["strategy"]["rollingUpdate"].update(maxUnavailable=1)),
    ("probes_ask_the_service", "authority", lambda d: _pod(d)["containers"][0].pop("startupProbe")),
    ("probes_ask_the_service", "authority",
     lambda d: _pod(d)["containers"][0]["livenessProbe"]["exec"]["command"].pop()),
    ("probes_ask_the_service", "authority", lambda d: _pod(d)["containers"][0]["readinessProbe"].update(timeoutSeconds=1)),
    ("draining_fits_the_grace_period", "authority", lambda d: _pod(d).update(terminationGracePeriodSeconds=30)),
    ("draining_fits_the_grace_period", "authority", lambda d: _pod(d)["containers"][0].pop("lifecycle")),
    ("draining_fits_the_grace_period", "authority", lambda d: _settings(d).update(OVERSIGHT_DRAIN_TIMEOUT="2m")),
    ("draining_fits_the_grace_period", "authority",
     lambda d: _pod(d, "oversight-edge").update(terminationGracePeriodSeconds=30)),
    ("budgets_allow_one_to_go", "authority", lambda d: _drop(d, "PodDisruptionBudget", "oversight-workforce")),
    ("budgets_allow_one_to_go", "authority",
     lambda d: _one(d, "PodDisruptionBudget", "oversight-workforce")["spec"].update(maxUnavailable=0)),
    ("pods_are_spread", "nation", lambda d: _pod(d)["topologySpreadConstraints"].pop()),
    ("pods_are_spread", "nation", lambda d: _pod(d)["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"].pop(
        "app.kubernetes.io/name")),
    ("pods_are_spread", "nation",
     lambda d: _pod(d)["topologySpreadConstraints"][0].update(whenUnsatisfiable="ScheduleAnyway")),
    ("services_are_headless", "authority", lambda d: _one(d, "Service", "oversight-caseload")["spec"].pop("clusterIP")),
    ("services_are_headless", "authority",
     lambda d: _one(d, "Service", "oversight-caseload")["spec"]["selector"].update({"app.kubernetes.io/name": "edge"})),
    ("network_is_closed_but_for_what_is_needed", "authority", lambda d: _drop(d, "NetworkPolicy", "default-deny")),
    ("network_is_closed_but_for_what_is_needed", "authority", lambda d: _drop(d, "NetworkPolicy", "dns")),
    ("network_is_closed_but_for_what_is_needed", "authority", lambda d: _drop(d, "NetworkPolicy", "metrics")),
    ("network_is_closed_but_for_what_is_needed", "authority", lambda d: _drop(d, "NetworkPolicy", "from-compliance")),
    ("network_is_closed_but_for_what_is_needed", "authority", lambda d: _drop(d, "NetworkPolicy", "edge-to-services")),
    ("network_is_closed_but_for_what_is_needed", "trial",
     lambda d: _add_policy(d, podSelector={}, policyTypes=["Ingress"], ingress=[{"ports": [{"port": 50051}],
                                                                                 "from": [{"podSelector": {}}]}])
     or _add_policy(d, podSelector={}, policyTypes=["Egress"], egress=[{"ports": [{"port": 50051}],
                                                                        "to": [{"podSelector": {}}]}])),
    ("database_is_reached_by_those_who_need_it", "trial", lambda d: _drop(d, "NetworkPolicy", "database")),
    ("database_is_reached_by_those_who_need_it", "authority",
     lambda d: _one(d, "NetworkPolicy", "database")["spec"]["egress"][0]["to"][0]["ipBlock"].update(cidr="0.0.0.0/0")),
    ("settings_are_known_and_complete", "trial", lambda d: _settings(d).update(OVERSIGHT_LISTN="0.0.0.0:1")),
    ("settings_are_known_and_complete", "trial", lambda d: _settings(d).pop("OVERSIGHT_JWT_AUDIENCE")),
    ("settings_are_known_and_complete", "trial", lambda d: _settings(d).update(OVERSIGHT_DEMO_MODE="true")),
    ("settings_are_known_and_complete", "trial",
     lambda d: _settings(d).update(OVERSIGHT_TLS_REQUIRE_CLIENT_CERTIFICATE="false")),
    ("settings_are_known_and_complete", "trial", lambda d: _settings(d).update(OVERSIGHT_TLS_KEY_FILE="/etc/x/tls.key")),
    ("record_keys_are_with_supervision_alone", "authority",
     lambda d: [each.update(value="/etc/oversight/keys/record-keys") for each in
                _pod(d, "oversight-supervision")["containers"][0]["env"] if each["name"] == "OVERSIGHT_RECORD_KEY_FILE"]),
    ("record_keys_are_with_supervision_alone", "trial",
     lambda d: [each["secret"].update(secretName="oversight-log") for each in _pod(d, "oversight-supervision")["volumes"]
                if each["name"] == "record-keys"]),
    ("record_keys_are_with_supervision_alone", "trial",
     lambda d: [each.update(subPath="record-keys") for each in
                _pod(d, "oversight-supervision")["containers"][0]["volumeMounts"] if each["name"] == "record-keys"]),
    ("record_keys_are_with_supervision_alone", "nation",
     lambda d: _pod(d)["volumes"].append({"name": "keys", "secret": {"secretName": "oversight-record-keys"}})),
    ("targets_are_balanced_by_the_client", "trial",
     lambda d: _settings(d).update(OVERSIGHT_WORKFORCE_TARGET="oversight-workforce:50051")),
    ("edge_resolves_all_replicas", "authority",
     lambda d: [each.update(value="oversight-caseload:50051") for each in _pod(d, "oversight-edge")["containers"][0]["env"]
                if each["name"] == "OVERSIGHT_CASELOAD"]),
    ("schemas_are_migrated_by_a_job_of_this_version", "trial",
     lambda d: _one(d, "Job", "oversight-migrate-caseload")["metadata"].update(name="oversight-migrate-caseload")),
    ("schemas_are_migrated_by_a_job_of_this_version", "trial",
     lambda d: _pod(d, "oversight-migrate-caseload-0-1-0", "Job")["containers"][0].update(image="oversight:0.0.9")),
    ("schemas_are_migrated_by_a_job_of_this_version", "trial",
     lambda d: [each.update(value="oversight_caseload") for each in
                _pod(d, "oversight-migrate-caseload-0-1-0", "Job")["containers"][0]["env"]
                if each["name"] == "OVERSIGHT_DB_USER"]),
    ("access_log_is_shortened_by_one_who_may_do_nothing_else", "authority",
     lambda d: _drop(d, "CronJob", "oversight-access-log-caseload")),
    ("access_log_is_shortened_by_one_who_may_do_nothing_else", "authority",
     lambda d: [each.update(value="oversight_caseload") for each in _cron_pod(d)["containers"][0]["env"]
                if each["name"] == "OVERSIGHT_DB_USER"]),
    ("access_log_is_shortened_by_one_who_may_do_nothing_else", "authority",
     lambda d: [each.get("secret", {}).update(secretName="oversight-caseload-database") for each in _cron_pod(d)["volumes"]
                if each["name"] == "database"]),
    ("access_log_is_shortened_by_one_who_may_do_nothing_else", "nation",
     lambda d: _settings(d, "oversight-access-log").update(OVERSIGHT_ACCESS_LOG_KEEP_DAYS="365")),
    ("access_log_is_shortened_by_one_who_may_do_nothing_else", "nation",
     lambda d: _cron_pod(d)["containers"][0].update(image="registry.example.org/oversight:0.0.9")),
    ("pods_are_hardened", "authority", lambda d: _cron_pod(d)["securityContext"].update(runAsNonRoot=False)),
    ("there_are_no_hooks", "trial",
     lambda d: _one(d, "Job", "oversight-migrate-caseload")["metadata"].update(annotations={"helm.sh/hook": "x"})),
    ("secrets_exist_already", "trial",
     lambda d: d.append({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x", "namespace": "oversight"}})),
    ("secrets_exist_already", "trial", lambda d: _drop(d, "ConfigMap", "oversight-settings")),
    ("secrets_exist_already", "trial", lambda d: [volume["secret"].update(defaultMode=0o444)
                                                  for volume in _pod(d)["volumes"]]),
    ("replicas_suit_the_overlay", "nation", lambda d: _drop(d, "HorizontalPodAutoscaler", "oversight-workforce")),
    ("replicas_suit_the_overlay", "nation",
     lambda d: _one(d, "Deployment", "oversight-workforce")["spec"].update(replicas=3)),
    ("replicas_suit_the_overlay", "authority",
     lambda d: _one(d, "Deployment", "oversight-workforce")["spec"].update(replicas=1)),
    ("pools_fit_the_database", "nation", lambda d: _settings(d, "oversight-database").update(OVERSIGHT_DB_POOL_SIZE="64")),
]

# What the schema must refuse: (what the fault's text must hold, what does the damage).
SEEDED_IN_SCHEMA = [
    ("there is no such field", lambda d: _pod(d)["containers"][0].update(livenesProbe={})),
    ("there is no such field", lambda d: _one(d, "NetworkPolicy", "dns")["spec"].update(podselector={})),
    ("is no integer", lambda d: _pod(d).update(terminationGracePeriodSeconds="45")),
    ("neither a number nor a text",
     lambda d: _one(d, "PodDisruptionBudget", "oversight-w")["spec"].update(maxUnavailable=True)),
    ("missing", lambda d: _pod(d)["containers"][0].pop("name")),
    ("have the same", lambda d: _pod(d)["containers"].append(_pod(d)["containers"][0])),
    ("no such kind", lambda d: _one(d, "Deployment", "oversight-w").update(apiVersion="extensions/v1beta1")),
    ("is no string", lambda d: _settings(d).update(OVERSIGHT_LISTEN=1)),
    ("empty", lambda d: _pod(d)["containers"][0].update(image=None)),
]


class SeededFaultsTest(unittest.TestCase):
    def test_each_is_found(self):
        known = {promise.__name__: promise for promise in promises.PROMISES}
        for index, (name, overlay, damage) in enumerate(SEEDED):
            with self.subTest(index=index, promise=name):
                documents = copy.deepcopy(RENDERED[overlay])
                damage(documents)
                self.assertNotEqual(list(known[name](promises.Overlay(overlay, documents))), [])

    def test_every_promise_has_a_fault_that_breaks_it(self):
        self.assertEqual({name for name, _, _ in SEEDED}, {promise.__name__ for promise in promises.PROMISES})

    def test_each_is_refused_by_the_schema(self):
        for index, (text, damage) in enumerate(SEEDED_IN_SCHEMA):
            with self.subTest(index=index, text=text):
                documents = copy.deepcopy(RENDERED["authority"])
                damage(documents)
                faults = [fault for document in documents for fault in SCHEMA.faults(document)]
                self.assertTrue(any(text in fault for fault in faults), faults)


if __name__ == "__main__":
    unittest.main()
