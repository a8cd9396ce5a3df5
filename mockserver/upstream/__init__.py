"""The real API behind the server: where it is, what it is sent, and what came of it."""

from __future__ import annotations

from mockserver.upstream.address import Address as Address
from mockserver.upstream.capture import Capture as Capture
from mockserver.upstream.client import Cut as Cut
from mockserver.upstream.client import Upstream as Upstream
from mockserver.upstream.client import open_upstream as open_upstream
