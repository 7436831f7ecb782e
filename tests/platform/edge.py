"""The edge in front of the suite: HAProxy with deploy/edge/haproxy.cfg on loopback."""

import os
import re
import subprocess
import urllib.request

# Tests start programs while channels are open.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
import grpc

import tools
from processes import Process, free_port, wait_until

CONFIGURATION = f"{tools.SOURCE}/deploy/edge/haproxy.cfg"
LIST_AUTHORITIES = "/oversight.workforce.v1.WorkforceService/ListAuthorities"
HEALTH = "/grpc.health.v1.Health/Check"
SERVING = b"\x08\x01"


class Edge:
    """`targets`: address of each service by name. `certificates`, if given, makes it TLS on both sides: a folder with
    public.crt, public.key, identity.crt, identity.key and ca.crt."""

    def __init__(self, directory, targets, certificates=None):
        self.port, self.metrics_port = free_port(), free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.environment = {
            **tools.environment(),
            # Attackers and callers call from addresses of their own.
            "OVERSIGHT_EDGE_BIND": f"127.0.0.1:{self.port}",
            "OVERSIGHT_EDGE_METRICS_BIND": f"127.0.0.1:{self.metrics_port}",
            **{f"OVERSIGHT_{name.upper()}": address for name, address in targets.items()}}
        if certificates:
            self.environment |= {"OVERSIGHT_EDGE_CERTIFICATE": f"{certificates}/public.crt",
                                 "OVERSIGHT_EDGE_IDENTITY": f"{certificates}/identity.crt",
                                 "OVERSIGHT_EDGE_CA": f"{certificates}/ca.crt"}
        else:
            self.environment["OVERSIGHT_EDGE_PLAIN"] = "1"
        self.process = Process([tools.find("haproxy"), "-db", "-f", CONFIGURATION], f"{directory}/haproxy.log",
                               self.environment)
        wait_until(self.is_ready, "the edge is ready", alive=self.process)

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/ready", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=5) as answer:
            return answer.read().decode()

    def replicas(self, service):
        """How many it sends calls to. An address that is no name fills all ten places of a backend."""
        return int(re.search(rf'haproxy_backend_active_servers{{proxy="{service}"}} (\d+)', self.metrics())[1])

    def close(self):
        self.process.kill()


def check(environment):
    """Whether HAProxy accepts the configuration under these variables: (exit code, what it says)."""
    done = subprocess.run([tools.find("haproxy"), "-c", "-f", CONFIGURATION], env=environment, capture_output=True,
                          text=True)
    return done.returncode, done.stdout + done.stderr


def channel(address, name=None, credentials=None):
    """`name`: the host that is called, when it is not the address."""
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)]
    if name:
        options += [("grpc.default_authority", name), ("grpc.ssl_target_name_override", name)]
    return grpc.secure_channel(address, credentials, options) if credentials else grpc.insecure_channel(address, options)


def call(over, method, request=b"", metadata=(), timeout=10):
    """A call of raw messages: the answer's bytes, or the name of the error's code."""
    answer = attempt(over, method, request, metadata, timeout)
    return answer if isinstance(answer, bytes) else answer.code().name


def attempt(over, method, request=b"", metadata=(), timeout=10):
    """The same with the whole error."""
    try:
        return over.unary_unary(method)(request, metadata=metadata, timeout=timeout)
    except grpc.RpcError as error:
        return error


def resident_mib(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20
