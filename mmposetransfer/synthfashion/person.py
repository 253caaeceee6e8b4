"""A person: identity, outfit and the dressed mesh in the rest pose."""

from dataclasses import dataclass

import numpy as np

from mmposetransfer.geometry.lbs import SkinWeights, skin, sparse_weights
from mmposetransfer.geometry.smpl_layout import OPENPOSE_FACE

from .attributes import describe
from .garments import MARGIN, cloth_distance, make_shell
from .hair import HAIRSTYLES, make_hair
from .kinematics import joint_transforms, strongest_bones
from .looks import garment_materials, person_materials
from .materials import BACK, FRONT, NO_SIDE, MaterialTable
from .mesh import DEEP, EDGE, Mesh, all_corners, concatenate
from .palette import sample_colors
from .shoes import make_shoe
from .skirts import make_skirt
from .surface import vertex_normals
from .wardrobe import SHOES, sample_outfit

__all__ = ['Identity', 'Person', 'build_person', 'sample_identity']

PARENTS = np.array([-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14,
                    16, 17, 18, 19, 20, 21])
SKIN_MATERIAL, HEAD_MATERIAL, EYE_MATERIAL, HAIR_MATERIAL = range(4)


@dataclass(frozen=True)
class Identity:
    """Who somebody is, undressed.

    Attributes:
        feminine (bool): Shape of the body and choice of clothes.
        betas (np.ndarray): (num_betas,) shape coefficients.
        skin (np.ndarray): (3,) sRGB in [0, 1].
        hair (np.ndarray): (3,) sRGB in [0, 1].
        hairstyle (str): One of ``hair.HAIRSTYLES``.
        beard (float): Darkness of the stubble, 0 for none.
        makeup (float): Strength of lipstick, 0 for none.
        eyes (np.ndarray): (3,) sRGB of the iris.
    """

    feminine: bool
    betas: np.ndarray
    skin: np.ndarray
    hair: np.ndarray
    hairstyle: str
    beard: float
    makeup: float
    eyes: np.ndarray


@dataclass(frozen=True)
class Person:
    """A dressed person in the rest pose, ready to be posed and drawn.

    Attributes:
        identity (Identity): Who it is.
        outfit (list[Garment]): What is worn.
        rest (np.ndarray): (V, 3) float32 metres.
        skinning (SkinWeights): Bones of the vertices.
        mesh (Mesh): Faces, chart coordinates, materials and parts.
        side (np.ndarray): (F,) uint8, which decal a face shows.
        deep (np.ndarray): (F,) bool, faces whose inside is out of sight.
        table (MaterialTable): Looks.
        attributes (np.ndarray): (A,) uint8, see ``ATTRIBUTES``.
        skeleton_rest (np.ndarray): (29, 3) rest joints and face landmarks.
        skeleton_weights (SkinWeights): Their bones.
    """

    identity: Identity
    outfit: list
    rest: np.ndarray
    skinning: object
    mesh: Mesh
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
            turns.reshape(24, 3).astype(np.float64), PARENTS)

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


_EYES = np.float32([[.30, .19, .11], [.25, .15, .09], [.35, .45, .55],
                    [.32, .42, .30], [.45, .33, .18]])


def sample_identity(rng, num_betas):
    """Draw somebody.

    Args:
        rng (np.random.Generator): Source of randomness.
        num_betas (int): Number of shape coefficients.

    Returns:
        Identity: Who.
    """
    feminine = bool(rng.random() < 0.62)
    betas = np.clip(rng.normal(0, 0.55, num_betas), -1.2, 1.2)
    betas[0] = (1 if feminine else -1) * rng.uniform(0.65, 1.05)
    weights = np.array([style[0 if feminine else 1]
                        for style in HAIRSTYLES.values()], float)
    hairstyle = tuple(HAIRSTYLES)[int(rng.choice(len(weights),
                                                 p=weights / weights.sum()))]
    skin = sample_colors(rng, 1, 'skin')[0]
    dark = skin.mean() < 0.5
    # Dark skin mostly goes with dark hair and brown eyes.
    hairs = sample_colors(rng, 3, 'hair')
    hair = hairs[hairs.mean(1).argmin()] if dark else hairs[0]
    return Identity(
        feminine, betas.astype(np.float32), skin, hair, hairstyle,
        0.0 if feminine else float(rng.choice([0, 0, 0.3, 0.5])),
        float(rng.choice([0, 0.4, 0.9])) if feminine else 0.0,
        _EYES[int(rng.integers(2 if dark else len(_EYES)))])


def _body_mesh(surface, place, outfit):
    """The skin that no cloth covers."""
    covered = np.zeros(len(place), bool)
    for garment in outfit:
        covered |= cloth_distance(surface.canon, garment, surface) > MARGIN
    covered &= ~surface.is_face
    bare = ~all_corners(covered, surface.faces)
    bare &= surface.is_seen
    vertices = np.concatenate(
        [place, surface.canon, np.ones((len(place), 1)),
         np.zeros((len(place), 1)), surface.weights], 1).astype(np.float32)
    faces = surface.faces[bare]
    material = np.where(surface.is_eye_face, EYE_MATERIAL, np.where(
        surface.is_face_face, HEAD_MATERIAL, SKIN_MATERIAL))[bare]
    return Mesh(vertices, faces, np.zeros((len(faces), 3, 2), np.float32),
                material.astype(np.int32), surface.part[bare])


def _without_hidden(mesh, outer, surface):
    """A layer without what other layers over it hide."""
    if not outer:
        return mesh
    hidden = np.zeros(len(mesh.vertices), bool)
    for garment in outer:
        hidden |= cloth_distance(mesh.canon, garment, surface) > MARGIN
    return mesh.take_faces(~all_corners(hidden, mesh.faces))


def _with_material(mesh, index):
    return Mesh(mesh.vertices, mesh.faces, mesh.uv,
                np.full(len(mesh.faces), index, np.int32), mesh.part)


def _pieces(garment, surface, place, normals, joints, rng):
    """Meshes of a garment, each with its material counted from the first."""
    if garment.category in SHOES:
        shoes = [make_shoe(garment, surface, place, joints, side)
                 for side in (0, 1)]
        return [(mesh, index) for shoe in shoes
                for index, mesh in enumerate(shoe)]
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


def _compact(mesh):
    """Drop vertices that no face names."""
    used = np.zeros(len(mesh.vertices), bool)
    used[mesh.faces.ravel()] = True
    renumber = np.cumsum(used, dtype=np.int32) - 1
    return Mesh(mesh.vertices[used], renumber[mesh.faces], mesh.uv,
                mesh.material, mesh.part)


def _sides(mesh):
    """Front or back of cloth and face, by the normals at rest."""
    a, b, c = (mesh.place[mesh.faces[:, k]] for k in range(3))
    toward = np.cross(b - a, c - a)[:, 2]
    side = np.where(toward > 0, FRONT, BACK).astype(np.uint8)
    side[mesh.material == SKIN_MATERIAL] = NO_SIDE
    return side


def build_person(rng, surface):
    """Draw a person and make the dressed mesh.

    Args:
        rng (np.random.Generator): Source of randomness; decides everything.
        surface (BodySurface): The body.

    Returns:
        Person: Ready to be posed.
    """
    identity = sample_identity(rng, surface.body.num_betas)
    outfit = sample_outfit(rng, identity.feminine)
    place, joints = surface.shape(identity.betas)
    normals = vertex_normals(place, surface.faces)
    looks = person_materials(identity, surface, rng)
    meshes = [_body_mesh(surface, place, outfit)]
    meshes += [_with_material(piece, HAIR_MATERIAL) for piece in make_hair(
        identity.hairstyle, surface, place, normals, joints, rng)]
    meshes += _dress(outfit, surface, (place, normals, joints), rng, looks)
    mesh = _compact(concatenate(meshes))
    face = [surface.body.landmarks[name] for name in OPENPOSE_FACE]
    bones = SkinWeights(*strongest_bones(mesh.weights, 4))
    return Person(identity, outfit, np.ascontiguousarray(mesh.place), bones,
                  mesh, _sides(mesh), all_corners(
                      mesh.vertices[:, EDGE] > DEEP, mesh.faces),
                  MaterialTable(looks), describe(identity, outfit),
                  np.concatenate([joints, place[face]]).astype(np.float32),
                  sparse_weights(np.concatenate(
                      [np.eye(24), surface.weights[face]])))
