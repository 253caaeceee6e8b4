"""All that the body file says about its surface, as arrays to save."""

import face_paint
import hair
import numpy as np
import regions


def describe_surface(template, faces, chart, weights, landmarks):
    """Regions, masks, eyes and face coordinates; see the assets' README.

    Args:
        template: (V, 3) mean body.
        faces: (F, 3) triangles.
        chart: (F,) names, by ``reduce_mesh.name_charts``.
        weights: (V, 24) skinning weights.
        landmarks: dict of name -> vertex.

    Returns:
        dict of arrays to save, and the vertices (V, 3) in head units.
    """
    frame = regions.HeadFrame.of(template, landmarks)
    points = frame.local(template)
    joint = weights.argmax(1)
    scalp = regions.scalp_mask(points, np.isin(joint, (12, 15)))
    charts = {name: chart == name for name in np.unique(chart)}
    label = regions.label_faces(faces, charts, points, joint, scalp)
    eyes = [
        np.unique(faces[(chart == 'eyes') & side])
        for side in (
            points[faces][..., 0].mean(1) > 0,
            points[faces][..., 0].mean(1) < 0,
        )
    ]
    mouth, lids = (
        np.intersect1d(faces[chart == inside], faces[chart == 'head'])
        for inside in ('mouth', 'sockets')
    )
    paint = face_paint.draw_masks(
        points[mouth, :2], points[lids[points[lids, 0] > 0], :2]
    )
    front = front_of_head(template, faces, joint == 15, label)
    on_face = face_paint.sample(paint, points[:, :2]) * front
    return dict(
        region=label,
        region_names=np.array(regions.REGIONS),
        mask_names=np.array(('scalp', 'face', *face_paint.MASKS)),
        masks=to_uint8(np.vstack([scalp[None], front[None], on_face])),
        eye_coords=regions.eye_coordinates(template, eyes).astype(np.float32),
        face_coords=points[:, :2].astype(np.float32),
        face_atlas=paint,
        face_atlas_names=np.array(face_paint.MASKS),
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
        arrays.update(
            {
                f'hair_{name}_faces': mesh['faces'].astype(np.int32),
                f'hair_{name}_uv': mesh['uv'].astype(np.float32),
                f'hair_{name}_anchor': anchor.astype(np.int32),
                f'hair_{name}_offset': shift.astype(np.float32),
                f'hair_{name}_weights': mesh['weights'].astype(np.float32),
            }
        )
    return arrays


def to_uint8(values):
    """[0, 1] to 0..255."""
    return np.round(np.clip(values, 0, 1) * 255).astype(np.uint8)
