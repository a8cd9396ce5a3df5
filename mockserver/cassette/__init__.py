"""Recordings at rest: reading cassettes, finding the answer to a request, explaining a miss."""

from __future__ import annotations

from mockserver.cassette.errors import CassetteError as CassetteError
from mockserver.cassette.fingerprint import Fingerprint as Fingerprint
from mockserver.cassette.fingerprint import fingerprint as fingerprint
from mockserver.cassette.index import Library as Library
from mockserver.cassette.interaction import Interaction as Interaction
from mockserver.cassette.miss import Miss as Miss
from mockserver.cassette.plays import REPEATS as REPEATS
from mockserver.cassette.plays import PlayCounts as PlayCounts
from mockserver.cassette.plays import Repeat as Repeat
from mockserver.cassette.reader import read as read
from mockserver.cassette.request import Request as Request
