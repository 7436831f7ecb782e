"""The real programs, each over a schema of its own in one private MariaDB."""

import csv
import json
import os
import shutil
import urllib.request

from database import Database
from processes import Process, bare_environment, free_port, run, temporary_directory, wait_until

SERVICES = ("workforce", "caseload", "supervision", "compliance")
REFERENCES = {
    "workforce": (),
    "caseload": ("workforce",),
    "supervision": ("workforce", "caseload"),
    "compliance": ("workforce", "caseload", "supervision"),
}


def program(name):
    """The path of a program of this build: a service, `oversightctl` or `oversight-sample`."""
    return os.environ[f"OVERSIGHT_E2E_{name.upper().replace('-', '_')}"]


def source_directory():
    return os.environ["OVERSIGHT_E2E_SOURCE"]


class Service:
    """One service. `settings` replace those it gets otherwise; None leaves one out."""

    def __init__(self, name, database, directory, targets, settings=None):
        self.name = name
        self.schema = f"oversight_{name}"
        self.port = free_port()
        self.metrics_port = free_port()
        self.process = None
        self._directory = directory
        database.create_schema(self.schema)
        self.settings = {
            "demo-mode": "true",
            "listen": self.address,
            "metrics-listen": f"127.0.0.1:{self.metrics_port}",
            "migrations-dir": f"{source_directory()}/services/{name}/migrations",
            "db-host": "127.0.0.1",
            "db-port": str(database.port),
            "db-schema": self.schema,
            "db-user": self.schema,
            "db-password-file": self._password_file("serve"),
            "drain-notice": "0s",
            **{f"{other}-target": targets[other] for other in REFERENCES[name]},
            **(settings or {}),
        }

    def _password_file(self, purpose):
        path = f"{self._directory}/{self.name}-{purpose}.password"
        with open(path, "w", encoding="ascii") as file:
            file.write(f"{purpose}-{self.schema}")
        os.chmod(path, 0o400)
        return path

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @property
    def log_file(self):
        return f"{self._directory}/{self.name}.log"

    def command(self, *words, **settings):
        """The command line of a sub-command; `settings` (with _ for -) go before the service's own."""
        chosen = {**self.settings, **{name.replace("_", "-"): value for name, value in settings.items()}}
        return [program(self.name), *words, *(f"--{n}={v}" for n, v in chosen.items() if v is not None)]

    def run(self, *words, **settings):
        """Runs a sub-command to its end: (exit code, standard output, standard error)."""
        return run(self.command(*words, **settings), environment=bare_environment())

    def migrate(self, *words):
        return self.run("migrate", *words, db_user=f"{self.schema}_migrate",
                        db_password_file=self._password_file("migrate"))

    def launch(self, **settings):
        """Starts it without waiting."""
        self.process = Process(self.command("serve", **settings), self.log_file, bare_environment())

    def is_healthy(self, **settings):
        return self.run("healthcheck", **settings)[0] == 0

    def await_healthy(self):
        wait_until(self.is_healthy, f"{self.name} serves", alive=self.process)

    def start(self):
        self.launch()
        self.await_healthy()

    def kill(self):
        self.process.kill()

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=30) as answer:
            return answer.read().decode()

    def close(self):
        if self.process is not None:
            self.process.kill()


class Suite:
    """All four services, migrated and serving, and `oversightctl` to talk to them. `secure`, given the suite's
    directory, says with which settings a service identifies itself and with which options oversightctl does."""

    def __init__(self, services=SERVICES, secure=None, database_arguments=()):
        self.directory = temporary_directory()
        service_settings, self.identity = (
            secure(self.directory) if secure else (lambda name: {}, ("--demo-user", "tester")))
        self.database = Database(database_arguments)
        self.services = {}
        try:
            targets = {}
            for name in services:
                self.services[name] = Service(name, self.database, self.directory, targets,
                                              service_settings(name))
                targets[name] = self.services[name].address
            for service in self.services.values():
                code, out, err = service.migrate("up")
                if code != 0:
                    raise RuntimeError(f"{service.name}: migrate up: {out}{err}")
            for service in self.services.values():
                service.launch()
            for service in self.services.values():
                service.await_healthy()
        except BaseException:
            self.close()
            raise

    def __getattr__(self, name):
        services = self.__dict__.get("services", {})
        if name in services:
            return services[name]
        raise AttributeError(name)

    def close(self):
        for service in self.services.values():
            service.close()
        self.database.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def ctl_command(self, *arguments):
        options = [option for name, service in self.services.items() for option in (f"--{name}", service.address)]
        return [program("oversightctl"), *arguments, *options, *self.identity]

    def ctl(self, *arguments):
        """oversightctl: (exit code, standard output, standard error)."""
        return run(self.ctl_command(*arguments), environment=bare_environment())

    def ctl_json(self, *arguments, exit_code=0):
        """The answer of oversightctl as it gives it with --json."""
        code, out, err = self.ctl(*arguments, "--json")
        if code != exit_code:
            raise AssertionError(f"oversightctl {' '.join(arguments)}: exit code {code}\n{out[-2000:]}\n{err[-3000:]}")
        return json.loads(out)

    def call(self, method, request, exit_code=0):
        """The answer to one call of `service.Method`, or its error (in which case the exit code is not 0)."""
        code, out, err = self.ctl("call", method, json.dumps(request), "--json")
        if code != exit_code:
            raise AssertionError(f"{method} {request}: exit code {code}\n{out[-1000:]}\n{err[-2000:]}")
        if code != 0:
            return json.loads(err.strip().splitlines()[-1])["error"]
        return [json.loads(line) for line in out.splitlines()] if method.endswith(STREAMS) else json.loads(out)

    def list_all(self, method, request, field):
        """All pages of a listing."""
        found, token = [], ""
        while True:
            page = self.call(method, {**request, "pageSize": 1000, "pageToken": token})
            found += page.get(field, [])
            token = page.get("nextPageToken", "")
            if not token:
                return found


STREAMS = (".Snapshot", ".VerifyLedger", ".Watch")


def make_sample(directory, workers=40, cases=200, months=6, end_day="2026-03-31"):
    """A synthetic authority; the same files each time."""
    code, out, err = run([program("oversight-sample"), "--seed", "7", "--end-day", end_day, "--out", directory,
                          "--workers", str(workers), "--cases", str(cases), "--months", str(months),
                          "--authority-name", "Sampleshire (synthetic)"])
    if code != 0:
        raise RuntimeError(f"oversight-sample: {out}{err}")
    return directory


def open_cases(directory, cases=200):
    """How many cases of such a sample are open at its end: foster carers come on top of what was asked for."""
    with open(f"{directory}/cases.csv", encoding="utf-8", newline="") as table:
        carers = [row for row in csv.DictReader(table)
                  if row["kind"] == "foster_carer" and not row["open_periods.end_date"]]
    if not carers:
        raise RuntimeError("the sample has no foster carers")
    return cases + len(carers)
