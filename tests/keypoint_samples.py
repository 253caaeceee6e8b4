"""Joints whose places are known, and files of them as others write them."""

import json

import numpy as np

HEADER = 'name:keypoints_y:keypoints_x'
XS = list(range(100, 118))
YS = list(range(20, 56, 2))
# Place of each COCO joint in OpenPose-18, from the two published orders.
COCO_IN_OPENPOSE = [0, 15, 14, 17, 16, 5, 2, 6, 3, 7, 4, 11, 8, 12, 9, 13, 10]
# Of each OpenPose joint in BODY_25.
OPENPOSE_IN_BODY25 = [*range(8), *range(9, 19)]


def pose(count, score=1.0, scale=1.0):
    """(K, 3): joint k lies at (50 + 3 k, 20 + 2 k)."""
    index = np.arange(count)
    return np.stack(
        [
            scale * (50 + 3.0 * index),
            scale * (20 + 2.0 * index),
            0 * index + score,
        ],
        1,
    )


def flat(joints):
    """x, y, score, x, y, score, ..."""
    return np.asarray(joints).ravel().tolist()


def write_csv(path, *lines, header=HEADER):
    """Lines below a header."""
    path.write_text('\n'.join([header, *lines]) + '\n', encoding='utf-8')
    return path


def write_json(path, content):
    """A JSON; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def openpose(*people, key='pose_keypoints_2d', **more):
    """What OpenPose writes for one picture."""
    return dict(version=1.3, people=[{key: flat(p)} for p in people], **more)


def coco(*annotations, **more):
    """Annotations (number of the image, joints) of two images."""
    return dict(
        images=[
            dict(id=7, file_name='dir/one.jpg'),
            dict(id=9, file_name='two.jpg'),
        ],
        annotations=[
            dict(id=i, image_id=image, category_id=1, keypoints=flat(p))
            for i, (image, p) in enumerate(annotations)
        ],
        **more,
    )
