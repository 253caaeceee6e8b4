"""All that the body file says about its surface, as arrays to save."""

import face_paint
import numpy as np
import regions

from mmposetransfer.geometry.normals import vertex_normals


def describe_surface(template, faces, chart, weights, landmarks):
    """Regions, masks, eyes and face coordinates; see the assets' README.

    Args:
        template: (V, 3) mean body.
        faces: (F, 3) triangles.
        chart: (F,) names, by ``reduce_mesh.name_charts``.
        weights: (V, 24) skinning weights.
        landmarks: dict of name -> vertex.

    Returns:
        dict of arrays to save.
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
    )


def front_of_head(template, faces, head, label):
    """(V,) how much of the face paint a vertex takes: 1 faces the front."""
    facing = vertex_normals(np.float32(template), np.int32(faces))[:, 2]
    front = regions.smoothstep(-0.1, 0.25, facing) * head
    ears = np.unique(faces[label == regions.REGIONS.index('ears')])
    front[ears] = 0
    return front


def to_uint8(values):
    """[0, 1] to 0..255."""
    return np.round(np.clip(values, 0, 1) * 255).astype(np.uint8)
