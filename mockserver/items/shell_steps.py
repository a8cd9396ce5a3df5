"""How a shell's commands and what they print unfold in a stream (api-contract §8.7)."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.items.steps import Keep, Place, pieces
from mockserver.schema.base import Json


class Commands:
    """Tells commands by their place in the call; these events name no item (api-contract §8.5)."""

    def open(self, thing: Json) -> Json:
        """Show the action before any of it is known."""
        action = dict.fromkeys(thing.get("action") or {})
        return {"action": {**action, "commands": []}}

    def unfold(self, thing: Json, place: Place) -> Iterator[Json]:
        """Yield each command: added empty, its deltas, done."""
        keys = {key: value for key, value in place.keys.items() if key != "item_id"}
        for index, command in enumerate(thing["action"].get("commands") or []):
            at = Place({**keys, "command_index": index}, place.teller)
            yield at.event("response.shell_call_command.added", command="")
            for delta in pieces(command):
                padding = place.teller.pad(delta)
                noise = {} if padding is None else {"obfuscation": padding}
                yield at.event("response.shell_call_command.delta", delta=delta, **noise)
            yield at.event("response.shell_call_command.done", command=command)

    def cut(self, thing: Json, keep: Keep) -> Json:
        """Keep the commands that are told, the last one in part."""
        kept: list[str] = []
        for command in thing["action"].get("commands") or []:
            text = keep(command)
            kept += [text] if text else []
            if text != command:
                break
        return {"action": {**thing["action"], "commands": kept}}


class Outputs:
    """Tells what each command printed, without padding (wire-vs-spec §4)."""

    def open(self, thing: Json) -> Json:
        """Show no output."""
        return {"output": []}

    def unfold(self, thing: Json, place: Place) -> Iterator[Json]:
        """Yield, for each command, what it printed to each stream, and all of it once more."""
        for index, output in enumerate(thing.get("output") or []):
            at = place.within(command_index=index)
            for stream in ("stdout", "stderr"):
                if output.get(stream):
                    delta = {stream: output[stream]}
                    yield at.event("response.shell_call_output_content.delta", delta=delta)
            yield at.event("response.shell_call_output_content.done", output=[output])

    def cut(self, thing: Json, keep: Keep) -> Json:
        """Keep it all: what a command prints is no output of the model."""
        return {}
