"""The ways in which tools write cassettes; importing the package registers them all."""

from __future__ import annotations

from mockserver.cassette.dialects import old_httpx as old_httpx
from mockserver.cassette.dialects import pydantic_ai as pydantic_ai
from mockserver.cassette.dialects import vcrpy as vcrpy
from mockserver.cassette.dialects.dialect import DIALECTS as DIALECTS
from mockserver.cassette.dialects.dialect import Dialect as Dialect
from mockserver.cassette.dialects.dialect import choose as choose
