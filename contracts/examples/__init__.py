"""Golden messages: one of each wire name and version that is supported, every field set.

A consumer is tested on what its producers say here; an example of a version in use is never
changed, only joined by one of the next version.
"""

from importlib.resources import files

from google.protobuf import text_format
from google.protobuf.message import Message

from contracts.registry import REGISTRY


def example(wire: str) -> Message:
    """The golden message of ``wire``. Raises FileNotFoundError where there is none."""
    text = files(__name__).joinpath(f"{wire}.txtpb").read_text()
    return text_format.Parse(text, REGISTRY.by_wire[wire].message())
