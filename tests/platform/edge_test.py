"""The edge in front of the running suite: who gets where, who is turned away, and that a replica which drains is left."""

import os
import shutil
import tempfile
import unittest

import edge
import tools
from processes import wait_until
from secure_test import Certificates, openssl
from suite import SERVICES, Suite

tools.require("haproxy")

LEDGER_HEADS = "/oversight.ledger.v1.LedgerService/GetHeads"


class PlainEdgeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = Suite()
        cls.addClassCleanup(cls.suite.close)
        cls.edge = edge.Edge(cls.suite.directory, {name: service.address for name, service in cls.suite.services.items()})
        cls.addClassCleanup(cls.edge.close)
        for name in SERVICES:
            wait_until(lambda name=name: cls.edge.replicas(name) == 10, f"the edge sees {name}", alive=cls.edge.process)

    def open(self, name=None):
        opened = edge.channel(self.edge.address, name)
        self.addCleanup(opened.close)
        return opened

    def test_calls_reach_the_service_that_has_the_method(self):
        opened = self.open()
        for service, method in (("workforce", "ListAuthorities"), ("compliance", "ListPolicies")):
            answer = edge.call(opened, f"/oversight.{service}.v1.{service.capitalize()}Service/{method}")
            self.assertIsInstance(answer, bytes, answer)

    def test_the_called_name_decides_where_all_services_offer_the_method(self):
        for name in SERVICES:
            opened = self.open(f"{name}.oversight.example.org")
            self.assertEqual(edge.call(opened, edge.HEALTH), edge.SERVING)
            self.assertEqual(edge.call(opened, edge.HEALTH, b"\x0a" + _text(f"oversight.{name}.v1.{name.capitalize()}Service")),
                             edge.SERVING, "it knows its own service by name")

    def test_what_is_not_offered_is_unimplemented(self):
        opened = self.open()
        for method in ("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "/nowhere.Service/Method",
                       "/oversight.ledger.v1.LedgerService/Watch"):
            self.assertEqual(edge.call(opened, method), "UNIMPLEMENTED", method)

    def test_headers_that_are_too_large_are_turned_away(self):
        opened = self.open()
        fits, too_large = [("x-filler", "a" * 4000)], [(f"x-filler-{n}", "a" * 4000) for n in range(5)]
        too_many = [(f"x-{n}", "a") for n in range(80)]
        self.assertIsInstance(edge.call(opened, edge.LIST_AUTHORITIES, metadata=fits), bytes)
        for metadata in (too_large, too_many):
            self.assertNotIsInstance(edge.call(self.open(), edge.LIST_AUTHORITIES, metadata=metadata), bytes)
        self.assertIsInstance(edge.call(opened, edge.LIST_AUTHORITIES), bytes)

    def test_a_service_that_went_is_left_and_found_again(self):
        caseload = self.suite.services["caseload"]
        opened = self.open("caseload.oversight.example.org")
        caseload.process.terminate()
        wait_until(lambda: self.edge.replicas("caseload") == 0, "the edge sees that it went")
        self.assertEqual(edge.call(opened, edge.HEALTH), "UNAVAILABLE")
        self.assertEqual(edge.call(self.open("workforce.x"), edge.HEALTH), edge.SERVING, "the others are as before")
        caseload.start()
        wait_until(lambda: self.edge.replicas("caseload") == 10, "the edge sees that it is back")
        self.assertEqual(edge.call(opened, edge.HEALTH), edge.SERVING)


def _text(value):
    return bytes([len(value)]) + value.encode()


class SecureEdgeTest(unittest.TestCase):
    """TLS towards callers, mutual TLS towards the services."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.mkdtemp(prefix="oversight-edge-")
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        ca = Certificates(folder)
        shutil.copy(ca.path("ca", "pem"), f"{folder}/ca.crt")
        for name in ("public", "identity"):
            ca.issue(name)
            os.rename(ca.path(name, "pem"), f"{folder}/{name}.crt")
        grants = f"{folder}/grants.txtpb"
        with open(grants, "w", encoding="utf-8") as file:
            file.writelines(f'service {{ name: "{name}" role: "service" authority: "a" }}\n' for name in SERVICES)
        keys = f"{folder}/callers.pem"
        openssl("genpkey", "-algorithm", "ed25519", "-out", f"{folder}/callers.key")
        openssl("pkey", "-in", f"{folder}/callers.key", "-pubout", "-out", keys)
        cls.suite = Suite(secure=lambda directory: (
            lambda name: {"demo-mode": None, "tls-require-client-certificate": "true", "jwt-keys-file": keys,
                          "jwt-issuer": "i", "jwt-audience": "a", "grants-file": grants, **ca.issue(name)},
            [f"--{option}={path}" for option, path in ca.issue("operator").items()]))
        cls.addClassCleanup(cls.suite.close)
        cls.edge = edge.Edge(cls.suite.directory, {name: service.address for name, service in cls.suite.services.items()},
                             certificates=folder)
        cls.addClassCleanup(cls.edge.close)
        for name in SERVICES:
            wait_until(lambda name=name: cls.edge.replicas(name) == 10, f"the edge sees {name} over mutual TLS",
                       alive=cls.edge.process)
        with open(f"{folder}/ca.crt", "rb") as file:
            cls.trust = edge.grpc.ssl_channel_credentials(root_certificates=file.read())

    def call(self, method, metadata=()):
        opened = edge.channel(self.edge.address, credentials=self.trust)
        self.addCleanup(opened.close)
        return edge.call(opened, method, metadata=metadata)

    def test_nobody_borrows_the_identity_of_the_edge(self):
        self.assertEqual(self.call(edge.LIST_AUTHORITIES), "UNAUTHENTICATED")
        self.assertEqual(self.call(edge.LIST_AUTHORITIES, [("authorization", "Basic eDp5")]), "UNAUTHENTICATED")
        self.assertEqual(self.call(edge.LIST_AUTHORITIES, [("oversight-demo-user", "root")]), "UNAUTHENTICATED")
        self.assertEqual(self.call(edge.LIST_AUTHORITIES, [("authorization", "Bearer nonsense")]), "UNAUTHENTICATED",
                         "the service itself refuses the token")

    def test_health_needs_no_token(self):
        self.assertEqual(self.call(edge.HEALTH), edge.SERVING)

    def test_plain_text_is_not_spoken(self):
        plain = edge.channel(self.edge.address)
        self.addCleanup(plain.close)
        self.assertEqual(edge.call(plain, edge.HEALTH), "UNAVAILABLE")


class ConfigurationTest(unittest.TestCase):
    def test_a_variable_that_is_missing_is_noticed(self):
        code, said = edge.check({**tools.environment(), "OVERSIGHT_EDGE_PLAIN": "1"})
        self.assertNotEqual(code, 0, said)


if __name__ == "__main__":
    unittest.main()
