"""What the manifests of an overlay promise. Each promise is a function that is given the overlay and yields its faults."""

import re

import tools

SERVICES = ("workforce", "caseload", "supervision", "compliance")
PROMISES = []

# Who may ask whom at the gRPC port; everything else among pods is refused.
ASKS = {
    "workforce": set(),
    "caseload": {"workforce", "compliance"},
    "supervision": {"workforce", "caseload", "compliance"},
    "compliance": {"workforce", "caseload", "supervision"},
    "edge": set(SERVICES),
}


def promise(function):
    PROMISES.append(function)
    return function


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)(ms|s|m|h)", text).groups()
    return int(number) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[unit]


class Overlay:
    def __init__(self, name, documents):
        self.name, self.documents = name, documents

    def of_kind(self, kind):
        return [each for each in self.documents if each["kind"] == kind]

    def one(self, kind, name):
        return next((each for each in self.of_kind(kind) if each["metadata"]["name"] == name), None)

    def workloads(self):
        """(name, pod template) of everything that makes pods."""
        for kind in ("Deployment", "StatefulSet", "Job"):
            for each in self.of_kind(kind):
                yield f"{kind} {each['metadata']['name']}", each["spec"]["template"]
        for each in self.of_kind("CronJob"):
            yield f"CronJob {each['metadata']['name']}", each["spec"]["jobTemplate"]["spec"]["template"]

    def service_deployments(self):
        return {service: self.one("Deployment", f"oversight-{service}") for service in SERVICES}

    def variables(self, container):
        """The environment of a container: what its maps and its own entries say."""
        found = {}
        for source in container.get("envFrom", ()):
            settings = self.one("ConfigMap", source["configMapRef"]["name"])
            found.update(settings["data"] if settings else {})
        found.update({each["name"]: each["value"] for each in container.get("env", ())})
        return found


def containers(template):
    return template["spec"].get("initContainers", []) + template["spec"]["containers"]


def matches(selector, labels):
    """Whether a label selector selects an object with these labels."""
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    for each in selector.get("matchExpressions") or ():
        if each["operator"] != "In":
            raise AssertionError(f"the tests do not know {each['operator']}")
        if labels.get(each["key"]) not in each["values"]:
            return False
    return True


@promise
def namespace_is_restricted(overlay):
    namespaces = overlay.of_kind("Namespace")
    if [each["metadata"]["name"] for each in namespaces] != ["oversight"]:
        yield "there is not exactly the namespace oversight"
    for each in namespaces:
        if each["metadata"].get("labels", {}).get("pod-security.kubernetes.io/enforce") != "restricted":
            yield "Pod Security restricted is not enforced"
    for each in overlay.documents:
        if each["kind"] != "Namespace" and each["metadata"].get("namespace") != "oversight":
            yield f"{each['kind']} {each['metadata']['name']} is in another namespace"


@promise
def pods_are_hardened(overlay):
    for name, template in overlay.workloads():
        pod = template["spec"]
        security = pod.get("securityContext", {})
        if security.get("runAsNonRoot") is not True or not security.get("runAsUser"):
            yield f"{name} may run as root"
        if security.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield f"{name} has no seccomp profile"
        if pod.get("automountServiceAccountToken") is not False:
            yield f"{name} is given a token of Kubernetes"
        if pod.get("enableServiceLinks") is not False:
            yield f"{name} gets variables that look like settings"
        if any(pod.get(each) for each in ("hostNetwork", "hostPID", "hostIPC")):
            yield f"{name} shares its node's namespaces"
        if any("hostPath" in each for each in pod.get("volumes", ())):
            yield f"{name} mounts a path of its node"
        for container in containers(template):
            own = container.get("securityContext", {})
            if own.get("allowPrivilegeEscalation") is not False or own.get("privileged"):
                yield f"{name} may gain privileges"
            if own.get("capabilities", {}).get("drop") != ["ALL"] or own["capabilities"].get("add"):
                yield f"{name} keeps capabilities"
            if own.get("readOnlyRootFilesystem") is not True:
                yield f"{name} may write to its root"


@promise
def resources_are_stated(overlay):
    for name, template in overlay.workloads():
        for container in containers(template):
            resources = container.get("resources", {})
            if set(resources.get("requests", ())) != {"cpu", "memory"}:
                yield f"{name} does not request processor and memory"
            if set(resources.get("limits", ())) != {"memory"}:
                yield f"{name} does not limit memory alone"


@promise
def images_are_pinned(overlay):
    for name, template in overlay.workloads():
        for container in containers(template):
            if not re.search(r":\d[\w.-]*$", container["image"]):
                yield f"{name}: {container['image']} names no version"


@promise
def updates_take_nothing_away(overlay):
    for each in overlay.of_kind("Deployment"):
        rolling = each["spec"].get("strategy", {}).get("rollingUpdate", {})
        if rolling.get("maxUnavailable") != 0 or not rolling.get("maxSurge"):
            yield f"{each['metadata']['name']} is updated with fewer replicas than it should have"


@promise
def probes_ask_the_service(overlay):
    wanted = {"startupProbe": ["healthcheck", "live"], "livenessProbe": ["healthcheck", "live"],
              "readinessProbe": ["healthcheck"]}
    for service, deployment in overlay.service_deployments().items():
        container = deployment["spec"]["template"]["spec"]["containers"][0]
        for probe, words in wanted.items():
            given = container.get(probe, {})
            if given.get("exec", {}).get("command") != [f"oversight-{service}", *words]:
                yield f"{service}: {probe} is not {' '.join(words)}"
            # The program itself gives up after 5 seconds and says why.
            if given.get("timeoutSeconds", 1) <= 5:
                yield f"{service}: {probe} is cut off before it can answer"
    for name, template in overlay.workloads():
        if not name.startswith(("Job", "CronJob")):
            for container in containers(template):
                if not {"startupProbe", "livenessProbe", "readinessProbe"} <= set(container):
                    yield f"{name} lacks a probe"


def pause_before_stop(container):
    """The seconds that preStop takes, which is `sleep`, the one other program of the image."""
    command = container.get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", ["sleep", "0"])
    return int(command[1]) if command[0] == "sleep" else 0


@promise
def draining_fits_the_grace_period(overlay):
    for service, deployment in overlay.service_deployments().items():
        pod = deployment["spec"]["template"]["spec"]
        container = pod["containers"][0]
        settings = overlay.variables(container)
        pause = pause_before_stop(container)
        needed = pause + seconds(settings["OVERSIGHT_DRAIN_NOTICE"]) + seconds(settings["OVERSIGHT_DRAIN_TIMEOUT"])
        if pause < 3:
            yield f"{service} stops before its address is gone"
        # A client with client-side balancing learns of NOT_SERVING, one behind the edge by the edge's checks.
        if seconds(settings["OVERSIGHT_DRAIN_NOTICE"]) < 5:
            yield f"{service} refuses calls before the edge has seen that it stops"
        if pod.get("terminationGracePeriodSeconds", 30) < needed + 5:
            yield f"{service} is killed before it has drained"
    edge = overlay.one("Deployment", "oversight-edge")
    if edge:
        pod = edge["spec"]["template"]["spec"]
        text = next(each for each in overlay.of_kind("ConfigMap")
                    if each["metadata"]["name"].startswith("oversight-edge"))["data"]["haproxy.cfg"]
        hard_stop = seconds(re.search(r"^ *hard-stop-after (\S+)", text, re.M)[1])
        pause = pause_before_stop(pod["containers"][0])
        if pod["terminationGracePeriodSeconds"] < pause + hard_stop + 5:
            yield "the edge is killed before it has drained"


@promise
def budgets_allow_one_to_go(overlay):
    for each in overlay.of_kind("Deployment"):
        labels = each["spec"]["template"]["metadata"]["labels"]
        budgets = [budget for budget in overlay.of_kind("PodDisruptionBudget")
                   if matches(budget["spec"]["selector"], labels)]
        if len(budgets) != 1:
            yield f"{each['metadata']['name']} has {len(budgets)} disruption budgets"
        elif budgets[0]["spec"].get("maxUnavailable") != 1:
            yield f"the budget of {each['metadata']['name']} does not let just one go"


@promise
def pods_are_spread(overlay):
    for each in overlay.of_kind("Deployment"):
        template = each["spec"]["template"]
        spread = {rule["topologyKey"]: rule for rule in template["spec"].get("topologySpreadConstraints", ())}
        if set(spread) != {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}:
            yield f"{each['metadata']['name']} is not spread over zones and nodes"
        for rule in spread.values():
            selector, name = rule["labelSelector"], "app.kubernetes.io/name"
            if selector["matchLabels"].get(name) != template["metadata"]["labels"][name]:
                yield f"{each['metadata']['name']} counts the pods of others when it is spread"
            zone = rule["topologyKey"].endswith("zone")
            own = template["metadata"]["labels"][name] in SERVICES
            if overlay.name == "nation" and zone and own and rule["whenUnsatisfiable"] != "DoNotSchedule":
                yield f"{each['metadata']['name']} need not be spread over zones"


@promise
def services_are_headless(overlay):
    for service in SERVICES:
        each = overlay.one("Service", f"oversight-{service}")
        if each is None or each["spec"].get("clusterIP") != "None":
            yield f"{service} has no headless service"
            continue
        chosen = [name for name, template in overlay.workloads()
                  if matches({"matchLabels": each["spec"]["selector"]}, template["metadata"]["labels"])]
        if chosen != [f"Deployment oversight-{service}"]:
            yield f"the service {service} selects {chosen}"
        ports = {port["name"] for port in
                 overlay.one("Deployment", f"oversight-{service}")["spec"]["template"]["spec"]["containers"][0]["ports"]}
        if {port["targetPort"] for port in each["spec"]["ports"]} != ports:
            yield f"the service {service} names ports that its pods do not have"


def _reaches(overlay, source, target, port, direction):
    """Whether the network policies of one pod let it talk to another (egress) or be talked to (ingress). Pods are
    (labels, namespace)."""
    own, other = (source, target) if direction == "Egress" else (target, source)
    applying = [policy["spec"] for policy in overlay.of_kind("NetworkPolicy")
                if direction in policy["spec"]["policyTypes"] and matches(policy["spec"]["podSelector"], own[0])]
    if not applying or own[1] != "oversight":
        return own[1] != "oversight" or not applying
    peers = "to" if direction == "Egress" else "from"
    for rule in (rule for spec in applying for rule in spec.get(direction.lower(), ())):
        if port not in [each["port"] for each in rule.get("ports", ())]:
            continue
        if peers not in rule:
            return True
        for peer in rule[peers]:
            inside = {"kubernetes.io/metadata.name": other[1]}
            if "namespaceSelector" in peer and not matches(peer["namespaceSelector"], inside):
                continue
            if "namespaceSelector" not in peer and other[1] != "oversight":
                continue
            if "ipBlock" not in peer and matches(peer.get("podSelector", {}), other[0]):
                return True
    return False


def _may_talk(overlay, source, target, port):
    return all(_reaches(overlay, source, target, port, direction) for direction in ("Egress", "Ingress"))


@promise
def network_is_closed_but_for_what_is_needed(overlay):
    pods = {name: (template["metadata"]["labels"], "oversight") for name, template in overlay.workloads()}
    named = {labels["app.kubernetes.io/name"]: (labels, space) for labels, space in pods.values()}
    stranger, prometheus = ({"app": "x"}, "elsewhere"), ({"app": "prometheus"}, "monitoring")
    dns = ({"k8s-app": "kube-dns"}, "kube-system")
    for asking, pod in named.items():
        for asked in SERVICES:
            wanted = asked in ASKS.get(asking, ())
            if _may_talk(overlay, pod, named[asked], 50051) != wanted:
                yield f"{asking} {'cannot' if wanted else 'can'} call {asked}"
            if _may_talk(overlay, pod, named[asked], 9101):
                yield f"{asking} can read the metrics of {asked}"
        if not _reaches(overlay, pod, dns, 53, "Egress"):
            yield f"{asking} cannot resolve names"
        if _reaches(overlay, pod, stranger, 443, "Egress"):
            yield f"{asking} can call out"
        if _may_talk(overlay, stranger, pod, 50051) or _may_talk(overlay, stranger, pod, 3306):
            yield f"strangers can call {asking}"
    for asked in SERVICES:
        if not _may_talk(overlay, prometheus, named[asked], 9101):
            yield f"Prometheus cannot read {asked}"
    if "edge" in named and not _may_talk(overlay, stranger, named["edge"], 8443):
        yield "callers cannot reach the edge"


@promise
def database_is_reached_by_those_who_need_it(overlay):
    for name, template in overlay.workloads():
        labels = template["metadata"]["labels"]
        needs = re.sub("-(migration|access-log)$", "", labels["app.kubernetes.io/name"]) in SERVICES
        egress = [rule for policy in overlay.of_kind("NetworkPolicy")
                  if matches(policy["spec"]["podSelector"], labels) for rule in policy["spec"].get("egress", ())
                  if 3306 in [each["port"] for each in rule.get("ports", ())]]
        if bool(egress) != needs:
            yield f"{name} {'cannot' if needs else 'can'} reach the database"
        for rule in egress:
            if any(peer.get("ipBlock", {}).get("cidr") == "0.0.0.0/0" for peer in rule["to"]):
                yield f"{name} can reach any database of the world"


def known_settings():
    with open(f"{tools.SOURCE}/deploy/CONFIGURATION.md", encoding="utf-8") as file:
        return set(re.findall(r"`(OVERSIGHT_\w+)`", file.read()))


@promise
def settings_are_known_and_complete(overlay):
    known, files = known_settings(), re.compile("_FILE$")
    for name, template in overlay.workloads():
        for container in containers(template):
            if container["name"] not in ("service", "migrate", "prune"):
                continue
            variables = overlay.variables(container)
            for variable, value in variables.items():
                if variable not in known:
                    yield f"{name}: there is no setting {variable}"
                mounts = [mount["mountPath"] for mount in container["volumeMounts"]]
                if files.search(variable) and value.rsplit("/", 1)[0] not in mounts:
                    yield f"{name}: nothing is mounted where {variable} points"
            needed = {"OVERSIGHT_DB_HOST", "OVERSIGHT_DB_SCHEMA", "OVERSIGHT_DB_USER", "OVERSIGHT_DB_PASSWORD_FILE",
                      "OVERSIGHT_DB_CA_FILE"}
            if container["name"] == "service":
                needed |= {"OVERSIGHT_TLS_CERTIFICATE_FILE", "OVERSIGHT_TLS_KEY_FILE", "OVERSIGHT_TLS_CA_FILE",
                           "OVERSIGHT_JWT_KEYS_FILE", "OVERSIGHT_JWT_ISSUER", "OVERSIGHT_JWT_AUDIENCE",
                           "OVERSIGHT_GRANTS_FILE",
                           "OVERSIGHT_MAX_CONNECTION_AGE", "OVERSIGHT_LOG_HASH_KEY_FILE"}
                if variables.get("OVERSIGHT_TLS_REQUIRE_CLIENT_CERTIFICATE") != "true":
                    yield f"{name} lets callers in without a certificate"
            for missing in sorted(needed - set(variables)):
                yield f"{name}: {missing} is not set"
            if "OVERSIGHT_DEMO_MODE" in variables:
                yield f"{name} is in demo mode"


RECORD_KEYS = "oversight-record-keys"


@promise
def record_keys_are_with_supervision_alone(overlay):
    for name, template in overlay.workloads():
        volumes = [each["name"] for each in template["spec"].get("volumes", ())
                   if each.get("secret", {}).get("secretName") == RECORD_KEYS]
        if name != "Deployment oversight-supervision":
            if volumes:
                yield f"{name} holds the keys of the session records"
            continue
        container = template["spec"]["containers"][0]
        path = overlay.variables(container).get("OVERSIGHT_RECORD_KEY_FILE", "")
        mounts = [each for each in container["volumeMounts"] if each["name"] in volumes]
        if [each["mountPath"] for each in mounts] != [path.rsplit("/", 1)[0]]:
            yield "supervision does not find the keys of the session records"
        if any("subPath" in each for each in mounts):
            yield "a rotated key would not reach the running service"


@promise
def targets_are_balanced_by_the_client(overlay):
    for service, deployment in overlay.service_deployments().items():
        variables = overlay.variables(deployment["spec"]["template"]["spec"]["containers"][0])
        for asked in ASKS[service]:
            target = variables.get(f"OVERSIGHT_{asked.upper()}_TARGET")
            if target != f"dns:///oversight-{asked}.oversight.svc:50051":
                yield f"{service} does not resolve all replicas of {asked}"


@promise
def edge_resolves_all_replicas(overlay):
    edge = overlay.one("Deployment", "oversight-edge")
    if edge is None:
        return
    variables = overlay.variables(edge["spec"]["template"]["spec"]["containers"][0])
    for service in SERVICES:
        # HAProxy asks for a name as it stands: it searches no domains.
        if variables.get(f"OVERSIGHT_{service.upper()}") != f"oversight-{service}.oversight.svc.cluster.local:50051":
            yield f"the edge does not find {service}"


@promise
def schemas_are_migrated_by_a_job_of_this_version(overlay):
    jobs = {each["metadata"]["name"]: each for each in overlay.of_kind("Job")}
    with open(f"{tools.SOURCE}/CMakeLists.txt", encoding="utf-8") as file:
        version = re.search(r"project\(oversight VERSION (\S+)", file.read())[1]
    wanted = {f"oversight-migrate-{service}-{version.replace('.', '-')}": service for service in SERVICES}
    if set(jobs) != set(wanted):
        yield f"the jobs are {sorted(jobs)}, not {sorted(wanted)}"
    for name in set(jobs) & set(wanted):
        service, container = wanted[name], jobs[name]["spec"]["template"]["spec"]["containers"][0]
        serving = overlay.one("Deployment", f"oversight-{service}")["spec"]["template"]["spec"]
        if container["command"] != [f"oversight-{service}", "migrate", "up"]:
            yield f"{name} does not migrate"
        if container["image"] != serving["containers"][0]["image"] or not container["image"].endswith(f":{version}"):
            yield f"{name}, the service and the project are of different versions"
        users = [overlay.variables(each)["OVERSIGHT_DB_USER"] for each in (container, serving["containers"][0])]
        secrets = [next(volume["secret"]["secretName"] for volume in pod["volumes"] if volume["name"] == "database")
                   for pod in (jobs[name]["spec"]["template"]["spec"], serving)]
        if users[0] == users[1] or secrets[0] == secrets[1]:
            yield f"{name} and the service share a database user"


@promise
def access_log_is_shortened_by_one_who_may_do_nothing_else(overlay):
    jobs = {each["metadata"]["name"]: each["spec"] for each in overlay.of_kind("CronJob")}
    wanted = {} if overlay.name == "trial" else {f"oversight-access-log-{service}": service for service in SERVICES}
    if set(jobs) != set(wanted):
        yield f"the jobs that shorten the access log are {sorted(jobs)}"
    for name in set(jobs) & set(wanted):
        service, pod = wanted[name], jobs[name]["jobTemplate"]["spec"]["template"]["spec"]
        container, serving = pod["containers"][0], overlay.one("Deployment", f"oversight-{service}")
        if container["command"] != [f"oversight-{service}", "access-log", "prune"]:
            yield f"{name} does something else"
        if container["image"] != serving["spec"]["template"]["spec"]["containers"][0]["image"]:
            yield f"{name} and the service are of different versions"
        variables = overlay.variables(container)
        if variables["OVERSIGHT_DB_USER"] != f"oversight_{service}_prune":
            yield f"{name} works as {variables['OVERSIGHT_DB_USER']}"
        secret = next(each["secret"]["secretName"] for each in pod["volumes"] if each["name"] == "database")
        if secret != f"oversight-{service}-prune-database":
            yield f"{name} is given the password of somebody else"
        # What it keeps is decided by the installation; the manifests themselves remove nothing.
        if variables.get("OVERSIGHT_ACCESS_LOG_KEEP_DAYS") != "36525":
            yield f"{name} removes records that nobody has said may go"
        if jobs[name].get("concurrencyPolicy") != "Forbid":
            yield f"{name} may run twice at once"


@promise
def there_are_no_hooks(overlay):
    for each in overlay.documents:
        if any("hook" in key for key in each["metadata"].get("annotations", {})):
            yield f"{each['kind']} {each['metadata']['name']} is a hook"


@promise
def secrets_exist_already(overlay):
    for each in overlay.of_kind("Secret"):
        yield f"the secret {each['metadata']['name']} is part of the manifests"
    named = {each["metadata"]["name"] for each in overlay.of_kind("ConfigMap")}
    for name, template in overlay.workloads():
        used = {volume["configMap"]["name"] for volume in template["spec"].get("volumes", ()) if "configMap" in volume}
        used |= {source["configMapRef"]["name"] for container in containers(template)
                 for source in container.get("envFrom", ())}
        for missing in used - named:
            yield f"{name}: there is no map {missing}"
        for volume in template["spec"].get("volumes", ()):
            if volume.get("secret", {}).get("defaultMode", 0) & 0o007:
                yield f"{name}: everybody may read {volume['name']}"


@promise
def replicas_suit_the_overlay(overlay):
    scaled = {each["spec"]["scaleTargetRef"]["name"]: each["spec"] for each in overlay.of_kind("HorizontalPodAutoscaler")}
    for service, deployment in overlay.service_deployments().items():
        name, replicas = f"oversight-{service}", deployment["spec"].get("replicas")
        if overlay.name == "nation":
            if name not in scaled or scaled[name]["minReplicas"] < 3:
                yield f"{service} does not grow with its load"
            if replicas is not None:
                yield f"applying the manifests undoes what scaled {service}"
        elif replicas != {"trial": 1, "authority": 2}[overlay.name]:
            yield f"{service} has {replicas} replicas"


@promise
def pools_fit_the_database(overlay):
    with open(f"{tools.SOURCE}/deploy/mysql/oversight.cnf", encoding="utf-8") as file:
        limit = int(re.search(r"^max_connections *= *(\d+)", file.read(), re.M)[1])
    needed = 0
    scaled = {each["spec"]["scaleTargetRef"]["name"]: each["spec"] for each in overlay.of_kind("HorizontalPodAutoscaler")}
    for service, deployment in overlay.service_deployments().items():
        replicas = scaled.get(f"oversight-{service}", {}).get("maxReplicas") or deployment["spec"]["replicas"]
        pool = int(overlay.variables(deployment["spec"]["template"]["spec"]["containers"][0])["OVERSIGHT_DB_POOL_SIZE"])
        # One more during an update; the ledger's reader and the writer of history have a connection each of their own.
        needed += (replicas + deployment["spec"]["strategy"]["rollingUpdate"]["maxSurge"]) * (pool + 2)
    if needed + 20 > limit:
        yield f"up to {needed} connections, and some for people, do not fit into {limit}"
