"""Fit bodies to the people of a keypoint file.

Writes one .npz of all fits, about a quarter of a kilobyte each. For example,
with the pictures of the repository:

    mmposetransfer fit-bodies demo/inputs/poses.csv \
        fits.npz --images demo/inputs --overlay overlays

A run that was killed goes on with the same command.
"""

import os
import time

import numpy as np

from mmposetransfer.apis.model import check_device
from mmposetransfer.cli.mistakes import told_plainly
from mmposetransfer.datasets.keypoints import (
    index_keypoints,
    read_keypoint_table,
)
from mmposetransfer.errors import UserFileNotFoundError, UserValueError
from mmposetransfer.geometry.body_model import BodyModel
from mmposetransfer.geometry.fitting import FitProjector
from mmposetransfer.geometry.fitting.fit_job import fit_to_file
from mmposetransfer.io.file_names import distinct_stems, short_path
from mmposetransfer.io.folders import find_pictures
from mmposetransfer.io.image_io import read_image, write_image
from mmposetransfer.io.left_out import few
from mmposetransfer.io.picture_formats import split_ending
from mmposetransfer.utils.progress import progress_bar
from mmposetransfer.visualization import draw_body

from .arguments import at_least, command_parser, positive, spelled_as_options
from .left_out import tell_left_out

__all__ = ['main', 'parse_args', 'read_people']

LESS_MEMORY = 'Less is taken by a smaller --batch-size and fewer --workers.'


def parse_args(argv=None):
    """Read the command line."""
    parser = command_parser('fit-bodies', __doc__)
    parser.add_argument(
        'keypoints',
        help='a keypoint file of any format that '
        'docs/keypoints.md lists, or a folder of JSONs',
    )
    parser.add_argument('out', help='the .npz to write')
    parser.add_argument(
        '--images',
        help='folder of the images: their sizes are kept with the fits',
    )
    parser.add_argument(
        '--size',
        type=at_least(1),
        nargs=2,
        metavar=('HEIGHT', 'WIDTH'),
        help='the size of all images, in place of --images',
    )
    parser.add_argument(
        '--all-people',
        action='store_true',
        help='fit everybody in an image, '
        'as NAME#0, NAME#1, ..., not only the one that is meant',
    )
    parser.add_argument(
        '--min-score',
        type=float,
        help='joints with a lower score count as '
        "missing (default: 0.1 for OpenPose's files, 0.3 for those of other "
        'detectors, else 0)',
    )
    parser.add_argument(
        '--body',
        help="a user's SMPL file, .pkl or .npz (default: the free body)",
    )
    parser.add_argument(
        '--distance',
        type=positive,
        default=4.0,
        help='metres between camera '
        'and people; inf is weak perspective (default: 4)',
    )
    parser.add_argument(
        '--noise',
        type=positive,
        default=0.015,
        help='metres by which '
        'keypoints usually miss the joint (default: 0.015)',
    )
    parser.add_argument('--batch-size', type=at_least(1), default=256)
    parser.add_argument(
        '--workers',
        type=at_least(1),
        default=1,
        help='processes, one thread each',
    )
    parser.add_argument('--device', default='cpu', help='such as cuda:0')
    parser.add_argument(
        '--overlay',
        metavar='FOLDER',
        help='draw the bodies over the images, as PNG files',
    )
    parser.add_argument(
        '--overwrite', action='store_true', help='replace the file'
    )
    return parser.parse_args(argv)


def read_people(path, all_people=False, min_score=None):
    """Keypoints of a file, by name.

    Args:
        path (str | Path): A keypoint file of any format, or a folder.
        all_people (bool): Whether to take everybody in an image.
        min_score (float, optional): Joints below it become missing; see
            `mmposetransfer.datasets.load_keypoints`.

    Returns:
        KeypointTable: Name -> (18, 3) float32, of those who have joints.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a file is malformed or holds nobody.
    """
    table = read_keypoint_table(path, 'auto', min_score, all_people)
    nobody = table.empty
    if len(nobody) == len(table):
        raise UserValueError(f"'{path}' holds the keypoints of nobody")
    if nobody:
        print(
            f'{len(nobody)} pictures without a person are left out: '
            + few(nobody, 8)
        )
    for name in nobody:
        del table[name]
    return table


def find_images(folder, names, source):
    """The files of the pictures of a keypoint file.

    Args:
        folder (str | Path): Of the pictures; sub-folders are looked into.
        names (Iterable[str]): Of the pictures in the keypoint file.
        source (str): The keypoint file, or folder.

    Returns:
        tuple[dict[str, Picture], LeftOut]: By these names; the other files
        of the folder.

    Raises:
        FileNotFoundError: If there is no such folder, or a picture is
            missing.
        ValueError: If it cannot be said which picture is whose.
    """
    found, index = find_pictures(folder), index_keypoints(names, source)
    pictures = {}
    for picture, name in index.match(found.pictures).items():
        if name is None:
            found.left_out.add('nobody in the keypoint file', picture.name)
        else:
            pictures[name] = picture
    missing = [name for name in index.names if name not in pictures]
    if missing:
        raise UserFileNotFoundError(
            f"'{folder}' has no picture of {len(missing)} of the "
            f"{len(index)} in '{source}': {few(missing)}. Add them, or say "
            '--size in place of --images'
        )
    return pictures, found.left_out


def _draw(args, fits, people, images):
    """Bodies over the images; of all people of an image, one by one."""
    projector = FitProjector(BodyModel(args.body))
    stems = distinct_stems((p.name for p in images.values()), split_ending)
    for row in np.flatnonzero(np.isfinite(fits.energy)):
        name = people.picture_of(fits.names[row])
        vertices = projector(fits, [row])[0]
        image = np.ascontiguousarray(read_image(images[name])[..., ::-1])
        drawn = draw_body(
            image,
            vertices,
            projector.faces,
            projector.face_parts,
            fits.camera[row, 0],
        )
        number = fits.names[row][len(name) :]  # '#0' of everybody
        path = short_path(f'{stems[images[name].name]}{number}.png')
        write_image(
            os.path.join(args.overlay, path),
            np.ascontiguousarray(drawn[..., ::-1]),
        )


def _report(fits, seconds):
    means = fits.mean_errors()[fits.success]
    print(
        f'{len(fits)} people, {int(fits.success.sum())} fitted, '
        f'{seconds:.1f} s'
    )
    if len(means):
        low, middle, high = np.percentile(means, (50, 90, 99))
        print(
            f'mean reprojection error in pixels: median {low:.2f}, '
            f'90 % below {middle:.2f}, 99 % below {high:.2f}'
        )
    failed = fits.names[~fits.success]
    if len(failed):
        print('not to be trusted: ' + few(failed.tolist(), 8))


@told_plainly(LESS_MEMORY)
@spelled_as_options('device', 'min_score')
def main(argv=None):
    """Read keypoints, fit, write, draw.

    Args:
        argv (list[str], optional): Default: the command line.
    """
    args = parse_args(argv)
    if args.overlay and not args.images:
        raise UserValueError('--overlay needs --images')
    check_device(args.device)
    if os.path.exists(args.out) and not args.overwrite:
        raise UserValueError(
            f"'{args.out}' is there already; --overwrite replaces it"
        )
    people = read_people(args.keypoints, args.all_people, args.min_score)
    names, sizes, images = [*map(people.picture_of, people)], None, {}
    if args.images:
        images, left_out = find_images(args.images, names, args.keypoints)
        tell_left_out(
            f'{args.images}: {len(images):,} pictures taken', left_out
        )
    if args.size:
        sizes = dict.fromkeys(names, args.size)
    elif args.images:
        sizes = {
            name: read_image(image).shape[:2] for name, image in images.items()
        }
    keypoints, sizes, odd = people.placed(sizes)
    if odd:
        print(
            f'{len(odd)} pictures have single joints outside of them: '
            + few(odd, 8)
        )
    begin = time.perf_counter()
    with progress_bar('people', len(people)) as show:
        fits = fit_to_file(
            args.out,
            keypoints,
            list(people),
            sizes,
            args.body,
            args.workers,
            args.batch_size,
            show,
            distance=args.distance,
            noise=args.noise,
            device=args.device,
        )
    _report(fits, time.perf_counter() - begin)
    if args.overlay:
        _draw(args, fits, people, images)
