"""All faults; importing a family registers its classes, and no answer needs them that has none."""

from mockserver.faults import breaks as breaks
from mockserver.faults import contents as contents
from mockserver.faults import cuts as cuts
from mockserver.faults import errors as errors
from mockserver.faults import future as future
from mockserver.faults import heads as heads
from mockserver.faults import order as order
from mockserver.faults import silences as silences
from mockserver.faults import writing as writing
from mockserver.faults.fault import FAULTS

__all__ = ["FAULTS"]
