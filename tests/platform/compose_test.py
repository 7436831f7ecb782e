"""The compose file and the handbook: services, files and secrets that they name exist, and the containers are hardened. There is
no Docker here: it is not run."""

import base64
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

import promises
import tools

DEPLOY = f"{tools.SOURCE}/deploy"


class ComposeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(f"{DEPLOY}/compose.yaml", encoding="utf-8") as file:
            cls.compose = yaml.safe_load(file)
        cls.services = cls.compose["services"]
        cls.ours = {name: each for name, each in cls.services.items() if each["image"].startswith("oversight:")}

    def test_what_is_named_is_there(self):
        for name, each in self.services.items():
            for other in each.get("depends_on", ()):
                self.assertIn(other, self.services, name)
            for secret in each.get("secrets", ()):
                self.assertIn(secret, self.compose["secrets"], name)
            for volume in each.get("volumes", ()):
                source = volume.split(":")[0]
                if source.startswith("."):
                    self.assertTrue(os.path.exists(f"{DEPLOY}/{source}"), volume)
                else:
                    self.assertIn(source, self.compose["volumes"])

    @staticmethod
    def made_up(folder):
        """The secrets by their names, after compose-secrets.sh has run."""
        subprocess.run([f"{folder}/compose-secrets.sh"], check=True)
        made = {}
        for name in os.listdir(f"{folder}/compose-secrets"):
            with open(f"{folder}/compose-secrets/{name}", encoding="ascii") as file:
                made[name] = file.read()
        return made

    def test_every_secret_is_made_up(self):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(f"{DEPLOY}/compose-secrets.sh", folder)
            made, again = self.made_up(folder), self.made_up(folder)
            self.assertEqual(made, again)
            self.assertEqual({f"compose-secrets/{name}" for name in made},
                             {each["file"] for each in self.compose["secrets"].values()})
            key = re.fullmatch(r"\w+ (\S+) active\n", made["record_keys"])
            self.assertEqual(len(base64.b64decode(key[1], validate=True)), 32)
            self.assertEqual(len(set(made.values())), len(made))

    def test_flags_are_settings(self):
        with open(f"{DEPLOY}/CONFIGURATION.md", encoding="utf-8") as file:
            known = set(re.findall(r"`--([\w-]+)`", file.read()))
        for name, each in self.ours.items():
            for word in each.get("command", ()):
                flag = re.match(r"--([\w-]+)=", word)
                if flag:
                    self.assertIn(flag[1], known, name)

    def test_containers_are_hardened_and_published_on_loopback_alone(self):
        self.assertGreaterEqual(set(self.services), set(promises.SERVICES))
        for name, each in self.ours.items():
            self.assertTrue(each["read_only"], name)
            self.assertEqual(each["cap_drop"], ["ALL"], name)
        for name, each in self.services.items():
            for port in each.get("ports", ()):
                self.assertTrue(port.startswith("127.0.0.1:"), f"{name}: {port}")

    def test_every_secret_of_the_manifests_is_explained(self):
        with open(f"{DEPLOY}/README.md", encoding="utf-8") as file:
            handbook = file.read()
        used = set()
        for root, _, names in os.walk(f"{tools.SOURCE}/k8s"):
            for name in names:
                with open(f"{root}/{name}", encoding="utf-8") as file:
                    used |= set(re.findall(r"secretName: ([\w-]+)", file.read()))
        self.assertGreater(len(used), 10)
        for secret in used:
            general = re.sub("-(workforce|caseload|supervision|compliance)-", "-SERVICE-", secret)
            self.assertIn(f"`{general}`", handbook, secret)

    def test_links_of_the_handbook_lead_somewhere(self):
        for page in ("README.md", "edge/README.md", "../k8s/README.md"):
            with open(f"{DEPLOY}/{page}", encoding="utf-8") as file:
                for link in re.findall(r"\]\(([^)#:]+)\)", file.read()):
                    self.assertTrue(os.path.exists(os.path.join(DEPLOY, os.path.dirname(page), link)), f"{page}: {link}")


if __name__ == "__main__":
    unittest.main()
