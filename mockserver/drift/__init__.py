"""How far this server and an SDK have come apart: what one of them knows and the other does not."""

from mockserver.drift.compare import Finding
from mockserver.drift.report import Report, report
from mockserver.drift.sdk import Sdk, SdkMissing

__all__ = ["Finding", "Report", "Sdk", "SdkMissing", "report"]
