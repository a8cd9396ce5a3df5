"""Assertions over the journal; what fails shows the calls that come nearest."""

from __future__ import annotations

from mockserver.verification.verification import Verification as Verification
