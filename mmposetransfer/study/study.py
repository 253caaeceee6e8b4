"""All that a study is, as its database keeps it."""

import json
import secrets
from dataclasses import asdict, dataclass, field
from typing import Any

from .design import StudyDesign

__all__ = ['Study']


@dataclass(frozen=True)
class Study:
    """A study, from its first participant to the last.

    Attributes:
        design: How many pictures of what.
        folders: Source ('real', 'reference', 'pose' or a method) -> folder of
            its pictures.
        scenes: In the order in which participants are given them.
        seed: Of all that is random.
        beside: Sources whose pictures are shown with a pair.
        seconds: How long a picture of real or fake is shown.
        zoom: Each pixel is shown as a square of so many.
        participants: How many may take part at most.
        asked: The options that the study was begun with, to tell whether
            later ones are the same.
        identity: Tells a browser this study from others.
    """

    design: StudyDesign
    folders: dict[str, str]
    scenes: list[str]
    seed: int
    beside: tuple[str, ...] = ()
    seconds: float = 1.0
    zoom: int = 1
    participants: int = 1000
    asked: dict[str, Any] = field(default_factory=dict)
    identity: str = field(default_factory=lambda: secrets.token_hex(8))

    def to_json(self) -> str:
        """The study as text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> 'Study':
        """The study of a text that `to_json` made."""
        values = json.loads(text)
        design = values.pop('design')
        design['methods'] = tuple(design['methods'])
        values['beside'] = tuple(values['beside'])
        return cls(design=StudyDesign(**design), **values)
