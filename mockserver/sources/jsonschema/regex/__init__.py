"""Regular expressions: text that matches one, and matching without the risk of hanging."""
