"""The body as a dressmaker sees it: levels, limbs, normals, relaxation.

Garments are cut on the mean body in the T-pose (the canonical place of each
vertex), in units that do not depend on a person: heights in `levels` (0
ankle, 1 knee, 2 hip, 3 neck) and lengths along the arm (0 shoulder, 1 elbow,
2 wrist).
"""

from functools import lru_cache

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial.transform import Rotation

from mmposetransfer.geometry.body_model import BodyModel
from mmposetransfer.geometry.normals import vertex_normals
from mmposetransfer.geometry.rasterizer import rasterize

from .skin_patch import SkinPatch

__all__ = ['BodySurface', 'get_surface']


class BodySurface:
    """The mean body with its landmarks, and the shapes of persons.

    Args:
        body (BodyModel): In the SMPL format; posed by its own class.

    Attributes:
        canon (np.ndarray): (V, 3) float32 mean T-pose.
        joints (np.ndarray): (24, 3) its joints.
        normals (np.ndarray): (V, 3) its normals.
        faces (np.ndarray): (F, 3) int32.
        weights (np.ndarray): (V, 24) float32.
        part (np.ndarray): (F,) uint8.
    """

    def __init__(self, body):
        self.body = body
        self.faces = np.ascontiguousarray(body.faces, np.int32)
        self.weights = np.ascontiguousarray(body.weights, np.float32)
        self.part = np.asarray(body.face_parts, np.uint8)
        self.canon, self.joints = self.shape(np.zeros(body.num_betas))
        self.normals = vertex_normals(self.canon, self.faces)
        self._heights = self._level_heights()
        self._mark_regions()
        self.skin = SkinPatch(self, np.ones(len(self.canon), bool))
        self.scalp = SkinPatch(self, self.is_head)
        self.cloth = SkinPatch(
            self,
            ~self.is_face & (np.abs(self.canon[:, 0]) < self.reach(2) + 0.05),
        )

    def _level_heights(self):
        heights = self.joints[:, 1]
        return [
            float(heights[list(joints)].mean())
            for joints in ((7, 8), (4, 5), (1, 2), (12,))
        ]

    def _mark_regions(self):
        """Vertices and faces of the head, the eyes and the trunk."""
        marks = self.canon[
            [self.body.landmarks[name] for name in ('leye', 'reye', 'lear')]
        ]
        self.eye_height = float(marks[0, 1])
        self.head_centre = np.float32([0, self.eye_height, marks[2, 2]])
        self.head_top = float(self.canon[:, 1].max())
        head = self.weights[:, 15]
        self.is_head = head > 0.4
        self.is_face = (head > 0.5) & (
            self.canon[:, 1] > self.eye_height - 0.085
        )
        self.ear = marks[2]
        self.strongest = self.weights.argmax(1)
        self.is_trunk = self.led_by(range(10))
        self.is_eye_face = self._component(marks[:2])[self.faces].all(1)
        self.is_face_face = (head > 0.3)[self.faces].all(1)
        self.is_seen = self._seen() | ~self.is_face_face

    def _seen(self):
        """Faces of the head that some direction sees: not the mouth's."""
        seen = np.zeros(len(self.faces) + 1, bool)
        centre = self.head_centre
        for azimuth in range(0, 360, 45):
            for elevation in (-40, 0, 40):
                turn = Rotation.from_euler(
                    'XY', [elevation, azimuth], degrees=True
                ).as_matrix()
                view = (self.canon - centre) @ turn.T * 1400 + 256
                view[:, 2] *= -1
                seen[rasterize(view, self.faces, (512, 512)).face] = True
        return seen[:-1]

    def _component(self, near):
        """Vertices of the loose pieces (eyeballs) around given points."""
        links = coo_matrix(
            (
                np.ones(self.faces.size),
                (self.faces.ravel(), np.roll(self.faces, 1, 1).ravel()),
            ),
            shape=(len(self.canon),) * 2,
        )
        label = connected_components(links, directed=False)[1]
        body = np.bincount(label).argmax()
        distance = np.linalg.norm(self.canon[:, None] - near, axis=2).min(1)
        return (label != body) & (distance < 0.03)

    def led_by(self, joints):
        """(V,) bool, the vertices that one of some joints moves most."""
        chosen = np.zeros(self.weights.shape[1], bool)
        chosen[list(joints)] = True
        return chosen[self.strongest]

    def shape(self, betas):
        """Rest vertices (V, 3) float32 and joints (24, 3) of a shape."""
        vertices = self.body.rest_vertices(betas)[0]
        return np.ascontiguousarray(vertices), self.body.rest_joints(betas)[0]

    def height(self, level):
        """Canonical y of a level, extended beyond ankle and neck."""
        ladder = self._heights
        step = min(max(int(level), 0), 2)
        return ladder[step] + (level - step) * (
            ladder[step + 1] - ladder[step]
        )

    def reach(self, length):
        """Canonical |x| of a length along the arm."""
        step = min(max(int(length), 0), 1)
        low, high = (
            float(abs(self.joints[joint, 0]))
            for joint in ((16, 18, 20)[step], (18, 20)[step])
        )
        return low + (length - step) * (high - low)

    def person_heights(self, heights, joints):
        """Canonical heights of a hanging tube carried over to a person.

        Args:
            heights (np.ndarray): Canonical y, metres.
            joints (np.ndarray): (24, 3) rest joints of the person.

        Returns:
            np.ndarray: y of the person, linear between the joints.
        """
        ladder = [7, 4, 1, 3, 6, 9, 12]
        known, own = self.joints[ladder, 1], joints[ladder, 1]
        return np.interp(heights, known, own)


@lru_cache(maxsize=1)
def get_surface():
    """The surface of the free body, made once a process."""
    return BodySurface(BodyModel())
