"""Keeping keys, tokens and personal data out of what is recorded and of what is shown."""

from __future__ import annotations

from mockserver.cassette.redact.exchange import DEFAULT as DEFAULT
from mockserver.cassette.redact.exchange import asked as asked
from mockserver.cassette.redact.exchange import clean as clean
from mockserver.cassette.redact.exchange import secrets_in as secrets_in
from mockserver.cassette.redact.exchange import told as told
from mockserver.cassette.redact.rules import Rules as Rules
from mockserver.cassette.redact.rules import chosen as chosen
from mockserver.cassette.redact.rules import secret_variables as secret_variables
from mockserver.cassette.redact.shapes import PLACEHOLDER as PLACEHOLDER
from mockserver.cassette.redact.shapes import is_secret as is_secret
from mockserver.cassette.redact.shown import document as document
from mockserver.cassette.redact.shown import fields as fields
from mockserver.cassette.redact.shown import path as path
from mockserver.cassette.redact.shown import request as request
from mockserver.cassette.redact.shown import secrets_of as secrets_of
from mockserver.cassette.redact.shown import text as text
