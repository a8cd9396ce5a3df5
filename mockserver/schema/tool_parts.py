"""What tool definitions are made of: filters, containers, skills, places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from mockserver.schema.base import Json
from mockserver.schema.checks import array_check, by_type, tagged
from mockserver.schema.limits import Bounds, Check, Length, Using
from mockserver.schema.shape import Shape


class ComparisonFilter(Shape):
    """One attribute of a file against a value."""

    type: Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin"]
    key: str
    value: str | float | bool | list[str | float]


def _filters_check(strict: bool) -> Check:
    return array_check(by_type(_FILTERS, strict=strict), "an array of objects")


_FILTER_LIST: Final = Using(_filters_check, lambda: list[Annotated[Json, FILTER]])


class CompoundFilter(Shape):
    """Several filters of which all or any must hold; its members may be compound too."""

    type: Literal["and", "or"]
    filters: Annotated[list[Json], _FILTER_LIST]


_FILTERS: Final[Mapping[str, type[Shape]]] = {
    **dict.fromkeys(("eq", "ne", "gt", "gte", "lt", "lte", "in", "nin"), ComparisonFilter),
    **dict.fromkeys(("and", "or"), CompoundFilter),
}

FILTER: Final = tagged(_FILTERS)
"""Mark of a file search filter."""


class HybridSearch(Shape):
    """How much meaning and how much wording count."""

    embedding_weight: float
    text_weight: float


class RankingOptions(Shape):
    """How file search ranks what it finds."""

    hybrid_search: HybridSearch | None = None
    ranker: str | None = None
    score_threshold: Annotated[float | None, Bounds(0, 1)] = None


class UserLocation(Shape):
    """About where the user is."""

    type: Literal["approximate"] | None = None
    city: str | None = None
    country: str | None = None
    region: str | None = None
    timezone: str | None = None


class ToolFilter(Shape):
    """Some tools of an MCP server."""

    read_only: bool | None = None
    tool_names: list[str] | None = None


class DomainSecret(Shape):
    """A secret that the container's requests to a domain carry."""

    domain: str
    name: str
    value: str


class NoNetwork(Shape):
    """A container that reaches nothing."""

    type: Literal["disabled"]


class Allowlist(Shape):
    """A container that reaches some domains."""

    type: Literal["allowlist"]
    allowed_domains: list[str]
    domain_secrets: list[DomainSecret] | None = None


class AutoContainer(Shape):
    """A container that the API makes for code."""

    type: Literal["auto"]
    file_ids: Annotated[list[str] | None, Length(0, 50)] = None
    memory_limit: Literal["1g", "4g", "16g", "64g"] | None = None
    network_policy: NoNetwork | Allowlist | None = None


class SkillReference(Shape):
    """A skill kept by the API."""

    type: Literal["skill_reference"]
    skill_id: str
    version: str | None = None


class InlineSkill(Shape):
    """A skill sent along as an archive."""

    type: Literal["inline"]
    description: str
    name: str
    source: Json


class LocalSkill(Shape):
    """A skill in a folder of the client."""

    description: str
    name: str
    path: str


class ContainerAuto(Shape):
    """A container that the API makes for a shell."""

    type: Literal["container_auto"]
    file_ids: Annotated[list[str] | None, Length(0, 50)] = None
    memory_limit: Literal["1g", "4g", "16g", "64g"] | None = None
    network_policy: NoNetwork | Allowlist | None = None
    skills: list[SkillReference | InlineSkill] | None = None


class LocalEnvironment(Shape):
    """The client's own machine."""

    type: Literal["local"]
    skills: list[LocalSkill] | None = None


class ContainerReference(Shape):
    """A container made before."""

    type: Literal["container_reference"]
    container_id: str
