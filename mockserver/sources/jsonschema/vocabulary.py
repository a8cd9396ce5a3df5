"""The names properties tend to have, and what they stand for."""

from __future__ import annotations

from typing import Final, NamedTuple


class Span(NamedTuple):
    """Plausible numbers: from ``low`` to ``high``, with so many decimals."""

    low: float
    high: float
    decimals: int = 0


_KINDS: Final = {
    "city": "city town location place destination origin capital hometown venue",
    "country": "country nation nationality",
    "country_code": "country_code",
    "state": "state province region",
    "street": "street street_address address_line line1",
    "address": "address",
    "postcode": "zip zipcode zip_code postcode postal_code",
    "phone": "phone phone_number mobile telephone tel fax",
    "email": "email mail email_address to cc bcc recipient recipients sender",
    "first_name": "first_name given_name forename",
    "last_name": "last_name family_name surname",
    "name": "name full_name author owner customer person contact assignee attendee attendees"
    " speaker artist director player patient doctor",
    "username": "username user_name user login handle nickname account",
    "company": "company company_name organization organisation employer brand vendor supplier"
    " institution publisher manufacturer store shop",
    "job": "job job_title occupation profession position",
    "product": "product product_name item item_name",
    "url": "url uri link href website homepage endpoint webhook",
    "domain": "domain hostname host",
    "currency": "currency currency_code",
    "color": "color colour",
    "language": "language",
    "language_code": "lang locale language_code",
    "timezone": "timezone time_zone tz",
    "isbn": "isbn",
    "date": "date day birthday birthdate dob deadline due since until",
    "time": "time",
    "date_time": "at timestamp datetime date_time start end",
    "title": "title subject headline heading header topic label book movie song album recipe"
    " article event project",
    "sentence": "sentence description summary text content message body comment note notes answer"
    " explanation reason reasoning response prompt instruction instructions details detail context"
    " bio review goal task objective output result thought finding findings feedback justification"
    " abstract caption quote statement",
    "word": "word tag tags keyword category type kind status genre genres group team",
}
_SPANS: Final[dict[str, Span]] = {
    "age": Span(18, 80),
    "year": Span(1990, 2026),
    "month": Span(1, 12),
    "week": Span(1, 52),
    "day": Span(1, 28),
    "hour": Span(0, 23),
    "minute": Span(0, 59),
    "second": Span(0, 59),
    "price": Span(5, 500, 2),
    "salary": Span(30000, 120000),
    "revenue": Span(100000, 5000000),
    "population": Span(10000, 5000000),
    "latitude": Span(-60, 70, 4),
    "longitude": Span(-180, 180, 4),
    "page": Span(1, 5),
    "offset": Span(0, 20),
    "index": Span(0, 9),
    "count": Span(1, 20),
    "percent": Span(0, 100),
    "rating": Span(1, 5, 1),
    "confidence": Span(0, 1, 2),
    "temperature": Span(-5, 35, 1),
    "humidity": Span(20, 90),
    "weight": Span(40, 110, 1),
    "height": Span(150, 200, 1),
    "distance": Span(1, 100, 1),
    "duration": Span(5, 90),
    "ms": Span(100, 5000),
    "tokens": Span(100, 2000),
    "port": Span(1024, 65535),
    "version": Span(1, 9),
    "id": Span(1000, 99999),
}
_SAME_SPAN: Final = {
    "price": "amount cost total subtotal fee budget balance principal payment tax discount",
    "latitude": "lat",
    "longitude": "lon lng long",
    "count": "quantity qty num number n limit k top_k size max_results results servings guests"
    " people items pages steps days nights weeks months years hours",
    "percent": "percentage pct progress completion",
    "rating": "stars grade priority",
    "confidence": "probability likelihood similarity relevance ratio fraction rate threshold",
    "duration": "minutes seconds timeout",
    "temperature": "temp celsius",
    "offset": "skip",
}


def _spread(table: dict[str, str]) -> dict[str, str]:
    return {name: kind for kind, names in table.items() for name in names.split()}


KIND_OF: Final = _spread(_KINDS)
"""The kind of ``Words.fake`` that a name stands for."""

SPAN_OF: Final = _SPANS | {name: _SPANS[like] for name, like in _spread(_SAME_SPAN).items()}
"""The numbers that a name stands for."""
