"""What all tests share."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from openai import AsyncOpenAI, OpenAI

sys.path.insert(0, str(Path(__file__).parent))

from api import Api

from mockserver import MockServer

pytest_plugins = ["pytester"]


@pytest.fixture(autouse=True, scope="session")
def no_authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Spare clients the machine's certificates: no test speaks TLS with anybody else's server.

    Each client would load them all, which takes longer than most tests.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SSL_CERT_FILE", raising=False)
        patch.setenv("SSL_CERT_DIR", str(tmp_path_factory.mktemp("authorities")))
        yield


@pytest.fixture
def api(mockserver: MockServer) -> Iterator[Api]:
    """A plain client of the test's server, which judges every answer."""
    with Api(mockserver.url) as client:
        yield client


@pytest.fixture
def client(mockserver: MockServer) -> Iterator[OpenAI]:
    """The official SDK, pointed at the test's server."""
    with OpenAI(base_url=mockserver.url, api_key="sk-mockserver", max_retries=0) as sdk:
        yield sdk


@pytest.fixture
async def async_client(mockserver: MockServer) -> AsyncIterator[AsyncOpenAI]:
    """The official SDK for asyncio, pointed at the test's server."""
    async with AsyncOpenAI(base_url=mockserver.url, api_key="sk-mockserver", max_retries=0) as sdk:
        yield sdk
