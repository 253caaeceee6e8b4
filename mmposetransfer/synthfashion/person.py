"""A person: identity, outfit and the dressed mesh in the rest pose."""

from dataclasses import dataclass, replace

import numpy as np
from numba import njit

from mmposetransfer.geometry.kinematics import (
    joint_transforms,
    strongest_bones,
)
from mmposetransfer.geometry.lbs import SkinWeights, skin, sparse_weights
from mmposetransfer.geometry.normals import vertex_normals
from mmposetransfer.geometry.smpl_layout import OPENPOSE_FACE, PARENTS

from .attributes import describe
from .garments import MARGIN, cloth_distance, make_shell
from .hair import make_hair
from .identity import Identity, sample_identity
from .looks import garment_materials, person_materials
from .materials import BACK, FRONT, NO_SIDE, MaterialTable
from .mesh import (
    DEEP,
    EDGE,
    FOLD,
    PLACE,
    WEIGHTS,
    all_corners,
    concatenate,
    renumber,
)
from .shoes import make_shoe
from .skirts import make_skirt
from .wardrobe import SHOES, sample_outfit

__all__ = ['Person', 'build_person']

# Columns of ``Person.points``: canonical x and y, edge and folds.
_OWN = [3, 4, EDGE, FOLD]
SKIN_MATERIAL, HEAD_MATERIAL, EYE_MATERIAL, HAIR_MATERIAL = range(4)


@dataclass(frozen=True)
class Person:
    """A dressed person in the rest pose, ready to be posed and drawn.

    Attributes:
        identity (Identity): Who it is.
        outfit (tuple[Garment]): What is worn, without its textures.
        rest (np.ndarray): (V, 3) float32 metres.
        skinning (SkinWeights): Bones of the vertices.
        faces (np.ndarray): (F, 3) int32.
        uv (np.ndarray): (F, 3, 2) float32 chart coordinates in metres.
        material (np.ndarray): (F,) int32, rows of the table.
        part (np.ndarray): (F,) uint8 body part, 1 to 6.
        points (np.ndarray): (V, 4) float32 canonical x and y, distance to
            the edge of cloth, depth of folds.
        side (np.ndarray): (F,) uint8, which decal a face shows.
        deep (np.ndarray): (F,) bool, faces whose inside is out of sight.
        table (MaterialTable): Looks.
        attributes (np.ndarray): (A,) uint8, see ``ATTRIBUTES``.
        skeleton_rest (np.ndarray): (29, 3) rest joints and face landmarks.
        skeleton_weights (SkinWeights): Their bones.
    """

    identity: Identity
    outfit: tuple
    rest: np.ndarray
    skinning: object
    faces: np.ndarray
    uv: np.ndarray
    material: np.ndarray
    part: np.ndarray
    points: np.ndarray
    side: np.ndarray
    deep: np.ndarray
    table: MaterialTable
    attributes: np.ndarray
    skeleton_rest: np.ndarray
    skeleton_weights: np.ndarray

    def transforms(self, pose):
        """Joint transforms (24, 4, 4) of a ``Pose`` of this person."""
        turns = np.concatenate([pose.global_orient, pose.body_pose])
        return joint_transforms(
            self.skeleton_rest[:24].astype(np.float64),
            turns.reshape(24, 3).astype(np.float64),
            PARENTS,
        )

    def skeleton(self, transforms):
        """Joints and face landmarks in a pose.

        Args:
            transforms (np.ndarray): (24, 4, 4) of the joints.

        Returns:
            tuple: (24, 3) joints; (5, 3) nose, right eye, left eye, right
            ear, left ear; world metres.
        """
        posed = skin(self.skeleton_rest, self.skeleton_weights, transforms)
        return posed[:24], posed[24:]


def _body_mesh(surface, place, outfit):
    """The skin that no cloth covers."""
    covered = np.zeros(len(place), bool)
    for garment in outfit:
        covered |= cloth_distance(surface.canon, garment, surface) > MARGIN
    covered &= ~surface.is_face
    bare = ~all_corners(covered, surface.faces)
    bare &= surface.is_seen
    material = np.where(
        surface.is_eye_face,
        EYE_MATERIAL,
        np.where(surface.is_face_face, HEAD_MATERIAL, SKIN_MATERIAL),
    )[bare]
    mesh = surface.skin.cut_out(bare, place, 1.0, 0.0)
    # Skin has no texture to lay out.
    uv = np.zeros((len(mesh.faces), 3, 2), np.float32)
    return replace(mesh, uv=uv, material=material.astype(np.int32))


def _without_hidden(mesh, outer, surface):
    """A layer without what other layers over it hide."""
    if not outer:
        return mesh
    hidden = np.zeros(len(mesh.vertices), bool)
    for garment in outer:
        hidden |= cloth_distance(mesh.canon, garment, surface) > MARGIN
    shown = ~all_corners(hidden, mesh.faces)
    return mesh.take_faces(np.flatnonzero(shown))


def _with_material(mesh, index):
    return replace(mesh, material=np.full(len(mesh.faces), index, np.int32))


def _pieces(garment, surface, place, normals, joints, rng):
    """Meshes of a garment, each with its material counted from the first."""
    if garment.category in SHOES:
        shoes = [
            make_shoe(garment, surface, place, joints, side) for side in (0, 1)
        ]
        return [
            (mesh, index) for shoe in shoes for index, mesh in enumerate(shoe)
        ]
    pieces = []
    if garment.is_upper or not garment.has_skirt:
        pieces.append((make_shell(garment, surface, place, normals), 0))
    if garment.has_skirt:
        pieces.append((make_skirt(garment, surface, place, joints, rng), 0))
    return pieces


def _dress(outfit, surface, body, rng, looks):
    """Meshes of an outfit; their materials are added to ``looks``."""
    meshes = []
    for garment in outfit:
        outer = [other for other in outfit if other.layer > garment.layer]
        for piece, index in _pieces(garment, surface, *body, rng):
            piece = _without_hidden(piece, outer, surface)
            meshes.append(_with_material(piece, len(looks) + index))
        looks += garment_materials(garment, surface, rng)
    return meshes


@njit(cache=True, nogil=True)
def _face_flags(place, edge, faces):
    """Whether faces look to the front at rest, and whether they are deep."""
    front = np.empty(len(faces), np.bool_)
    deep = np.empty(len(faces), np.bool_)
    for f in range(len(faces)):
        i, j, k = faces[f, 0], faces[f, 1], faces[f, 2]
        front[f] = (place[j, 0] - place[i, 0]) * (
            place[k, 1] - place[i, 1]
        ) > (place[k, 0] - place[i, 0]) * (place[j, 1] - place[i, 1])
        deep[f] = min(min(edge[i], edge[j]), edge[k]) > DEEP
    return front, deep


def build_person(rng, surface, finest=0.0):
    """Draw a person and make the dressed mesh.

    Args:
        rng (np.random.Generator): Source of randomness; decides everything.
        surface (BodySurface): The body.
        finest (float): Metres in the smallest pixel it will be drawn with;
            finer textures are not kept.

    Returns:
        Person: Ready to be posed.
    """
    identity = sample_identity(rng, surface.body.num_betas)
    outfit = sample_outfit(rng, identity.feminine)
    bare, joints = surface.shape(identity.betas)
    normals = vertex_normals(bare, surface.faces)
    looks = person_materials(identity, surface, rng)
    meshes = [_body_mesh(surface, bare, outfit)]
    meshes += [
        _with_material(piece, HAIR_MATERIAL)
        for piece in make_hair(
            identity.hairstyle, surface, bare, normals, joints, rng
        )
    ]
    meshes += _dress(outfit, surface, (bare, normals, joints), rng, looks)
    mesh = concatenate(meshes)
    rows, faces = renumber(mesh.faces, len(mesh.vertices))
    # Without the weights, which strongest_bones looks up itself.
    vertices = mesh.vertices[:, : WEIGHTS.start].take(rows, 0)
    place = np.ascontiguousarray(vertices[:, PLACE])
    surface_points = np.ascontiguousarray(vertices[:, _OWN])
    front, deep = _face_flags(place, surface_points[:, 2], faces)
    side = np.where(front, FRONT, BACK).astype(np.uint8)
    side[mesh.material == SKIN_MATERIAL] = NO_SIDE
    # The face reaches around to the ears, whichever way the jaw looks.
    head = mesh.material == HEAD_MATERIAL
    before = all_corners(vertices[:, 5] > surface.ear[2], faces[head])
    side[head] = np.where(before, FRONT, NO_SIDE)
    return Person(
        identity,
        tuple(replace(garment, texture=None) for garment in outfit),
        place,
        SkinWeights(*strongest_bones(mesh.vertices[:, WEIGHTS], rows, 4)),
        faces,
        mesh.uv,
        mesh.material,
        mesh.part,
        surface_points,
        side,
        deep,
        MaterialTable(looks, finest),
        describe(identity, outfit),
        *_skeleton(surface, bare, joints),
    )


def _skeleton(surface, place, joints):
    """Rest places and bones of the joints and the face's landmarks."""
    face = [surface.body.landmarks[name] for name in OPENPOSE_FACE]
    weights = np.concatenate([np.eye(24), surface.weights[face]])
    return (
        np.concatenate([joints, place[face]]).astype(np.float32),
        sparse_weights(weights),
    )
