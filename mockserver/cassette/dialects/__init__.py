"""The ways in which tools write cassettes; importing the package registers them all."""

from __future__ import annotations

from mockserver.cassette.dialects import answer as answer
from mockserver.cassette.dialects import azure as azure
from mockserver.cassette.dialects import batch as batch
from mockserver.cassette.dialects import cassetter as cassetter
from mockserver.cassette.dialects import datadog as datadog
from mockserver.cassette.dialects import go_vcr as go_vcr
from mockserver.cassette.dialects import har as har
from mockserver.cassette.dialects import httpmock as httpmock
from mockserver.cassette.dialects import langchain as langchain
from mockserver.cassette.dialects import nock as nock
from mockserver.cassette.dialects import old_httpx as old_httpx
from mockserver.cassette.dialects import pydantic_ai as pydantic_ai
from mockserver.cassette.dialects import req_llm as req_llm
from mockserver.cassette.dialects import ruby_vcr as ruby_vcr
from mockserver.cassette.dialects import seinfeld as seinfeld
from mockserver.cassette.dialects import transcript as transcript
from mockserver.cassette.dialects import vcrpy as vcrpy
from mockserver.cassette.dialects import wiremock as wiremock
from mockserver.cassette.dialects.dialect import DIALECTS as DIALECTS
from mockserver.cassette.dialects.dialect import Dialect as Dialect
from mockserver.cassette.dialects.dialect import choose as choose
