"""Hair shapes that grow on the free body."""

from dataclasses import dataclass

import numpy as np

from mmposetransfer.errors import UserValueError

from .body_model import BodyModel
from .lbs import SkinWeights, skin, sparse_weights


@dataclass
class Hair:
    """A sheet of triangles that is anchored to a body's scalp.

    Attributes:
        faces: (M, 3) int32 triangles; to be drawn from both sides.
        uv: (N, 2) float32, u around the head, v from 0 at the crown to 1 at
            the tips: strands run along v.
        anchor: (N,) int32, the body's vertex that each point grows from.
        offset: (N, 3) float32 metres, from there to the point at rest.
        skin_weights: (N, K) weights of the body's joints.
    """

    faces: np.ndarray
    uv: np.ndarray
    anchor: np.ndarray
    offset: np.ndarray
    skin_weights: SkinWeights

    def pose(
        self, rest_vertices: np.ndarray, transforms: np.ndarray
    ) -> np.ndarray:
        """Move the hair with the body.

        Args:
            rest_vertices: (V, 3) or (B, V, 3) of the body, by
                ``BodyModel.rest_vertices``.
            transforms: (24, 4, 4) or (B, 24, 4, 4), by
                ``BodyModel.joint_transforms``.

        Returns:
            (N, 3) or (B, N, 3) float32, metres.
        """
        rest = np.asarray(rest_vertices)[..., self.anchor, :] + self.offset
        return skin(rest, self.skin_weights, transforms)


def hair_styles(body: BodyModel) -> tuple[str, ...]:
    """Names of the hair shapes that come with a body; none for SMPL."""
    return tuple(str(s) for s in body.extras.get('hair_styles', ()))


def load_hair(body: BodyModel, style: str) -> Hair:
    """One of the hair shapes that come with a body.

    Args:
        body: the free body.
        style: one of :func:`hair_styles`.

    Raises:
        ValueError: if the body has no such hair.
    """
    if style not in hair_styles(body):
        raise UserValueError(
            f'no hair {style!r} on {body.path}; it has '
            f'{", ".join(hair_styles(body)) or "none"}'
        )
    part = {
        key: body.extras[f'hair_{style}_{key}']
        for key in ('faces', 'uv', 'anchor', 'offset', 'weights')
    }
    part['skin_weights'] = sparse_weights(part.pop('weights'))
    return Hair(**part)
