"""The image: built from this build's programs, looked into, and run as hardened as the manifests run it. Needs root, and
installs podman and buildah when they are missing."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import tools
from database import Database
from processes import free_port, run, wait_until

TAG = "localhost/oversight:image-test"
PODMAN = ["podman", "--cgroup-manager=cgroupfs", "--runtime=runc"]
# As the manifests have it: no writing, no rights, no root.
HARDENED = ["--read-only", "--read-only-tmpfs=false", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--user=10001:10001",
            "--ulimit=nofile=1024:1024", "--ulimit=nproc=4096:4096", "--network=host", "--pull=never"]
# For all services together; of an unoptimised build, and of the one that is shipped.
LARGEST_MIB = 100
LARGEST_MB, LARGEST_COMPRESSED_MB = 62, 25


def not_run(why):
    print(f"***** NOT RUN: {why} *****", file=sys.stderr)
    sys.exit(tools.NOT_RUN)


def podman(*arguments):
    """(exit code, what it says)"""
    done = subprocess.run([*PODMAN, *arguments], capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


def ready():
    """Ends the test as not run where images cannot be built."""
    if os.geteuid() != 0:
        not_run("building and running an image needs root here")
    missing = [each for each in ("podman", "buildah", "runc") if not shutil.which(each)]
    if missing and not shutil.which("apt-get"):
        not_run(f"{', '.join(missing)} missing")
    if missing:
        done = subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing],
                              capture_output=True, text=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
        if done.returncode != 0:
            not_run(f"{missing} could not be installed: {done.stderr[-500:]}")


class ImageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        ready()
        cls.folder = tempfile.mkdtemp(prefix="oversight-image-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        code, out, err = run([f"{tools.SOURCE}/deploy/image/build.sh", "--tag", TAG, "--programs",
                              os.environ["OVERSIGHT_E2E_BUILD"]], environment=dict(os.environ))
        if code != 0:
            raise AssertionError(f"the image does not build: {out[-2000:]}{err[-2000:]}")
        cls.addClassCleanup(podman, "rmi", "--force", TAG)
        code, said = podman("run", "--rm", *HARDENED, TAG, "oversight-workforce", "--version")
        if code != 0 and not said.startswith("oversight-workforce"):
            not_run(f"containers do not run on this machine: {said[-500:]}")
        code, cls.mounted = podman("image", "mount", TAG)
        cls.mounted = cls.mounted.strip()
        cls.addClassCleanup(podman, "image", "unmount", TAG)

    def paths(self):
        for root, _, names in os.walk(self.mounted):
            for name in names:
                yield os.path.relpath(f"{root}/{name}", self.mounted), os.lstat(f"{root}/{name}")

    def test_holds_what_it_needs_and_nothing_else(self):
        names = {path for path, _ in self.paths()}
        for wanted in ("usr/share/zoneinfo/Europe/London", "usr/share/oversight/sbom.spdx.json", "usr/bin/sleep"):
            self.assertIn(wanted, names)
        for plugin in ("caching_sha2_password.so", "client_ed25519.so"):
            self.assertTrue(any(name.endswith(f"/plugin/{plugin}") for name in names), plugin)
        self.assertFalse([name for name in names if name.rsplit("/", 1)[1:] in (["sh"], ["bash"], ["dash"], ["apt"], ["perl"])])
        self.assertFalse([path for path, state in self.paths() if state.st_mode & 0o6000], "nothing is set-uid")
        self.assertFalse([path for path, state in self.paths() if state.st_mode & 0o170000 == 0o100000 and state.st_mode & 0o002],
                         "nothing may be written by everybody")
        size = sum(state.st_size for _, state in self.paths()) / 2**20
        print(f"\nimage of all services: {size:.1f} MiB", file=sys.stderr)
        self.assertLess(size, LARGEST_MIB)

    def test_says_of_what_it_is_made(self):
        with open(f"{self.mounted}/usr/share/oversight/sbom.spdx.json", encoding="utf-8") as file:
            sbom = json.load(file)
        self.assertEqual(sbom["spdxVersion"], "SPDX-2.3")
        packages = {each["name"]: each for each in sbom["packages"]}
        for name in ("libc6", "libssl3", "libgrpc29", "libprotobuf32", "libmariadb3", "tzdata", "coreutils", "oversight"):
            self.assertIn(name, packages)
            self.assertTrue(packages[name]["versionInfo"])
        for name in set(packages) - {"oversight"}:
            self.assertTrue(os.path.exists(f"{self.mounted}/usr/share/doc/{name}/copyright"), name)
        listed = {each["fileName"] for each in sbom["files"]}
        self.assertIn("./opt/oversight/oversight", listed)
        code, said = podman("image", "inspect", TAG)
        image = json.loads(said)[0]
        self.assertEqual(image["Config"]["User"], "10001:10001")
        for label in ("title", "version", "revision", "description"):
            self.assertTrue(image["Config"]["Labels"][f"org.opencontainers.image.{label}"])

    def test_every_program_starts(self):
        for program in ("oversight-workforce", "oversight-caseload", "oversight-supervision", "oversight-compliance"):
            code, said = podman("run", "--rm", *HARDENED, TAG, program, "--version")
            self.assertEqual((code, said.split()[0]), (0, program), said)
        self.assertEqual(podman("run", "--rm", *HARDENED, TAG, "oversightctl", "--help")[0], 0)
        self.assertEqual(podman("run", "--rm", *HARDENED, TAG, "sleep", "0")[0], 0)

    def test_migrates_serves_is_probed_and_drains(self):
        database = Database()
        self.addCleanup(database.close)
        database.create_schema("oversight_workforce")
        secrets = f"{self.folder}/secrets"
        os.mkdir(secrets)
        for purpose in ("serve", "migrate"):
            with open(f"{secrets}/{purpose}", "w", encoding="ascii") as file:
                file.write(f"{purpose}-oversight_workforce")
            os.chown(f"{secrets}/{purpose}", 10001, 10001)
            os.chmod(f"{secrets}/{purpose}", 0o400)
        port, metrics = free_port(), free_port()
        common = ["--db-host=127.0.0.1", f"--db-port={database.port}", "--db-schema=oversight_workforce"]
        mounted = [f"--volume={secrets}:/secrets:ro"]
        migrate = [*HARDENED, *mounted, TAG, "oversight-workforce", "migrate", "up", *common,
                   "--db-user=oversight_workforce_migrate", "--db-password-file=/secrets/migrate"]
        code, said = podman("run", "--rm", *migrate)
        self.assertEqual(code, 0, said)
        name = f"oversight-image-test-{os.getpid()}"
        serve = ["oversight-workforce", "serve", *common, "--demo-mode=true", f"--listen=127.0.0.1:{port}",
                 f"--metrics-listen=127.0.0.1:{metrics}", "--db-user=oversight_workforce", "--db-password-file=/secrets/serve",
                 "--drain-notice=1s"]
        code, said = podman("run", "--detach", f"--name={name}", *HARDENED, *mounted, TAG, *serve)
        self.assertEqual(code, 0, said)
        self.addCleanup(podman, "rm", "--force", name)
        probe = ["exec", name, "oversight-workforce", "healthcheck"]
        own = ["--demo-mode=true", f"--listen=127.0.0.1:{port}"]
        wait_until(lambda: podman(*probe, *own)[0] == 0, "it serves", patience_s=60)
        self.assertEqual(podman(*probe[:-1], "healthcheck", "live", *own)[0], 0)
        state = json.loads(podman("inspect", name)[1])[0]
        with open(f"/proc/{state['State']['Pid']}/status", encoding="ascii") as file:
            status = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
        self.assertEqual(status["Uid"].split(), ["10001"] * 4)
        self.assertEqual(int(status["CapEff"], 16) | int(status["CapPrm"], 16) | int(status["CapBnd"], 16), 0)
        self.assertEqual(status["NoNewPrivs"].strip(), "1")
        self.assertNotEqual(podman("exec", name, "sh")[0], 0, "there is no shell")
        self.assertEqual(podman("kill", "--signal=TERM", name)[0], 0)
        code, said = podman("wait", name)
        self.assertEqual(said.strip(), "0", podman("logs", name)[1][-1000:])
        self.assertIn('"stopped"', podman("logs", name)[1])


class BuiltFromSourceTest(unittest.TestCase):
    """The whole way: a Debian made here, the sources compiled in it, the image from that."""

    def test_the_builder_stage_makes_an_image_that_runs(self):
        if os.environ.get("OVERSIGHT_TURN"):
            self.skipTest("compiles everything, which takes half an hour: tests/run.sh --deep does it")
        ready()
        tag = f"{TAG}-built"
        self.addCleanup(podman, "rmi", "--force", tag)
        code, out, err = run([f"{tools.SOURCE}/deploy/image/build.sh", "--tag", tag], environment=dict(os.environ))
        self.assertEqual(code, 0, out[-2000:] + err[-2000:])
        said = out.strip().splitlines()[-1]
        print(f"\n{said}", file=sys.stderr)
        unpacked, compressed = map(float, re.search(r": (\S+) MB unpacked, (\S+) MB compressed", said).groups())
        self.assertLess(unpacked, LARGEST_MB)
        self.assertLess(compressed, LARGEST_COMPRESSED_MB)
        code, said = podman("run", "--rm", *HARDENED, tag, "oversight-compliance", "--version")
        self.assertEqual((code, said.split()[0]), (0, "oversight-compliance"), said)


if __name__ == "__main__":
    unittest.main()
