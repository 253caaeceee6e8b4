"""Lists of pairs, images and keypoints in all of the published formats."""

import csv
import json
import pickle
import zipfile

import numpy as np

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.atomic_write import atomic_write
from mmposetransfer.io.folders import find_pictures

from ..image_sizes import fit_keypoints
from ..keypoints import write_keypoint_csv
from ..published_names import parse_deepfashion_name

__all__ = [
    'write_archive',
    'write_identities',
    'write_labels',
    'write_pairs_csv',
]


def write_labels(root, layout, size, records):
    """Write all files of a layout's ``Label`` folder.

    Args:
        root (Path): Of the data set.
        layout (Layout): Of DeepFashion or Market-1501.
        size (tuple[int, int]): Of the images.
        records (dict[str, list[dict]]): Split -> pairs, each with the names
            of ``ref`` and ``tgt`` and, of both, ``<side>_keypoints`` and
            ``<side>_fitted``, (18, 3).
    """
    keypoints, fitted, pairs, images = {}, {}, {}, {}
    for split, pairs_of_split in records.items():
        pairs[split] = [[r['ref'], r['tgt']] for r in pairs_of_split]
        images[split] = {}
        for record in pairs_of_split:
            for side in ('ref', 'tgt'):
                name = record[side]
                points = np.float32(record[f'{side}_keypoints'])
                images[split][name] = keypoints[name] = points
                fitted[name] = np.float32(record[f'{side}_fitted'])
    label = root / 'Label'
    both = {
        split: found + [pair[::-1] for pair in found]
        for split, found in pairs.items()
    }
    _write_pickle(label / 'pose_label.pkl', keypoints)
    if layout.fitted_keypoints:
        _write_pickle(root / layout.fitted_keypoints, fitted)
    # Flow is known in one direction.
    with_flow = {split.pairs for split in layout.splits if split.fitted}
    for split in layout.splits:
        if split.pairs.endswith('.json'):
            _write_splits(
                root / split.pairs, pairs if split.pairs in with_flow else both
            )
        else:
            write_pairs_csv(root / split.pairs, both[split.name])
            wanted = split.keypoints_size or layout.size
            write_keypoint_csv(
                root / split.keypoints,
                {
                    f'{name}.jpg': fit_keypoints(points, size, wanted)
                    for name, points in images[split.name].items()
                },
            )
    for split, names in images.items():
        with atomic_write(label / f'{split}.lst', 'w') as file:
            file.writelines(f'{name}.jpg\n' for name in names)


def _write_splits(path, pairs):
    """Pairs by split, and a fifth of the test pairs to validate with."""
    few = pairs['test'][: max(len(pairs['test']) // 5, 1)]
    _write_json(path, dict(pairs, test_small=few))


def _write_json(path, content):
    with atomic_write(path, 'w') as file:
        json.dump(content, file)


def _write_pickle(path, table):
    """As the paper's: id -> 18 x [x, y], -1 missing."""
    content = {}
    for name, points in table.items():
        xy = points[:, :2].round(2).astype(float)
        xy[points[:, 2] == 0] = -1
        content[name] = xy.tolist()
    with atomic_write(path) as file:
        pickle.dump(content, file, protocol=2)


def write_pairs_csv(path, pairs, ending='.jpg'):
    """Write pairs as PATN does.

    Args:
        path (str | Path): The file, of the columns ``from`` and ``to``.
        pairs (Iterable[Sequence[str]]): (reference, target).
        ending (str): Added to the names.

    Raises:
        ValueError: If a name has a line break in it.
    """
    _write_table(
        path,
        ('from', 'to'),
        ((f'{ref}{ending}', f'{tgt}{ending}') for ref, tgt in pairs),
    )


def _write_table(path, columns, rows):
    """Names that hold a comma or quotes are put in quotes."""
    with atomic_write(path, 'w') as file:
        writer = csv.writer(file, lineterminator='\n')
        writer.writerow(columns)
        for row in rows:
            if {'\n', '\r'} & {*''.join(row)}:
                raise UserValueError(
                    f'{row!r} has a line break, which no list '
                    'can hold: rename the picture'
                )
            writer.writerow(row)


def write_identities(path, identities):
    """Write who is in the images.

    Args:
        path (str | Path): The file, of the columns ``name`` and
            ``identity``.
        identities (dict[str, str]): Image name -> identity.

    Raises:
        ValueError: If a name has a line break in it.
    """
    _write_table(path, ('name', 'identity'), identities.items())


def write_archive(path, folder):
    """Pack images with flattened names as in DeepFashion's official zip.

    Args:
        path (str | Path): The zip to write.
        folder (str | Path): Of the images.

    Returns:
        tuple[int, LeftOut]: Number of images, and files that are none, or
        have other names.
    """
    found, count = find_pictures(folder), 0
    with atomic_write(path) as file, zipfile.ZipFile(file, 'w') as archive:
        for picture in found.pictures:
            parsed = parse_deepfashion_name(picture.name)
            if parsed is None:
                found.left_out.add(
                    'its name is none of DeepFashion In-shop', picture.name
                )
                continue
            archive.write(picture, f'img/{parsed.archive}')
            count += 1
    return count, found.left_out
