"""The server's own OpenAPI description, read off its routes and declared shapes."""

from mockserver.openapi.document import Route, describe

__all__ = ["Route", "describe"]
