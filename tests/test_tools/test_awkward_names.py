"""Pictures of any names, all the way: prepare, list, dataset, fit, flow.

Every picture is of one colour, every pose and every body its own, so that it
shows whenever one gets what is another one's.
"""

import unicodedata
from dataclasses import replace
from functools import cache
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from known_fits import known_fits
from mmengine.registry import init_default_scope

from mmposetransfer.apis.framing import fit_frame
from mmposetransfer.cli.fit_bodies import find_images, read_people
from mmposetransfer.cli.prepare_folder import main as prepare_folder
from mmposetransfer.cli.synthesize_flow import main as synthesize_flow
from mmposetransfer.datasets import (
    PoseTransferDataset,
    read_identities,
    read_pairs,
    write_keypoint_csv,
    write_openpose_json,
)
from mmposetransfer.datasets.names import picture_id
from mmposetransfer.datasets.preparing.label_files import (
    write_identities,
    write_pairs_csv,
)
from mmposetransfer.geometry import FlowSynthesizer
from mmposetransfer.geometry.fitting import load_fits, save_fits
from mmposetransfer.pose_estimators.folder import openpose_file
from mmposetransfer.utils.folders import find_pictures

SIZE = (64, 64)
MOST = 4  # pictures
ENDINGS = ('.png', '.PNG', '.bmp', '.tif', '.jpg.png', '')


@cache
def known():
    """Fits as a file holds them, in half floats."""
    with TemporaryDirectory() as folder:
        save_fits(f'{folder}/fits.npz', known_fits(MOST, SIZE))
        return load_fits(f'{folder}/fits.npz')


@cache
def flow_of(ref, tgt):
    """What one body sees of another one."""
    return FlowSynthesizer(known())(ref, tgt)


def color(k):
    return 40 * k + 30


def pose(k):
    rng = np.random.default_rng(k)
    points = rng.uniform(3, 60, (18, 3)).round(1)
    points[:, 2] = 1
    return points.astype(np.float32)


def write_photos(folder, names):
    for k, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        ending = path.suffix.lower()
        ending = ending if ending in ('.bmp', '.tif') else '.png'
        data = cv2.imencode(ending, np.full((*SIZE, 3), color(k), np.uint8))[1]
        path.write_bytes(data.tobytes())


def check_pairs(root, images, pairs, keypoints, joints, shown, **more):
    """The dataset has each picture with its own joints; returns it."""
    dataset = PoseTransferDataset(
        data_root=str(root),
        ann_file=pairs,
        keypoints_file=keypoints,
        data_prefix=dict(img=images, **more.pop('prefix', {})),
        **more,
    )
    for info in dataset:
        for side in ('ref', 'tgt'):
            k = shown(info[f'{side}_img'])
            np.testing.assert_allclose(
                info[f'{side}_keypoints'], joints[k], atol=0.06
            )
    return dataset


def check_flow(root, images, pairs, keypoints, joints, shown):
    """From a file of fits by their names to the flow of each pair."""
    names = list(read_people(root / keypoints))
    files, left_out = find_images(root / images, names, root / keypoints)
    of_name = {
        name: shown(
            cv2.imread(str(file))
            if file.name.isascii()
            else cv2.imdecode(np.fromfile(file, np.uint8), 1)
        )
        for name, file in files.items()
    }
    assert sorted(of_name.values()) == list(range(len(names)))
    assert not left_out
    rows = [of_name[name] for name in names]
    save_fits(
        root / 'fits.npz',
        replace(known()[rows], names=np.array(names, object)),
    )
    synthesize_flow(
        [str(root / 'fits.npz'), str(root / pairs), str(root / 'corr')]
    )
    arguments = (root, images, pairs, keypoints, joints, shown)
    (root / 'parts').mkdir()
    for name, file in files.items():
        path = root / 'parts' / f'{picture_id(file.name)}.bmp'
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(
            cv2.imencode('.bmp', np.full(SIZE, of_name[name], np.uint8))[
                1
            ].tobytes()
        )
    stored = check_pairs(
        *arguments,
        prefix=dict(corr='corr', seg='parts'),
        pipeline=[dict(type='LoadPair', with_flow=True, visibility_median=0)],
    )
    made = check_pairs(
        *arguments,
        pipeline=[
            dict(type='LoadPair'),
            dict(
                type='FlowFromFits',
                fits_file=str(root / 'fits.npz'),
                median=0,
                missing='error',
            ),
        ],
    )
    for a, b in zip(stored, made, strict=True):
        ref, tgt = shown(a['ref_img']), shown(a['tgt_img'])
        assert (a['ref_parts'] == ref).all() and (a['tgt_parts'] == tgt).all()
        flow, visibility = flow_of(ref, tgt)
        for got in (a, b):
            np.testing.assert_array_equal(got['visibility'], visibility)
            np.testing.assert_allclose(
                got['flow'], flow.clip(-64, 64), atol=1e-3
            )
    return len(stored)


letters = st.characters(
    exclude_categories=['Cs'], exclude_characters='/\0\n\r_'
)
parts = st.one_of(
    st.text(letters, min_size=1, max_size=8),
    st.sampled_from(
        [
            ' a',
            'a ',
            '-rf',
            '--',
            '#1',
            'a#0',
            "it's",
            '"x"',
            'a,b',
            'a;b',
            '[x]',
            '{y}',
            '100%',
            '%2F',
            'a:b',
            '12:30:[1]',
            '\U0001f600',
            'e\u0301',
            '\xe9',
            '7',
            '0007',
            'Anna',
            'anna',
            'anna.2',
            'a.jpg',
            'a\\b',
            '~',
            '$HOME',
            '*',
            '?',
            'name',
            'from',
            'x\ty',
            'x\x85y',
            'MEN',
            'id 00000080',
            'a' * 60,
            '\u8863' * 70,
        ]
    ),
)
paths = st.tuples(
    st.lists(parts, min_size=1, max_size=3).map('/'.join),
    st.sampled_from(ENDINGS),
).map(''.join)


@settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck)
)
@given(
    st.lists(
        paths,
        min_size=2,
        max_size=MOST,
        unique_by=lambda name: picture_id(name).casefold(),
    ),
    st.sampled_from(['csv', 'openpose']),
)
@example(['1.png', 'anna/1.png', 'ben/1.bmp', 'ben/x/1.png'], 'openpose')
@example(['a.jpg.png', 'a.png', 'a#0.png', 'x/a'], 'csv')
@example(
    ['a,"b".png', "it's #1 [x].PNG", '-rf.bmp', ' \U0001f600 .png'], 'csv'
)
@example(
    ['fashionMENDenimid0000008001-1.png', '12:30:[1].png', '7', '7/7'],
    'openpose',
)
def test_from_photographs_to_flow(tmp_path_factory, names, form):
    init_default_scope('mmposetransfer')
    root = tmp_path_factory.mktemp('names')
    try:
        write_photos(root / 'photos', names)
    except OSError:  # a file where a folder is wanted, or too long a name
        assume(False)
    # Hidden ones are passed over, and 'a.txt' is no picture.
    assume(set(find_pictures(root / 'photos').names) == set(names))
    ids = [picture_id(name) for name in names]
    assume(len({unicodedata.normalize('NFKC', i) for i in ids}) == len(ids))
    poses = {name: pose(k) for k, name in enumerate(names)}
    joints = [pose(k) for k in range(len(names))]
    pairs = [(a, b) for a in names for b in names if a != b]
    keypoints = 'keypoints.csv'
    if form == 'csv':
        write_keypoint_csv(root / keypoints, poses)
    else:
        keypoints = 'openpose'
        for name, points in poses.items():
            write_openpose_json(
                openpose_file(root / keypoints, name), [points]
            )
    write_pairs_csv(root / 'pairs.csv', pairs, ending='')

    def shown(image):
        return round((float(image.mean()) - 30) / 40)

    # Where they are,
    assert check_flow(
        root, 'photos', 'pairs.csv', keypoints, joints, shown
    ) == len(pairs)
    # and as a data set that is made of them.
    write_identities(root / 'who.csv', dict.fromkeys(names, 'me'))
    mine = root / 'mine'
    prepare_folder(
        [
            str(root / 'photos'),
            '--keypoints',
            str(root / keypoints),
            '--identities',
            str(root / 'who.csv'),
            '--out',
            str(mine),
            '--size',
            '64x64',
        ]
    )
    placed = [
        fit_frame(SIZE, SIZE, points).place_keypoints(points)
        for points in joints
    ]
    assert len(read_identities(mine / 'identities.csv')) == len(names)
    assert len(read_pairs(mine / 'train.csv')) == len(pairs)
    try:
        checked = check_flow(
            mine, 'images', 'train.csv', 'keypoints.csv', placed, shown
        )
    except SystemExit as error:
        # '0' and '0/0' become '0' and '0_0', whose pairs have one file of
        # flow between them: refused, never written over.
        assume('would share the file' not in str(error))
        raise
    assert checked == len(pairs)
