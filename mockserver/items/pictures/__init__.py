"""Flat pictures and the file formats they are written in."""

from mockserver.items.pictures.encode import encode
from mockserver.items.pictures.picture import Picture, paint

__all__ = ["Picture", "encode", "paint"]
