"""What template.yaml says that costs depend on."""

from collections.abc import Mapping
from typing import Any

from bench.cost.bill import Deployed
from bench.processes import ROOT
from local import template

DETAILED_METRICS = 5  # a method: Count, 4XXError, 5XXError, Latency, IntegrationLatency


def read(measured_metrics: int, architecture: str = "x86_64") -> Deployed:
    """`measured_metrics`: those that functions write."""
    stack = template.read(ROOT / "template.yaml", {})
    resources = stack.resources.values()
    functions = template.functions(stack)
    types = [resource["Type"] for resource in resources]
    api = next(resource["Properties"] for resource in resources if resource["Type"] == "AWS::Serverless::Api")
    detailed = sum(settings.get("MetricsEnabled", False) for settings in api["MethodSettings"])
    disk = {
        resource["Properties"]["CodeUri"].rpartition("/")[2]: resource["Properties"]["EphemeralStorage"]["Size"]
        for resource in resources
        if "EphemeralStorage" in resource.get("Properties", {})
    }
    return Deployed(
        memory={function.directory.name: function.memory for function in functions},
        disk=disk,
        access_log=api["AccessLogSetting"]["Format"],
        fixed={
            "metric": measured_metrics + DETAILED_METRICS * detailed,
            "alarm": sum(
                _metrics(resource["Properties"])
                for resource in resources
                if resource["Type"] == "AWS::CloudWatch::Alarm"
            ),
            "dashboard": types.count("AWS::CloudWatch::Dashboard"),
            "secret": types.count("AWS::SecretsManager::Secret"),
        },
        architecture=architecture,
    )


def _metrics(alarm: Mapping[str, Any]) -> int:
    """How many are paid for: the one that it looks at, or each in its formula."""
    return sum("MetricStat" in metric for metric in alarm.get("Metrics", [])) or 1
