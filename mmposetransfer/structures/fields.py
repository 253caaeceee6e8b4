"""What a pair may hold: the one table that everything on its way walks.

A row says of what kind a field is, on whose picture's grid it lies and what a
border of it holds. Packing, padding, cropping, resizing, mirroring, moving,
predicting and drawing follow from that, so a field of one's own needs one
line:

    register_field('tgt_depth', 'soft_map', 'tgt', doc='Metres, (1, H, W).')
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass

from mmposetransfer.errors import UserValueError

from .visibility import BACKGROUND

__all__ = ['FIELDS', 'KINDS', 'MAPS', 'Field', 'fields_in', 'register_field']

#: Kind -> its array in a dataset, its tensor in a network.
KINDS = {
    'image': '(H, W, 3) uint8 BGR; (3, H, W) float RGB in [-1, 1]',
    'soft_map': '(C, H, W) or (H, W) of any scale; (C, H, W) float32',
    'class_map': '(C, H, W) or (H, W) of labels; (C, H, W) uint8',
    'flow': '(2, H, W) in pixels, (dx, dy) on the target grid; float32',
    'keypoints': '(K, 3) of x and y in pixels and a score; float32',
    'vector': 'anything without a place in the picture, such as labels',
}
#: Kinds that have a height and a width.
MAPS = ('image', 'soft_map', 'class_map', 'flow')


@dataclass(frozen=True)
class Field:
    """One row of the table.

    Args:
        name (str): In the dataset's dictionaries and the network's inputs.
        kind (str): One of :data:`KINDS`.
        grid (str, optional): Whose picture it lies on, 'ref' or 'tgt'; None
            for a vector.
        fill (float): What an empty border of a map holds, in the network's
            unit: white of an image is 1.
        sample_name (str): In the data sample. Defaults to ``name``.
        swap (tuple[tuple[int, int]]): Labels of a class map, channels of a
            soft map or joints that a mirror exchanges, in pairs.
        given (bool): Whether a dataset may bring it; else methods predict
            it.
        packed (bool): Whether it goes to the network.
        mirrors (bool): Whether ``swap`` says all that a mirror changes. False
            for values that it changes in another way, such as coordinates on
            the body: pairs that hold them are not mirrored.
        stored (tuple[str, float], optional): How caches on disk keep its
            floats: integers of this type, each a multiple of this step;
            what is beyond their range is held at its end. Defaults to
            sixteenths of a pixel for flow, and to the floats themselves
            for all else.
        doc (str): For messages and the documentation.
    """

    name: str
    kind: str
    grid: str | None = None
    fill: float = 0
    sample_name: str = ''
    swap: tuple[tuple[int, int], ...] = ()
    given: bool = True
    packed: bool = True
    mirrors: bool = True
    stored: tuple[str, float] | None = None
    doc: str = ''

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UserValueError(
                f"the kind of the field '{self.name}' must be one of "
                f'{list(KINDS)}, got {self.kind!r}'
            )
        grids = (None,) if self.kind == 'vector' else ('ref', 'tgt')
        if self.grid not in grids:
            raise UserValueError(
                f"the grid of the field '{self.name}', a {self.kind}, must "
                f'be one of {grids}, got {self.grid!r}'
            )
        if self.kind == 'flow' and self.stored is None:
            object.__setattr__(self, 'stored', ('int16', 1 / 16))
        if not self.sample_name:
            object.__setattr__(self, 'sample_name', self.name)

    @property
    def is_map(self) -> bool:
        """Whether it has a height and a width."""
        return self.kind in MAPS


#: Name -> row.
FIELDS: dict[str, Field] = {}


def register_field(
    name: str, kind: str, grid: str | None = None, **row
) -> Field:
    """Add a row to the table; see :class:`Field` for the arguments.

    Returns:
        Field: The row.

    Raises:
        ValueError: If there is another row of that name, or of its name in
            the data sample, or the arguments do not fit.
    """
    field = Field(name, kind, grid, **row)
    for other in FIELDS.values():
        same = {name, field.sample_name} & {other.name, other.sample_name}
        if same and other != field:
            raise UserValueError(
                f"there is a field '{same.pop()}' already, a {other.kind}: "
                'give yours another name'
            )
    FIELDS[name] = field
    return field


def fields_in(
    holder: Container[str], *kinds: str, grid: str | None = None
) -> Iterator[Field]:
    """Rows of what a dictionary holds.

    Args:
        holder (Container[str]): Of names of fields; others are passed over.
        *kinds (str): Only these; defaults to all.
        grid (str, optional): Only what lies on this picture.

    Yields:
        Field: In the order of the table.
    """
    for field in FIELDS.values():
        if (
            field.name in holder
            and (not kinds or field.kind in kinds)
            and grid in (None, field.grid)
        ):
            yield field


# Joints of OpenPose-18 and body parts (left and right arm, leg).
_JOINTS = ((2, 5), (3, 6), (4, 7), (8, 11), (9, 12), (10, 13), (14, 15))
_JOINTS += ((16, 17),)
_LIMBS = ((3, 4), (5, 6))

for _side, _of in (('ref', 'reference'), ('tgt', 'target')):
    register_field(
        f'{_side}_img',
        'image',
        _side,
        fill=1,
        sample_name='gt_img' if _side == 'tgt' else '',
        doc=f'Picture of the {_of}.',
    )
    register_field(
        f'{_side}_keypoints',
        'keypoints',
        _side,
        swap=_JOINTS,
        doc=f'Pose of the {_of}, OpenPose-18.',
    )
    register_field(
        f'{_side}_fitted_keypoints',
        'keypoints',
        _side,
        swap=_JOINTS,
        packed=False,
        doc=f"The same, rendered from the {_of}'s fitted body.",
    )
    register_field(
        f'{_side}_parts',
        'class_map',
        _side,
        sample_name='gt_parts' if _side == 'tgt' else '',
        swap=_LIMBS,
        doc=f'Body parts of the {_of}: 0 background, 1 head, 2 torso, 3 left '
        'arm, 4 right arm, 5 left leg, 6 right leg.',
    )
    register_field(
        f'{_side}_person',
        'soft_map',
        _side,
        sample_name='gt_person' if _side == 'tgt' else '',
        stored=('uint8', 1 / 248),  # eighths are whole numbers of it
        doc=f'Share of the person, with clothes and hair, in each pixel of '
        f'the {_of}, (1, H, W) in [0, 1].',
    )
register_field(
    'ref_frame',
    'soft_map',
    'ref',
    doc='Share of the photograph in each pixel of the reference, (1, H, W) in '
    '[0, 1]: 0 where a border was added.',
)
register_field(
    'flow',
    'flow',
    'tgt',
    sample_name='gt_flow',
    doc='True flow: reference minus target position.',
)
register_field(
    'visibility',
    'class_map',
    'tgt',
    fill=BACKGROUND,
    sample_name='gt_visibility',
    doc='True visibility: 0 visible, 1 invisible, 2 background.',
)
register_field(
    'fit_flow',
    'flow',
    'tgt',
    doc='Flow of bodies fitted to the poses that the network sees; it may go '
    'on beyond the body.',
)
register_field(
    'fit_visibility',
    'class_map',
    'tgt',
    fill=BACKGROUND,
    doc='Visibility by those bodies.',
)
register_field(
    'twin_flow',
    'flow',
    'tgt',
    doc='Likewise, to the mirror twin of the point: where the reference has '
    "the same point of the body's other side.",
)
register_field(
    'twin_visibility',
    'class_map',
    'tgt',
    fill=BACKGROUND,
    doc='Whether the reference shows that twin.',
)
register_field(
    'near_flow',
    'flow',
    'tgt',
    doc='Likewise, to the nearest point of the body that the reference shows.',
)
register_field(
    'near_trust',
    'soft_map',
    'tgt',
    stored=('uint8', 1 / 255),
    doc='How near that point is, (1, H, W) in [0, 1]: 1 for the very point.',
)
# Coordinates, which a mirror changes in its own way; never mixed.
register_field(
    'tgt_surface',
    'class_map',
    'tgt',
    mirrors=False,
    doc='What each pixel of the target shows of the fitted body: column and '
    'row of its texture of 256x256, (2, H, W); 0 and 0 off the body.',
)
register_field('attributes', 'vector', doc='Clothing labels, (A,) uint8.')
register_field(
    'target_img',
    'image',
    'tgt',
    fill=1,
    given=False,
    doc='Picture that the target pose was found in.',
)
register_field(
    'pred_img', 'image', 'tgt', fill=1, given=False, doc='The result.'
)
register_field('pred_flow', 'flow', 'tgt', given=False, doc='Predicted flow.')
register_field(
    'pred_visibility',
    'class_map',
    'tgt',
    fill=BACKGROUND,
    given=False,
    doc='Predicted visibility.',
)
register_field(
    'pred_twin_flow',
    'flow',
    'tgt',
    given=False,
    doc='Predicted flow to the mirror twins.',
)
register_field(
    'pred_twin_visibility',
    'class_map',
    'tgt',
    fill=BACKGROUND,
    given=False,
    doc='Predicted visibility of the mirror twins.',
)
register_field(
    'pred_near_flow',
    'flow',
    'tgt',
    given=False,
    doc='Predicted flow to the nearest point that the reference shows.',
)
register_field(
    'warped_img',
    'image',
    'tgt',
    fill=1,
    given=False,
    doc='Reference, warped by the predicted flow.',
)
register_field(
    'generated_img',
    'image',
    'tgt',
    fill=1,
    given=False,
    doc='Picture of an earlier step, such as that before pixel warping.',
)
register_field(
    'weight_map',
    'soft_map',
    'tgt',
    given=False,
    doc='Weight of the warped image in [0, 1], (1, H, W).',
)
register_field(
    'background_img',
    'image',
    'tgt',
    fill=1,
    given=False,
    doc="The reference's background, the person taken out.",
)
register_field(
    'background_weight',
    'soft_map',
    'tgt',
    given=False,
    doc='Weight of the background in [0, 1], (1, H, W).',
)
register_field(
    'pred_person',
    'soft_map',
    'tgt',
    given=False,
    doc='Share of the person in each pixel of the result, (1, H, W).',
)
