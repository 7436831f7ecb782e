#!/usr/bin/env python3
"""Prints rules/ as the PrometheusRule of k8s/components/prometheus-operator/rules.yaml.

deploy/prometheus/operator_rules.py > k8s/components/prometheus-operator/rules.yaml
"""

import os

FOLDER = f"{os.path.dirname(os.path.abspath(__file__))}/rules"

print("""# Made by deploy/prometheus/operator_rules.py from the rules beside it.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: oversight
spec:
  groups:""")
for name in ("recording", "compliance", "operation"):
    with open(f"{FOLDER}/{name}.yml", encoding="utf-8") as file:
        print(file.read().split("groups:\n", 1)[1].rstrip("\n").replace("\n", "\n  ").join(("  ", "")).rstrip())
