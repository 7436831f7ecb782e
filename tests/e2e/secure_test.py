"""The suite as it runs in earnest: every connection between services and from callers is mutual TLS."""

import subprocess
import unittest

import grpc

from independent_client import CallFailed, IndependentClient
from suite import SERVICES, Suite, make_sample, open_cases


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


class Certificates:
    """An authority of the test's own, and what it has certified: files `{name}.key` and `{name}.pem`."""

    def __init__(self, directory, name="ca"):
        self._directory, self._ca = directory, name
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                "-subj", "/CN=Test authority", "-keyout", self.path(name, "key"), "-out", self.path(name, "pem"))

    def path(self, name, suffix):
        return f"{self._directory}/{name}.{suffix}"

    def issue(self, name):
        request, extensions = self.path(name, "csr"), self.path(name, "ext")
        with open(extensions, "w", encoding="ascii") as file:
            file.write("subjectAltName = IP:127.0.0.1\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                "-keyout", self.path(name, "key"), "-out", request)
        openssl("x509", "-req", "-in", request, "-days", "1", "-CA", self.path(self._ca, "pem"),
                "-CAkey", self.path(self._ca, "key"), "-CAcreateserial", "-extfile", extensions,
                "-out", self.path(name, "pem"))
        return {"tls-ca-file": self.path(self._ca, "pem"), "tls-certificate-file": self.path(name, "pem"),
                "tls-key-file": self.path(name, "key")}


class SecureTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        def secure(directory):
            cls.certificates = Certificates(directory)
            operator = cls.certificates.issue("operator")
            grants = f"{directory}/grants.txtpb"
            with open(grants, "w", encoding="utf-8") as file:
                file.write('service { name: "operator" role: "administrator" authority: "a" }\n')
                for name in SERVICES:
                    file.write(f'service {{ name: "{name}" role: "service" authority: "a" }}\n')
            return (lambda name: {"demo-mode": None, "grants-file": grants, **cls.certificates.issue(name)},
                    [f"--{option}={path}" for option, path in operator.items()])

        cls.suite = Suite(secure=secure)
        cls.addClassCleanup(cls.suite.close)

    def attempt(self, authority="a", **files):
        """The reason for which a caller with these PEM files is refused, or `in`."""
        contents = {}
        for name, path in files.items():
            with open(path, "rb") as file:
                contents[name] = file.read()
        client = IndependentClient(self.suite.workforce.address, metadata=[("oversight-demo-user", "root")],
                                   credentials=grpc.ssl_channel_credentials(**contents))
        try:
            client.call("oversight.workforce.v1.WorkforceService/ListTeams", {"parent": f"authorities/{authority}"})
            return "in"
        except CallFailed as failed:
            # Whoever hears that there is no such authority yet was let in.
            return "in" if failed.reason == "PARENT_NOT_FOUND" else failed.reason or failed.code.name
        except grpc.RpcError as error:  # refused before reflection could say anything
            return error.code().name
        finally:
            client.close()

    def test_import_judgement_and_report(self):
        files = make_sample(f"{self.suite.directory}/sample", workers=20, cases=60, months=4)
        summary = self.suite.ctl_json("import", files, "--authority", "a", "--wait")
        self.assertEqual(summary["refused"], [])
        self.assertTrue(summary["judged"])
        report = self.suite.ctl_json("report", "--authority", "a")
        self.assertEqual(report["summary"]["openCases"], open_cases(files, 60))
        self.assertEqual(self.suite.ctl("verify", "--authority", "a")[0], 0)
        for service in SERVICES:
            actors = self.suite.database.query("SELECT DISTINCT actor FROM ledger_entry", f"oversight_{service}")
            self.assertEqual(actors, [["service:operator"]], "who wrote is who the certificate names")

    def test_only_callers_with_our_certificate_are_let_in(self):
        ca = self.certificates.path("ca", "pem")
        strangers = Certificates(self.suite.directory, "strangers")
        strangers.issue("stranger")
        self.assertEqual(self.attempt(root_certificates=ca, private_key=self.certificates.path("operator", "key"),
                                      certificate_chain=self.certificates.path("operator", "pem")), "in")
        self.assertEqual(self.attempt("b", root_certificates=ca,
                                      private_key=self.certificates.path("operator", "key"),
                                      certificate_chain=self.certificates.path("operator", "pem")), "ACCESS_DENIED")
        self.certificates.issue("unknown")
        self.assertEqual(self.attempt(root_certificates=ca, private_key=self.certificates.path("unknown", "key"),
                                      certificate_chain=self.certificates.path("unknown", "pem")), "ACCESS_DENIED")
        self.assertEqual(self.attempt(root_certificates=ca), "TOKEN_MISSING")
        self.assertEqual(self.attempt(root_certificates=ca, private_key=strangers.path("stranger", "key"),
                                      certificate_chain=strangers.path("stranger", "pem")), "UNAVAILABLE")
        plain = IndependentClient(self.suite.workforce.address)
        self.addCleanup(plain.close)
        with self.assertRaises(grpc.RpcError) as failed:
            plain.services()
        self.assertEqual(failed.exception.code(), grpc.StatusCode.UNAVAILABLE)


if __name__ == "__main__":
    unittest.main()
