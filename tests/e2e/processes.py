"""Processes that end with the test, and waiting for what they do."""

import ctypes
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

# Generous, since the machine may be busy: a test that passes never waits this long.
PATIENCE_S = 120
_DIRECTORY_PREFIX = "oversight-e2e-"
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def _die_with_parent(program):
    """Also when this process is killed. A script gets the chance to end what it has started in its turn."""
    which = signal.SIGTERM if program.endswith(".sh") else signal.SIGKILL
    return lambda: _libc.prctl(_PR_SET_PDEATHSIG, which)


def bare_environment():
    """What programs get of this process's environment: no variable of it may become a setting."""
    kept = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")
    return {name: os.environ[name] for name in kept if name in os.environ}


def temporary_directory():
    """A new directory named after this process. Those of tests that were killed, and so could not clean up, go."""
    for name in os.listdir(tempfile.gettempdir()):
        owner = name.removeprefix(_DIRECTORY_PREFIX).split("-")[0]
        if name.startswith(_DIRECTORY_PREFIX) and owner.isdigit() and not os.path.exists(f"/proc/{owner}"):
            shutil.rmtree(f"{tempfile.gettempdir()}/{name}", ignore_errors=True)
    return tempfile.mkdtemp(prefix=f"{_DIRECTORY_PREFIX}{os.getpid()}-")


def free_port():
    """A port of the loopback address that nobody used a moment ago; none of those that the system gives to outgoing
    connections, so that it is still free when a program that was killed listens there again."""
    while True:
        port = random.randrange(10000, 32768)
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def text_of(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def wait_until(condition, what, alive=None, patience_s=PATIENCE_S):
    """Waits until `condition()` is true and returns its value. Fails when the process `alive` ends before."""
    give_up = time.monotonic() + patience_s
    while True:
        value = condition()
        if value:
            return value
        if alive is not None and alive.exit_code() is not None:
            raise AssertionError(f"ended with {alive.exit_code()} before {what}: {alive.log()[-2000:]}")
        if time.monotonic() > give_up:
            raise AssertionError(f"gave up waiting until {what}{': ' + alive.log()[-2000:] if alive else ''}")
        time.sleep(0.02)


class Process:
    """A running program whose output goes to a file. To be started from the main thread: the kernel ends the program
    with the thread that started it."""

    def __init__(self, command, log_file, environment=None):
        self._log_file = log_file
        with open(log_file, "ab") as log:
            self._popen = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                           env=environment, preexec_fn=_die_with_parent(command[0]))

    @property
    def pid(self):
        return self._popen.pid

    def log(self):
        return text_of(self._log_file)

    def exit_code(self):
        """None while it runs."""
        return self._popen.poll()

    def wait(self):
        return self._popen.wait(PATIENCE_S)

    def send(self, which):
        self._popen.send_signal(which)

    def kill(self):
        self._popen.kill()
        return self.wait()

    def terminate(self):
        self._popen.terminate()
        return self.wait()


def run(command, environment=None, stdin=""):
    """Runs a program to its end: (exit code, standard output, standard error)."""
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, env=environment,
                          timeout=5 * PATIENCE_S, preexec_fn=_die_with_parent(command[0]))
    return done.returncode, done.stdout, done.stderr


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def children_with(text):
    """Processes of this machine whose command line holds `text`, by id, but this one."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != os.getpid():
            try:
                with open(f"/proc/{entry}/cmdline", "rb") as file:
                    line = file.read().replace(b"\0", b" ").decode(errors="replace")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if text in line and is_running(int(entry)):
                found[int(entry)] = line
    return found
