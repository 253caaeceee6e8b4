"""A person's own photographs, as a data set that the configs read."""

from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.atomic_write import atomic_write
from mmposetransfer.io.image_decoding import decode_image
from mmposetransfer.io.image_io import read_image
from mmposetransfer.io.left_out import LeftOut
from mmposetransfer.io.picture_formats import why_not_read

from ..identities import pairs_of_identities
from ..keypoints import (
    check_keypoints,
    fit_to_picture,
    write_keypoint_csv,
)
from ..names import NameIndex
from .archives import read_source
from .filing import encode
from .label_files import write_identities, write_pairs_csv
from .own_names import find_identities, flat_names, match_names

__all__ = ['FolderReport', 'prepare_folder', 'split_people']


@dataclass
class FolderReport:
    """What became of a folder.

    Attributes:
        images: Number of images that are in the data set.
        kept: Number of those that were there already.
        people: Number of identities with an image in the data set.
        train_pairs, test_pairs: Numbers of pairs.
        without_pose: Images that were left out: nobody was found in them.
        problems: Other images that were left out, and why.
        left_out: Other files of the source, and why.
        without_image: Names of keypoints that are of no image.
    """

    images: int = 0
    kept: int = 0
    people: int = 0
    train_pairs: int = 0
    test_pairs: int = 0
    without_pose: list = field(default_factory=list)
    problems: list = field(default_factory=list)
    left_out: LeftOut = field(default_factory=LeftOut)
    without_image: list = field(default_factory=list)


def split_people(identities, test_share, seed=0):
    """Choose people for testing, of whom none is trained on.

    Args:
        identities (Iterable[str]): Of the images.
        test_share (float): Of the people, in [0, 1).
        seed (int): The same seed chooses the same.

    Returns:
        set[str]: The people to test on; with a share above 0 at least one,
        if there are two.
    """
    people = sorted(set(identities))
    count = round(test_share * len(people))
    if test_share > 0 and len(people) > 1:
        count = min(max(count, 1), len(people) - 1)
    return set(Random(seed).sample(people, count))


def prepare_folder(
    source,
    root,
    keypoints,
    size,
    fit_frame,
    identities_file=None,
    test_share=0.1,
    max_pairs=None,
    seed=0,
    overwrite=False,
    progress=iter,
    index=None,
):
    """Make a data set of images and keypoints.

    Images are brought to one size, around the person where that one is small,
    and their keypoints with them. The same call may be repeated: images that
    are there stay, lists are written anew.

    Args:
        source (str | Path): Folder or archive of images; sub-folders are
            looked into.
        root (str | Path): Of the data set: ``images/``, ``keypoints.csv``,
            ``identities.csv``, ``train.csv`` and ``test.csv`` appear there.
        keypoints (KeypointTable | dict): Image name -> (18, 3) keypoints,
            zeros where nobody was found.
        size (tuple[int, int]): (height, width) of the images.
        fit_frame (Callable): `mmposetransfer.apis.framing.fit_frame`.
        identities_file (str | Path, optional): See `find_identities`.
        test_share (float): Share of the people to test on. With a single
            person training and test pairs are the same images.
        max_pairs (int, optional): At most so many pairs of each split.
        seed (int): For drawing people and pairs.
        overwrite (bool): Whether to make images anew that are there.
        progress (Callable): Goes through the files.
        index (NameIndex, optional): Of the names of ``keypoints``.

    Returns:
        FolderReport: What was done, and what was left out.

    Raises:
        FileNotFoundError: If the source is not there.
        ValueError: If there are no images, none with a pose, no pairs, or an
            identity is missing, or it cannot be said whose keypoints are
            whose.
        WriteError: If a file cannot be written.
    """
    report, table, told = FolderReport(), {}, set()
    names = _image_names(source, report.left_out)
    flat = flat_names(names)
    index = index or NameIndex(keypoints, 'the keypoints', 'keypoints')
    folder = source if Path(source).is_dir() else None
    canvases = getattr(keypoints, 'found_in', {})
    entries = match_names(index, names, folder)
    report.without_image = sorted({*index.names} - {*entries.values()})
    who = find_identities(names, identities_file, folder)
    for member in progress(read_source(source)):
        if member.name not in flat:
            continue
        entry = entries[member.name]
        if entry is None or not keypoints[entry][:, 2].any():
            report.without_pose.append(member.name)
            continue
        name = flat[member.name]
        try:
            table[name] = _write_image(
                member,
                Path(root, 'images', name),
                keypoints[entry],
                canvases.get(entry),
                size,
                fit_frame,
                overwrite,
                report,
                told,
            )
        except ValueError as error:
            report.problems.append(str(error))
    if not table:
        why = [
            *report.problems,
            *(f"nobody was found in '{name}'" for name in report.without_pose),
        ]
        raise UserValueError(
            f"none of the {len(names)} images of '{source}' can "
            f'be used; the first: {why[0]}'
        )
    who = {flat[name]: who[name] for name in names if flat[name] in table}
    _write_lists(Path(root), table, who, test_share, max_pairs, seed, report)
    return report


def _image_names(source, left_out):
    """The images of a folder or archive; takes note of the other files."""
    names = []
    for member in read_source(source, left_out=left_out):
        reason = why_not_read(member.name, member.read)
        if reason is None:
            names.append(member.name)
        else:
            left_out.add(reason, member.name)
    if not names:
        raise UserValueError(
            '; '.join([f"'{source}' holds no images", *left_out.lines()])
        )
    return names


def _write_image(
    member, path, points, canvas, size, fit_frame, overwrite, report, told
):
    """Write one image; returns its keypoints."""
    where = f"'{member.name}'"
    image = read_image(decode_image(member.read(), where))
    name = f'the keypoints of {where}'
    check_keypoints(points, name)
    points = fit_to_picture(points, image.shape[:2], name, canvas, told)
    frame = fit_frame(image.shape[:2], tuple(size), points)
    if path.is_file() and not overwrite:
        report.kept += 1
    else:
        with atomic_write(path) as file:
            file.write(encode(frame.place_image(image), '.png'))
    report.images += 1
    return frame.place_keypoints(points)


def _write_lists(root, table, who, test_share, max_pairs, seed, report):
    test = split_people(who.values(), test_share, seed)
    splits = {
        'train': {n: w for n, w in who.items() if w not in test},
        'test': {n: w for n, w in who.items() if w in test},
    }
    if not test:  # a single person
        splits['test'] = splits['train']
    for split, identities in splits.items():
        pairs = pairs_of_identities(identities, max_pairs, seed)
        setattr(report, f'{split}_pairs', len(pairs))
        if not pairs:
            raise UserValueError(
                f'{len(identities)} images of '
                f'{len(set(identities.values()))} people make no pairs for '
                f"'{split}': somebody has to be in two images. Say who is in "
                'them by sub-folders, or by a .csv with the columns name and '
                'identity.'
            )
        write_pairs_csv(root / f'{split}.csv', pairs, ending='')
    write_keypoint_csv(root / 'keypoints.csv', table)
    write_identities(root / 'identities.csv', who)
    report.people = len(set(who.values()))
