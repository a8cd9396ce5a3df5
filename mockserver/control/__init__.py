"""The control API: commands that look at a namespace and change it."""

from __future__ import annotations

from mockserver.control.command import COMMANDS as COMMANDS
from mockserver.control.command import perform as perform
