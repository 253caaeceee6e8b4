"""A person's own photographs, as a data set that the configs read."""

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from random import Random

from mmposetransfer.utils.atomic_write import atomic_write
from mmposetransfer.utils.image_decoding import decode_image
from mmposetransfer.utils.image_io import IMAGE_ENDINGS, read_image

from ..identities import pairs_of_identities, read_identities
from ..image_names import identity_of, split_ending
from ..keypoints import (
    check_keypoints,
    fit_to_picture,
    write_keypoint_csv,
)
from .archives import read_source
from .filing import encode
from .label_files import write_identities, write_pairs_csv

__all__ = ['FolderReport', 'find_identities', 'prepare_folder', 'split_people']


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
    """

    images: int = 0
    kept: int = 0
    people: int = 0
    train_pairs: int = 0
    test_pairs: int = 0
    without_pose: list = field(default_factory=list)
    problems: list = field(default_factory=list)


def find_identities(names, file=None):
    """Who is in the images.

    Args:
        names (Sequence[str]): Paths of images within their folder.
        file (str | Path, optional): A ``.csv`` with the columns ``name`` and
            ``identity``. Names may be without folder or ending.

    Returns:
        dict[str, str]: Image -> identity. Without a file: as DeepFashion's
        and Market-1501's names tell; else the image's folder; images that
        lie in no folder of their own all show one person.

    Raises:
        ValueError: If the file lacks an image.
    """
    if file is None:
        return {name: identity_of(name)
                or PurePosixPath(name).parent.as_posix() for name in names}
    table = read_identities(file)
    short = {_flat_name(name): who for name, who in table.items()}
    stems = {split_ending(name)[0]: who for name, who in short.items()}
    base = {PurePosixPath(name).name: who for name, who in table.items()}
    found = {}
    for name in names:
        flat, last = _flat_name(name), PurePosixPath(name).name
        who = table.get(name) or short.get(flat) or stems.get(
            split_ending(flat)[0]) or base.get(last) or stems.get(
                split_ending(last)[0])
        if who is None:
            raise ValueError(f"'{file}' does not say who is in '{name}'.")
        found[name] = who
    return found


def _flat_name(name):
    """One name without folders: 'anna/1.jpg' -> 'anna_1.jpg'."""
    return '_'.join(PurePosixPath(name).parts)


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


def prepare_folder(source, root, keypoints, size, fit_frame,
                   identities_file=None, test_share=0.1, max_pairs=None,
                   seed=0, overwrite=False, progress=iter, found_in=None):
    """Make a data set of images and keypoints.

    Images are brought to one size, around the person where that one is small,
    and their keypoints with them. The same call may be repeated: images that
    are there stay, lists are written anew.

    Args:
        source (str | Path): Folder or archive of images; sub-folders are
            looked into.
        root (str | Path): Of the data set: ``images/``, ``keypoints.csv``,
            ``identities.csv``, ``train.csv`` and ``test.csv`` appear there.
        keypoints (Callable): From the name of an image to its (18, 3)
            keypoints; None, or zeros, where nobody was found in it.
        size (tuple[int, int]): (height, width) of the images.
        fit_frame (Callable): `mmposetransfer.apis.framing.fit_frame`.
        identities_file (str | Path, optional): See `find_identities`.
        test_share (float): Share of the people to test on. With a single
            person training and test pairs are the same images.
        max_pairs (int, optional): At most so many pairs of each split.
        seed (int): For drawing people and pairs.
        overwrite (bool): Whether to make images anew that are there.
        progress (Callable): Goes through the images.
        found_in (Callable, optional): From the name of an image to the
            (height, width) of the canvas that its keypoints were found in,
            or None where they are in the image's own pixels.

    Returns:
        FolderReport: What was done, and what was left out.

    Raises:
        FileNotFoundError: If the source is not there.
        ValueError: If there are no images, none with a pose, no pairs, or an
            identity is missing.
        WriteError: If a file cannot be written.
    """
    found = [member.name for member in _images(source)]
    if not found:
        raise ValueError(f"'{source}' holds no images "
                         f'({", ".join(sorted(IMAGE_ENDINGS))}).')
    report, table, names, told = FolderReport(), {}, {}, set()
    who = find_identities(found, identities_file)
    for member in progress(_images(source)):
        name = f'{split_ending(_flat_name(member.name))[0]}.png'
        if name in names:
            raise ValueError(f"'{names[name]}' and '{member.name}' would both "
                             f"become '{name}': rename one of them.")
        names[name] = member.name
        points = keypoints(member.name)
        if points is None or not points[:, 2].any():
            report.without_pose.append(member.name)
            continue
        try:
            table[name] = _write_image(
                member, Path(root, 'images', name), points,
                found_in and found_in(member.name), size, fit_frame,
                overwrite, report, told)
        except ValueError as error:
            report.problems.append(str(error))
    if not table:
        why = [*report.problems, *(f"nobody was found in '{name}'"
                                   for name in report.without_pose)]
        raise ValueError(f"none of the {len(names)} images of '{source}' can "
                         f'be used; the first: {why[0]}')
    who = {name: who[names[name]] for name in table}
    _write_lists(Path(root), table, who, test_share, max_pairs, seed, report)
    return report


def _images(source):
    """The images of a folder or archive, of which one is read at a time."""
    return (member for member in read_source(source)
            if split_ending(member.name)[1])


def _write_image(member, path, points, canvas, size, fit_frame, overwrite,
                 report, told):
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
            raise ValueError(
                f'{len(identities)} images of '
                f'{len(set(identities.values()))} people make no pairs for '
                f"'{split}': somebody has to be in two images. Say who is in "
                'them by sub-folders, or by a .csv with the columns name and '
                'identity.')
        write_pairs_csv(root / f'{split}.csv', pairs, ending='')
    write_keypoint_csv(root / 'keypoints.csv', table)
    write_identities(root / 'identities.csv', who)
    report.people = len(set(who.values()))
