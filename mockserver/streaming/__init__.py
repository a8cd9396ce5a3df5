"""From a finished response to the events that tell it, and back."""
