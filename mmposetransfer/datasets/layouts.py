"""Where the files of a data set lie, how they come there, and how many."""

import os
from dataclasses import dataclass, field

__all__ = [
    'LAYOUTS',
    'WITHOUT_DATA',
    'Layout',
    'Split',
    'find_layout',
    'where_data_come_from',
]

#: A config of the whole method that draws its own data.
WITHOUT_DATA = 'dipt/full_synthfashion'


@dataclass(frozen=True)
class Split:
    """Pairs of images, their keypoints, and what is known of them.

    Attributes:
        pairs: File of pairs.
        name: The split within it.
        keypoints: File of keypoints.
        keypoints_size: (height, width) of the pictures that it is about.
            None: those of the layout.
        published: Number of pairs that were published, or None.
        fitted: Whether it is for the flow regressor: flow, body parts and,
            where the layout has any, fitted keypoints belong to it.
    """

    pairs: str
    name: str
    keypoints: str
    keypoints_size: tuple = None
    published: int = None
    fitted: bool = False


@dataclass(frozen=True)
class Layout:
    """Folders and files of a data set, relative to its root.

    Attributes:
        name: 'deepfashion', 'market1501' or 'folder'.
        title: What the data are, for messages.
        page: Where the documentation says how to get them.
        tool: The command that files them, without the place.
        img, seg, corr: Folders.
        size: (height, width) of the images, None if it is not fixed.
        splits: What may be there.
        lists: Lists of images -> number of their published lines.
        images: Number of published images, or None.
        fitted_keypoints: File of joints rendered from fitted bodies, or ''.
    """

    name: str
    img: str
    title: str
    page: str
    tool: str
    seg: str = ''
    corr: str = '3d/hmr/corr'
    size: tuple = None
    splits: tuple = ()
    lists: dict = field(default_factory=dict)
    images: int = None
    fitted_keypoints: str = 'Label/pose_label_adapt.pkl'

    @property
    def files(self):
        """All files but images, flow and body parts."""
        names = [self.fitted_keypoints, *self.lists]
        for split in self.splits:
            names += [split.pairs, split.keypoints]
        return tuple(dict.fromkeys(filter(None, names)))


_PAIRS, _CLEAN = 'Label/pair_split.json', 'Label/pair_split_clean.json'
_KEYPOINTS = 'Label/pose_label.pkl'


def _patn(prefix, size, train, test):
    return tuple(
        Split(
            f'Label/{prefix}-pairs-{name}.csv',
            name,
            f'Label/{prefix}-annotation-{name}.csv',
            size,
            published,
        )
        for name, published in (('train', train), ('test', test))
    )


#: Name -> layout. PATN's lists of DeepFashion are about pictures that were
#: cropped to 256x176; their files are called 'fasion'.
LAYOUTS = {
    'deepfashion': Layout(
        'deepfashion',
        'Img/img',
        'DeepFashion In-shop with its lists',
        'docs/data.md#deepfashion',
        'mmposetransfer prepare-deepfashion DOWNLOADS',
        seg='Img/seg',
        size=(256, 256),
        images=52712,
        splits=(
            Split(_PAIRS, 'train', _KEYPOINTS, published=89262),
            Split(_PAIRS, 'test', _KEYPOINTS, published=12000),
            Split(_PAIRS, 'test_small', _KEYPOINTS),
            Split(_CLEAN, 'train', _KEYPOINTS, fitted=True),
            Split(_CLEAN, 'test', _KEYPOINTS, fitted=True),
            *_patn('fasion-resize', (256, 176), 101966, 8570),
        ),
        lists={'Label/train.lst': 48674, 'Label/test.lst': 4038},
    ),
    'market1501': Layout(
        'market1501',
        'Images/img',
        'Market-1501 with lists made for it',
        'docs/data.md#market-1501',
        'mmposetransfer prepare-market1501 DOWNLOADS',
        seg='Images/seg',
        size=(128, 64),
        # 12,936 of bounding_box_train, 19,732 of bounding_box_test and
        # 3,368 of query.
        images=36036,
        # The flow regressor learns from all pairs, with the joints that were
        # found in the pictures.
        splits=(
            Split(_PAIRS, 'train', _KEYPOINTS, fitted=True),
            Split(_PAIRS, 'test', _KEYPOINTS, fitted=True),
            Split(_PAIRS, 'test_small', _KEYPOINTS),
            *_patn('market', None, 263632, 12000),
        ),
        lists={'Label/train.lst': None, 'Label/test.lst': None},
        fitted_keypoints='',
    ),
    'folder': Layout(
        'folder',
        'images',
        'photographs of your own with their keypoints',
        'docs/data.md#your-own-photographs',
        'mmposetransfer prepare-folder PHOTOS --keypoints FILE',
        corr='corr',
        seg='parts',
        splits=(
            Split('train.csv', 'train', 'keypoints.csv'),
            Split('test.csv', 'test', 'keypoints.csv'),
        ),
        fitted_keypoints='',
    ),
}


def where_data_come_from(name=None, root=None, size=None):
    """Sentences for a message that data are missing.

    Args:
        name (str, optional): One of ``LAYOUTS``; None if it is not known
            which.
        root (str | Path, optional): Where they were looked for.
        size (tuple[int, int], optional): (height, width) that images have to
            be brought to.

    Returns:
        str: What the data are, which page and tool prepare them, and which
        config needs none.

    Raises:
        ValueError: If no layout has that name.
    """
    place = f' --out {os.path.normpath(root)}' if root else ''
    if size is not None:
        place += f' --size {size[0]}x{size[1]}'
    if name is None:
        tools = ', '.join(
            f'`{" ".join(layout.tool.split()[:2])}`'
            for layout in LAYOUTS.values()
        )
        found = f'docs/data.md says how data are prepared ({tools})'
    else:
        layout = find_layout(root, name)
        found = (
            f'The data are {layout.title}: {layout.page} says how to get '
            f'them, and `{layout.tool}{place}` files them'
        )
    return f'{found}. The config {WITHOUT_DATA} needs no data.'


def find_layout(root, name=None):
    """The layout of a data set.

    Args:
        root (str | Path): Its folder.
        name (str, optional): One of ``LAYOUTS``. Defaults to the one whose
            folder of images is there.

    Returns:
        Layout: Of that name.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If no layout has that name, or fits.
    """
    if name is not None:
        if name not in LAYOUTS:
            raise ValueError(
                f"There is no layout '{name}'; there are {sorted(LAYOUTS)}."
            )
        return LAYOUTS[name]
    if not os.path.isdir(root):
        raise FileNotFoundError(
            f"There is no folder '{root}'. {where_data_come_from()}"
        )
    for layout in LAYOUTS.values():
        if os.path.isdir(os.path.join(root, layout.img)):
            return layout
    raise ValueError(
        f"'{root}' has none of the folders of images "
        f'{[layout.img for layout in LAYOUTS.values()]}: is it the root of a '
        f'data set that was prepared? {where_data_come_from()}'
    )
