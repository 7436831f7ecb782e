"""What kustomize makes of the overlays, and whether each document is what Kubernetes accepts."""

import json
import subprocess

import yaml

import tools

OVERLAYS = ("trial", "authority", "nation")


def render(folder):
    """The documents of a kustomization, given from the top of the project."""
    done = subprocess.run([tools.find("kustomize"), "build", f"{tools.SOURCE}/{folder}"], capture_output=True,
                          text=True)
    if done.returncode != 0:
        raise AssertionError(f"{folder}: {done.stderr}")
    return list(yaml.safe_load_all(done.stdout))


# The parts that we use of kinds which are no part of Kubernetes, as schemas of the same form.
def _object(required=(), **properties):
    return {"type": "object", "properties": properties, "required": list(required)}


_TEXT, _TEXTS, _NUMBER = {"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"type": "integer"}
_METADATA = {"$ref": "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}
_SELECTOR = {"$ref": "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector"}
_TEXT_MAP = {"type": "object", "additionalProperties": _TEXT}


def _kind(spec):
    return _object(["spec", "metadata"], apiVersion=_TEXT, kind=_TEXT, metadata=_METADATA, spec=spec)


CUSTOM = {
    ("cert-manager.io/v1", "Issuer"): _kind(_object(["ca"], ca=_object(["secretName"], secretName=_TEXT))),
    ("cert-manager.io/v1", "Certificate"): _kind(_object(
        ["secretName", "issuerRef"], secretName=_TEXT, issuerRef=_object(["name"], name=_TEXT), commonName=_TEXT,
        dnsNames=_TEXTS, ipAddresses=_TEXTS, usages=_TEXTS, duration=_TEXT, renewBefore=_TEXT,
        privateKey=_object(algorithm=_TEXT, size=_NUMBER, rotationPolicy=_TEXT))),
    ("monitoring.coreos.com/v1", "ServiceMonitor"): _kind(_object(
        ["selector", "endpoints"], jobLabel=_TEXT, selector=_SELECTOR,
        endpoints={"type": "array", "items": _object(port=_TEXT, interval=_TEXT, scrapeTimeout=_TEXT)})),
    ("monitoring.coreos.com/v1", "PrometheusRule"): _kind(_object(
        ["groups"], groups={"type": "array", "items": _object(
            ["name", "rules"], name=_TEXT, interval=_TEXT, rules={"type": "array", "items": _object(
                ["expr"], alert=_TEXT, record=_TEXT, expr=_TEXT, labels=_TEXT_MAP, annotations=_TEXT_MAP,
                **{"for": _TEXT})})})),
}

_PYTHON_TYPES = {"string": str, "boolean": bool, "object": dict, "array": list}


class Schema:
    """The OpenAPI description of Kubernetes. Unlike Kubernetes itself it refuses fields that nobody knows."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self._definitions = json.load(file)["definitions"]
        self._kinds = dict(CUSTOM)
        for definition in self._definitions.values():
            for kind in definition.get("x-kubernetes-group-version-kind", ()):
                version = "/".join(filter(None, (kind["group"], kind["version"])))
                self._kinds[version, kind["kind"]] = definition

    def faults(self, document):
        """What is wrong with one document, each fault with the path of its field."""
        kind = document.get("apiVersion"), document.get("kind")
        if kind not in self._kinds:
            return [f"{kind}: there is no such kind"]
        return list(self._check(document, self._kinds[kind], kind[1]))

    def _check(self, value, schema, path):
        if "$ref" in schema:
            schema = self._definitions[schema["$ref"].rsplit("/", 1)[1]]
        if value is None:
            yield f"{path}: empty"
            return
        expected = schema.get("type")
        if schema.get("format") == "int-or-string":
            if isinstance(value, bool) or not isinstance(value, (int, str)):
                yield f"{path}: {value!r} is neither a number nor a text"
            return
        if expected in ("integer", "number"):
            numbers = (int,) if expected == "integer" else (int, float)
            if isinstance(value, bool) or not isinstance(value, numbers):
                yield f"{path}: {value!r} is no {expected}"
        elif expected and not isinstance(value, _PYTHON_TYPES[expected]):
            yield f"{path}: {value!r} is no {expected}"
        elif isinstance(value, dict):
            yield from self._check_object(value, schema, path)
        elif isinstance(value, list):
            yield from self._check_list(value, schema, path)
        if "enum" in schema and value not in schema["enum"]:
            yield f"{path}: {value!r} is none of {schema['enum']}"

    def _check_object(self, value, schema, path):
        properties, others = schema.get("properties", {}), schema.get("additionalProperties")
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{path}.{name}: missing"
        for name, child in value.items():
            if name in properties:
                yield from self._check(child, properties[name], f"{path}.{name}")
            elif others is not None:
                yield from self._check(child, others, f"{path}.{name}")
            elif properties:
                yield f"{path}.{name}: there is no such field"

    def _check_list(self, value, schema, path):
        for index, child in enumerate(value):
            yield from self._check(child, schema.get("items", {}), f"{path}[{index}]")
        keys = schema.get("x-kubernetes-list-map-keys") or [schema.get("x-kubernetes-patch-merge-key")]
        identities = [tuple(child.get(key) for key in keys) for child in value if isinstance(child, dict)]
        if keys != [None] and keys != ["port"] and len(set(identities)) != len(identities):
            yield f"{path}: two entries have the same {', '.join(keys)}"
