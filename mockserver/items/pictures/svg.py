"""SVG: one rectangle a band."""

from __future__ import annotations

from mockserver.items.pictures.picture import Picture


def encode_svg(picture: Picture) -> bytes:
    """Return the SVG document; clear bands are left out."""
    size = f'width="{picture.width}" height="{picture.height}"'
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" {size}>']
    top = 0
    for (red, green, blue, opacity), rows in picture.bands:
        if opacity:
            area = f'y="{top}" width="{picture.width}" height="{rows}"'
            lines.append(f'  <rect {area} fill="#{red:02x}{green:02x}{blue:02x}"/>')
        top += rows
    return "\n".join([*lines, "</svg>", ""]).encode()
