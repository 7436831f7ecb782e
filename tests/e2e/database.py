"""A MariaDB of the test's own: new data, free loopback port, settings under which nothing acknowledged is lost."""

import getpass
import os
import shutil
import subprocess

from processes import Process, free_port, temporary_directory, wait_until

os.environ["PATH"] += ":/usr/sbin:/usr/local/sbin"


class Database:
    def __init__(self, arguments=()):
        self._arguments = list(arguments)
        self.directory = temporary_directory()
        self.port = free_port()
        self._process = None
        user = [f"--user={getpass.getuser()}"] if os.geteuid() == 0 else []
        # A server clears away temporary tables when it starts, those of others in a shared directory too.
        os.mkdir(f"{self.directory}/tmp")
        self._common = ["--no-defaults", f"--datadir={self.directory}/data", f"--tmpdir={self.directory}/tmp", *user]
        made = subprocess.run(
            ["mariadb-install-db", *self._common, "--skip-test-db", "--skip-name-resolve", "--force",
             "--auth-root-authentication-method=normal", "--innodb-log-file-size=16M"],
            capture_output=True, text=True)
        if made.returncode != 0:
            raise RuntimeError(f"mariadb-install-db failed: {made.stdout[-1000:]}{made.stderr[-1000:]}")
        self.start()

    def start(self, *more_arguments):
        """Starts it on the same data and port, and waits until it answers."""
        self._process = Process(
            ["mariadbd", *self._common, f"--socket={self.directory}/socket", f"--port={self.port}",
             f"--pid-file={self.directory}/pid", "--bind-address=127.0.0.1", "--skip-name-resolve",
             "--character-set-server=utf8mb4", "--collation-server=utf8mb4_bin", "--innodb-log-file-size=16M",
             "--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=64M", "--max-connections=300",
             *self._arguments, *more_arguments],
            f"{self.directory}/log")
        wait_until(self._answers, "the database answers", alive=self._process)

    def _answers(self):
        return subprocess.run(self._client("-e", "SELECT 1"), capture_output=True).returncode == 0

    def kill(self):
        self._process.kill()

    def stop(self):
        self._process.terminate()

    def close(self):
        if self._process is not None:
            self._process.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _client(self, *arguments):
        return ["mariadb", "--no-defaults", f"--socket={self.directory}/socket", "--user=root", "--batch",
                "--skip-column-names", *arguments]

    def query(self, sql, schema="mysql"):
        """The rows of a statement as lists of text; NULL is None."""
        done = subprocess.run(self._client(schema), input=sql, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{sql}: {done.stderr}")
        return [[None if field == "NULL" else field for field in line.split("\t")]
                for line in done.stdout.splitlines()]

    def session(self, schema):
        """An open session, as a `LockHolder`."""
        return LockHolder(self._client("--unbuffered", schema))

    def create_schema(self, name):
        """A schema, a user `{name}_migrate` who may change its tables, a user `{name}` who may change its rows."""
        self.query(f"""
            CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
            CREATE USER '{name}_migrate'@'127.0.0.1' IDENTIFIED BY 'migrate-{name}';
            GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON {name}.*
              TO '{name}_migrate'@'127.0.0.1';
            CREATE USER '{name}'@'127.0.0.1' IDENTIFIED BY 'serve-{name}';
            GRANT SELECT, INSERT, UPDATE, DELETE ON {name}.* TO '{name}'@'127.0.0.1'""")


class LockHolder:
    """A transaction that keeps what it has locked until it is released."""

    def __init__(self, client):
        self._process = subprocess.Popen(client, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def lock(self, select):
        """Runs `SELECT ... FOR UPDATE`; returns once the rows are locked."""
        self._process.stdin.write(f"START TRANSACTION; {select}; SELECT 'locked';\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.strip() == "locked":
                return
        raise RuntimeError("the rows could not be locked")

    def release(self):
        self._process.communicate("ROLLBACK;\n", timeout=60)

    def close(self):
        self._process.kill()
        self._process.communicate()
