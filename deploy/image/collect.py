#!/usr/bin/env python3
"""Gathers what the final image holds: the program with its migrations and policies, the libraries that it loads, also those
that the linker does not show, the time zones, and a list of all parts (SPDX 2.3) from the packages to which the files belong.

collect.py BUILD SOURCE IMAGE      the build tree, the source tree, the folder to be filled
"""

import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time

SERVICES = ("workforce", "caseload", "supervision", "compliance")
HOME = "/opt/oversight"
USER = 10001
# What programs load or read without saying so: how the database's client authenticates, the zones, the name service (glibc
# needs nss_dns to resolve names), certificates are given by secrets. `sleep` is for preStop.
UNSEEN = ("/usr/lib/*/libmariadb3/plugin/caching_sha2_password.so", "/usr/lib/*/libmariadb3/plugin/client_ed25519.so",
          "/usr/lib/*/libmariadb3/plugin/sha256_password.so", "/usr/lib/*/libnss_dns.so.2", "/usr/lib/*/libnss_files.so.2",
          "/usr/share/zoneinfo/Europe/London", "/usr/share/zoneinfo/UTC", "/usr/share/zoneinfo/Etc/UTC",
          "/usr/share/zoneinfo/tzdata.zi", "/bin/sleep")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Image:
    def __init__(self, folder):
        self.folder, self.sources = folder, {}

    def add(self, source, target=None):
        """Copies a file to its own place or to `target`, and what a link points to as well."""
        target = target or os.path.abspath(source)
        # /lib and /bin are links to /usr/lib and /usr/bin.
        target = re.sub(r"^/(lib|lib64|bin)/", r"/usr/\1/", target)
        place = self.folder + target
        if target in self.sources:
            return
        os.makedirs(os.path.dirname(place), exist_ok=True)
        shutil.copyfile(os.path.realpath(source), place)
        shutil.copymode(os.path.realpath(source), place)
        self.sources[target] = os.path.realpath(source)

    def add_program(self, source, target):
        self.add(source, target)
        subprocess.run(["strip", "--strip-unneeded", self.folder + target], check=True)
        self.add_libraries(source)

    def add_libraries(self, program):
        listed = run("ldd", program)
        if "not found" in listed:
            sys.exit(f"{program}: {listed}")
        for path in re.findall(r"(/\S+) \(0x", listed):
            own = not path.startswith(("/lib", "/usr/lib"))
            target = f"/usr/lib/{os.path.basename(path)}" if own else None
            self.add(path, target)
            if own:
                subprocess.run(["strip", "--strip-unneeded", f"{self.folder}{target}"], check=True)

    def write(self, path, text):
        os.makedirs(os.path.dirname(self.folder + path), exist_ok=True)
        with open(self.folder + path, "w", encoding="utf-8") as file:
            file.write(text)


def owners(paths):
    """The package to which each path belongs; nothing for our own."""
    named = {}
    for path in paths:
        for spelling in (path, re.sub("^/usr/(lib|bin|lib64)/", r"/\1/", path)):
            done = subprocess.run(["dpkg-query", "--search", spelling], capture_output=True, text=True)
            if done.returncode == 0:
                named[path] = done.stdout.split(": ")[0].split(",")[0].split(":")[0]
                break
    return named


def spdx(image, version):
    """Every package some file of which is in the image, with its version and licence file."""
    packages, relations = [], []
    used = owners(image.sources.values())
    unowned = [path for path, source in image.sources.items() if source not in used and not path.startswith(HOME)
               and "liboversight" not in path]
    if unowned:
        sys.exit(f"these files belong to no package: {unowned}")
    for name in sorted(set(used.values())):
        about = run("dpkg-query", "--show", "--showformat=${Version}|${Architecture}|${source:Package}|${Maintainer}", name)
        number, architecture, source, maintainer = about.split("|")
        packages.append({
            "SPDXID": f"SPDXRef-{re.sub('[^A-Za-z0-9.-]', '-', name)}", "name": name, "versionInfo": number,
            "supplier": f"Organization: {maintainer}", "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
            "sourceInfo": f"source package {source}", "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION",
            "copyrightText": f"see /usr/share/doc/{name}/copyright",
            "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                              "referenceLocator": f"pkg:deb/debian/{name}@{number}?arch={architecture}&distro=debian-12"}]})
        image.add(f"/usr/share/doc/{name}/copyright", f"/usr/share/doc/{name}/copyright")
    programs = [path for path in image.sources if path.startswith(HOME) or "liboversight" in path]
    files = []
    for path in sorted(programs):
        with open(image.folder + path, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        files.append({"SPDXID": f"SPDXRef-File-{digest[:16]}", "fileName": f".{path}",
                      "checksums": [{"algorithm": "SHA256", "checksumValue": digest}]})
    packages.append({"SPDXID": "SPDXRef-oversight", "name": "oversight", "versionInfo": version, "filesAnalyzed": False,
                     "downloadLocation": "NOASSERTION", "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION",
                     "copyrightText": "NOASSERTION"})
    relations = [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-oversight"}]
    relations += [{"spdxElementId": "SPDXRef-oversight", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": each["SPDXID"]}
                  for each in packages[:-1]]
    unique = {each["SPDXID"]: each for each in files}
    return {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"oversight-{version}",
            "documentNamespace": f"https://oversight.example.org/spdx/{version}/{hashlib.sha256(json.dumps(files).encode()).hexdigest()}",
            "creationInfo": {"creators": ["Tool: deploy/image/collect.py"], "created": time.strftime(
                "%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))))},
            "packages": packages, "files": list(unique.values()), "relationships": relations}


def main(build, source, folder):
    image = Image(folder)
    for name in ("usr/lib", "usr/lib64", "usr/bin", "tmp", "etc"):
        os.makedirs(f"{folder}/{name}", exist_ok=True)
    for name in ("lib", "lib64", "bin"):
        if not os.path.lexists(f"{folder}/{name}"):
            os.symlink(f"usr/{name}", f"{folder}/{name}")
    image.add_program(f"{build}/deploy/image/oversight", f"{HOME}/oversight")
    for name in [f"oversight-{service}" for service in SERVICES] + ["oversightctl"]:
        os.symlink(f"../..{HOME}/oversight", f"{folder}/usr/bin/{name}")
    for service in SERVICES:
        for part, kind in (("migrations", ".sql"), ("policies", ".txtpb")):
            for root, _, names in os.walk(f"{source}/services/{service}/{part}"):
                for name in (each for each in names if each.endswith(kind)):
                    path = os.path.relpath(f"{root}/{name}", f"{source}/services/{service}")
                    image.add(f"{root}/{name}", f"{HOME}/{service}/{path}")
    for pattern in UNSEEN:
        files = glob.glob(pattern)
        # nss_files is part of the C library itself since glibc 2.34, client plugins differ by release.
        if not files and "nss_" not in pattern and "sha256_password" not in pattern:
            sys.exit(f"{pattern} is missing")
        for path in files:
            image.add(path)
            if path.endswith(".so") or path == "/bin/sleep":
                image.add_libraries(path)
    image.write("/etc/passwd", f"oversight:x:{USER}:{USER}::/:/nonexistent\n")
    image.write("/etc/group", f"oversight:x:{USER}:\n")
    image.write("/etc/nsswitch.conf", "hosts: files dns\n")
    with open(f"{source}/CMakeLists.txt", encoding="utf-8") as file:
        version = re.search(r"project\(oversight VERSION (\S+)", file.read())[1]
    image.write("/usr/share/oversight/sbom.spdx.json", json.dumps(spdx(image, version), indent=1) + "\n")
    os.chmod(f"{folder}/tmp", 0o1777)
    # The same content gives the same image.
    stamp = int(os.environ.get("SOURCE_DATE_EPOCH", "0")) or None
    for root, folders, names in os.walk(folder):
        for name in folders + names:
            if stamp:
                os.utime(f"{root}/{name}", (stamp, stamp), follow_symlinks=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
