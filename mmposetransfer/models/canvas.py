"""From the size of a batch's pictures to what the networks get, and back."""

from dataclasses import dataclass

from torch import Tensor

from mmposetransfer.errors import UserKeyError, UserValueError
from mmposetransfer.structures import FIELDS, MAPS, fields_in

from .padding import Box, crop_field, pad_field, padded
from .stretching import Size, stretch_field

__all__ = ['Canvas', 'picture_size']


def picture_size(inputs: dict[str, Tensor]) -> Size:
    """Height and width of a batch: of images or, without, of other maps.

    Args:
        inputs (dict[str, Tensor]): At least one field that is a map.

    Raises:
        ValueError: If there is none.
    """
    for field in fields_in(inputs, *MAPS):
        height, width = inputs[field.name].shape[-2:]
        return height, width
    raise UserValueError(
        f'the size of the pictures is unknown: of {sorted(inputs)} none is '
        'an image or a map'
    )


@dataclass(frozen=True)
class Canvas:
    """How pictures lie on what the networks get: stretched, with a border.

    Convention: sizes are (height, width).

    Attributes:
        pictures: Size of the pictures.
        box: Where they lie on the canvas: left, top, width, height. Where
            the box has another size, they are stretched to it.
        size: Of the canvas.
    """

    pictures: Size
    box: Box
    size: Size

    @classmethod
    def of(
        cls, pictures: Size, stretch: Size | None = None, divisor: int = 1
    ) -> 'Canvas':
        """The canvas of pictures.

        Args:
            pictures (tuple[int, int]): Their size.
            stretch (tuple[int, int], optional): The size that they are
                stretched to. Defaults to their own.
            divisor (int): Of the canvas's sides, by a border.
        """
        return cls(pictures, *padded(stretch or pictures, divisor))

    @property
    def is_pictures(self) -> bool:
        """Whether the pictures are the canvas, as they are."""
        return self.pictures == self.size == self._stretched

    @property
    def _stretched(self):
        return self.box[3], self.box[2]

    def place(self, fields: dict[str, Tensor]) -> dict[str, Tensor]:
        """Bring all of a batch onto the canvas.

        Args:
            fields (dict[str, Tensor]): By names of the table of fields, at
                the size of the pictures; other entries stay as they are.
        """
        return fields | {
            field.name: self._placed(field, fields[field.name])
            for field in fields_in(fields)
        }

    def restore(self, fields: dict[str, Tensor]) -> dict[str, Tensor]:
        """Undo `place`; what a stretch has blurred stays blurred."""
        return fields | {
            field.name: self._restored(field, fields[field.name])
            for field in fields_in(fields)
        }

    def restore_predictions(
        self, predictions: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """Bring predictions to the size of the pictures.

        Args:
            predictions (dict[str, Tensor]): By the names of data samples.

        Raises:
            KeyError: If a prediction is none of the fields, so that its kind
                is unknown.
        """
        rows = {field.sample_name: field for field in FIELDS.values()}
        unknown = sorted(set(predictions) - set(rows))
        if unknown:
            raise UserKeyError(
                f'the method predicts {unknown}, of which no field is known: '
                'add it with mmposetransfer.structures.register_field(NAME, '
                "'image', 'tgt', given=False), or another kind"
            )
        return {
            name: self._restored(rows[name], value)
            for name, value in predictions.items()
        }

    def _placed(self, field, value):
        value = stretch_field(field, value, self.pictures, self._stretched)
        return pad_field(field, value, self.box, self.size)

    def _restored(self, field, value):
        value = crop_field(field, value, self.box)
        return stretch_field(field, value, self._stretched, self.pictures)
