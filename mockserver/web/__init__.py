"""The wire: aiohttp lives here and nowhere below."""
