"""What crosses the wire: lean pydantic models and the API's errors."""
