"""Webhooks: who is told of events, with which secret, and the telling itself (§10.5)."""

from mockserver.webhooks.deliveries import Deliveries
from mockserver.webhooks.endpoints import Webhooks, new_endpoint

__all__ = ["Deliveries", "Webhooks", "new_endpoint"]
