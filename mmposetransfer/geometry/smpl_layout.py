"""What the joints and vertices of a body in the SMPL format stand for."""

import numpy as np
from smplx.vertex_ids import vertex_ids

SMPL_VERTICES = 6890
#: The joint that each joint hangs on, -1 for the pelvis; parents come first.
PARENTS = np.array((-1, 0, 0, *range(9), 9, 9, 9, 12, 13, 14, *range(16, 22)))
# 1 head, 2 torso, 3 left arm, 4 right arm, 5 left leg, 6 right leg, by joint
PART_OF_JOINT = np.array(
    [2, 5, 6, 2, 5, 6, 2, 5, 6, 2, 5, 6, 1, 2, 2, 1, 3, 4, 3, 4, 3, 4, 3, 4],
    dtype=np.uint8,
)
# SMPL's joint behind each OpenPose-18 keypoint from right shoulder to ankle
OPENPOSE_JOINTS = (17, 19, 21, 16, 18, 20, 2, 5, 8, 1, 4, 7)
LEFT_RIGHT_SHOULDER = (16, 17)
OPENPOSE_FACE = ('nose', 'reye', 'leye', 'rear', 'lear')


def body_parts(
    weights: np.ndarray,
    faces: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Label vertices and triangles by their strongest joint.

    Args:
        weights: (V, 24) skinning weights.
        faces: (F, 3) triangles.

    Returns:
        Two uint8 arrays, (V,) and (F,); 1 head, 2 torso, 3 left arm,
        4 right arm, 5 left leg, 6 right leg.
    """
    labels = PART_OF_JOINT[weights.argmax(axis=1)]
    face_joints = weights[faces].sum(axis=1).argmax(axis=1)
    return labels, PART_OF_JOINT[face_joints]


def find_landmarks(data: dict) -> dict | None:
    """Named vertices of a body: nose, eyes, ears, finger tips, toes, heels.

    Args:
        data: arrays of a body file; its keys landmarks and landmark_names
            where it has them, smplx's vertices if the mesh is SMPL's.

    Returns:
        dict of smplx's name -> vertex, or None where they are not known.
    """
    if 'landmarks' in data and 'landmark_names' in data:
        return {
            str(name): int(vertex)
            for name, vertex in zip(
                data['landmark_names'], data['landmarks'], strict=True
            )
        }
    if len(data['v_template']) == SMPL_VERTICES:
        return dict(vertex_ids['smplh'])
    return None


def openpose_keypoints(
    vertices: np.ndarray, joints: np.ndarray, landmarks: dict
) -> np.ndarray:
    """Keypoints in the order of OpenPose-18.

    The neck is the middle of the shoulders, as OpenPose has it; nose, eyes
    and ears are vertices.

    Args:
        vertices: (B, V, 3) posed vertices.
        joints: (B, 24, 3) posed joints.
        landmarks: dict of name -> vertex.

    Returns:
        (B, 18, 3) in the unit of the points.
    """
    limbs = joints[:, OPENPOSE_JOINTS]
    neck = joints[:, LEFT_RIGHT_SHOULDER].mean(axis=1, keepdims=True)
    face = vertices[:, [landmarks[name] for name in OPENPOSE_FACE]]
    return np.concatenate([face[:, :1], neck, limbs, face[:, 1:]], axis=1)
