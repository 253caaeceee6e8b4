"""Fit bodies to the people of a keypoint file.

Writes one .npz of all fits, about a quarter of a kilobyte each. For example,
with the pictures of the repository:

    python tools/dataset_tools/fit_bodies.py demo/inputs/poses.csv \
        fits.npz --images demo/inputs --overlay overlays

A run that was killed goes on with the same command.
"""

import argparse
import os
import time
from pathlib import Path

import numpy as np
from mmengine.utils import ProgressBar

from mmposetransfer.datasets.keypoint_files import (
    read_keypoint_csv,
    read_openpose_json,
    read_pose_json,
)
from mmposetransfer.datasets.keypoint_io import OPENPOSE_MIN_SCORE
from mmposetransfer.datasets.keypoint_names import (
    index_keypoints,
    openpose_files,
)
from mmposetransfer.geometry.body_model import BodyModel
from mmposetransfer.geometry.fitting import FitProjector
from mmposetransfer.geometry.fitting.fit_job import fit_to_file
from mmposetransfer.utils.file_names import distinct_stems
from mmposetransfer.utils.folders import few, find_pictures
from mmposetransfer.utils.image_io import read_image, write_image
from mmposetransfer.utils.mistakes import told_plainly
from mmposetransfer.utils.picture_formats import split_ending
from mmposetransfer.visualization import draw_body

from .left_out import tell_left_out

__all__ = ['main', 'parse_args', 'read_people']


def parse_args(argv=None, prog=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog, description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        'keypoints', help='a CSV of name:keypoints_y:keypoints_x, a COCO or '
        'OpenPose JSON, or a folder of OpenPose JSONs')
    parser.add_argument('out', help='the .npz to write')
    parser.add_argument(
        '--images', help='folder of the images: their sizes are kept with '
        'the fits')
    parser.add_argument(
        '--size', type=int, nargs=2, metavar=('HEIGHT', 'WIDTH'),
        help='the size of all images, in place of --images')
    parser.add_argument(
        '--all-people', action='store_true', help='fit everybody in an image, '
        'as NAME#0, NAME#1, ..., not only the one that is meant')
    parser.add_argument(
        '--min-score', type=float, help='joints with a lower score count as '
        'missing (default: 0.1 for OpenPose, else 0)')
    parser.add_argument(
        '--body', help="a user's SMPL file, .pkl or .npz (default: the free "
        'body)')
    parser.add_argument(
        '--distance', type=float, default=4.0, help='metres between camera '
        'and people; inf is weak perspective (default: 4)')
    parser.add_argument(
        '--noise', type=float, default=0.015, help='metres by which '
        'keypoints usually miss the joint (default: 0.015)')
    parser.add_argument('--batch-size', type=int, default=256)
    parser.add_argument(
        '--workers', type=int, default=1, help='processes, one thread each')
    parser.add_argument('--device', default='cpu', help='such as cuda:0')
    parser.add_argument(
        '--overlay', metavar='FOLDER', help='draw the bodies over the images, '
        'as PNG files')
    parser.add_argument(
        '--overwrite', action='store_true', help='replace the file')
    return parser.parse_args(argv)


def read_people(path, all_people=False, min_score=None):
    """Keypoints of a file, by name.

    Args:
        path (str | Path): See the help of ``keypoints``.
        all_people (bool): Whether to take everybody in an image.
        min_score (float, optional): Joints below it become missing. Defaults
            to 0.1 for OpenPose's files, else 0.

    Returns:
        dict[str, np.ndarray]: Name -> (18, 3) float32.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a file is malformed or holds nobody.
    """
    found, usual_score = _read(Path(path))
    min_score = usual_score if min_score is None else min_score
    people = {}
    for name, persons in found.items():
        if isinstance(persons, np.ndarray):
            people[name] = persons
        elif all_people:
            people |= {f'{name}#{i}': person.keypoints
                       for i, person in enumerate(persons)}
        elif persons:
            people[name] = max(persons, key=lambda p: p.rank).keypoints
    if not people:
        raise ValueError(f"'{path}' holds the keypoints of nobody")
    return {name: np.where(person[:, 2:] < min_score, 0, person)
            for name, person in people.items()}


def _read(path):
    """What a file or folder holds, by name, and its usual least score."""
    if path.suffix.lower() == '.csv':
        return read_keypoint_csv(path), 0.0
    if path.is_dir():
        return {name: read_openpose_json(file) for name, file in
                openpose_files(path).items()}, OPENPOSE_MIN_SCORE
    found = read_pose_json(path)
    if isinstance(found, list):
        name = path.stem.removesuffix('_keypoints')
        return {name: found}, OPENPOSE_MIN_SCORE
    return found, 0.0


def names_of_pictures(people, all_people=False):
    """The picture of each person.

    Args:
        people (Iterable[str]): Names, as of :func:`read_people`.
        all_people (bool): Whether they are those of everybody.

    Returns:
        dict[str, str]: Name -> name of the picture: without '#0', '#1', ...
        that everybody has behind it.
    """
    people, names = dict.fromkeys(people), {}
    for name in people:
        picture, mark, number = name.rpartition('#')
        numbered = all_people and number.isdecimal() and (
            f'{picture}{mark}0' in people)
        names[name] = picture if numbered else name
    return names


def find_images(folder, names, source):
    """The files of fitted people's pictures.

    Args:
        folder (str | Path): Of the pictures; sub-folders are looked into.
        names (dict[str, str]): Name of a fit -> name of its picture in the
            keypoint file.
        source (str): The keypoint file, or folder.

    Returns:
        tuple[dict, LeftOut]: Name of a fit -> `Picture`; the other files of
        the folder.

    Raises:
        FileNotFoundError: If there is no such folder, or a picture is
            missing.
        ValueError: If it cannot be said which picture is whose.
    """
    found = find_pictures(folder)
    index = index_keypoints(names.values(), source)
    pictures = {}
    for picture, name in index.match(found.pictures).items():
        if name is None:
            found.left_out.add('there are no keypoints of it', picture.name)
        else:
            pictures[name] = picture
    missing = [name for name in index.names if name not in pictures]
    if missing:
        raise FileNotFoundError(
            f"'{folder}' has no picture of {len(missing)} of the "
            f"{len(index)} in '{source}': {few(missing)}. Add them, or say "
            '--size in place of --images')
    return ({fit: pictures[name] for fit, name in names.items()},
            found.left_out)


def _draw(args, fits, images, names):
    """Bodies over the images; of all people of an image, one by one."""
    projector = FitProjector(BodyModel(args.body))
    stems = distinct_stems({p.name for p in images.values()}, split_ending)
    for row in np.flatnonzero(np.isfinite(fits.energy)):
        name = fits.names[row]
        vertices = projector(fits, [row])[0]
        image = np.ascontiguousarray(read_image(images[name])[..., ::-1])
        drawn = draw_body(image, vertices, projector.faces,
                          projector.face_parts, fits.camera[row, 0])
        number = name[len(names[name]):]  # '#0' of several people
        write_image(os.path.join(
            args.overlay, f'{stems[images[name].name]}{number}.png'),
                    np.ascontiguousarray(drawn[..., ::-1]))


def _report(fits, seconds):
    means = fits.mean_errors()[fits.success]
    print(f'{len(fits)} people, {int(fits.success.sum())} fitted, '
          f'{seconds:.1f} s')
    if len(means):
        low, middle, high = np.percentile(means, (50, 90, 99))
        print(f'mean reprojection error in pixels: median {low:.2f}, '
              f'90 % below {middle:.2f}, 99 % below {high:.2f}')
    failed = fits.names[~fits.success]
    if len(failed):
        print('not to be trusted: ' + ', '.join(failed[:8])
              + (', ...' if len(failed) > 8 else ''))


@told_plainly()
def main(argv=None, prog=None):
    """Read keypoints, fit, write, draw.

    Args:
        argv (list[str], optional): Default: the command line.
        prog (str, optional): What usage messages call the program.
    """
    args = parse_args(argv, prog)
    if args.overlay and not args.images:
        raise ValueError('--overlay needs --images')
    if os.path.exists(args.out) and not args.overwrite:
        raise ValueError(f"'{args.out}' is there already; --overwrite "
                         'replaces it')
    people = read_people(args.keypoints, args.all_people, args.min_score)
    names = names_of_pictures(people, args.all_people)
    sizes, images = args.size, {}
    if args.images:
        images, left_out = find_images(args.images, names, args.keypoints)
        taken = len({*images.values()})
        tell_left_out(f'{args.images}: {taken:,} pictures taken', left_out)
    if images and not sizes:
        shapes = {image: read_image(image).shape[:2]
                  for image in dict.fromkeys(images.values())}
        sizes = [shapes[images[name]] for name in people]
    bar = ProgressBar(len(people))
    begin = time.perf_counter()

    def progress(done):
        bar.update(done - bar.completed)

    fits = fit_to_file(
        args.out, np.stack(list(people.values())), list(people), sizes,
        args.body, args.workers, args.batch_size, progress,
        distance=args.distance, noise=args.noise, device=args.device)
    print()
    _report(fits, time.perf_counter() - begin)
    if args.overlay:
        _draw(args, fits, images, names)
