"""The rows of surface coordinates in the table of fields."""

from mmposetransfer.structures import register_field

__all__ = ['NUM_PARTS', 'STEPS']

#: Parts of the surface, as DensePose numbers them from 1; 0 is none.
NUM_PARTS = 24
#: Coordinates go from 0 to this, as in DensePose's files.
STEPS = 255

for _side, _of in (('ref', 'reference'), ('tgt', 'target')):
    # Labels and coordinates alike are never mixed where a map is moved.
    register_field(
        f'{_side}_iuv',
        'class_map',
        _side,
        mirrors=False,
        doc=f'Surface of the body in the {_of}, (3, H, W) uint8: part, 0 '
        'background and 1 to 24, then u and v in it, 0 to 255.',
    )
