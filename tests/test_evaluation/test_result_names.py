"""How published results are called, and which pair each belongs to."""

import numpy as np
import pytest

from mmposetransfer.datasets import picture_id
from mmposetransfer.evaluation.folders import (
    SCHEMES,
    NamePattern,
    find_scheme,
    match_names,
    match_pairs,
    pairs_of_names,
    result_stem,
)
from mmposetransfer.io.file_names import pair_name, result_name
from mmposetransfer.io.image_io import write_image

FIRST = 'fashionWOMENDressesid0000000201_1front.jpg'
SECOND = 'fashionWOMENDressesid0000000201_3back.jpg'
THIRD = 'fashionMENDenimid0000008001_7additional.jpg'
PAIRS = [(FIRST, SECOND), (SECOND, FIRST), (THIRD, FIRST)]
STEMS = [(a[:-4], b[:-4]) for a, b in PAIRS]
PICTURE = np.zeros((4, 3, 3), np.uint8)

NAMES = {
    'gfla': [f'{a}_2_{b}_vis.png' for a, b in STEMS],
    'patn': [f'{a}___{b}_vis.jpg' for a, b in PAIRS],
    'to': [f'{a}_2_{b}.png' for a, b in STEMS],
    'pair': [f'{a}_{b}.png' for a, b in STEMS],
    'number': ['0.png', '1.png', '2.png'],
}


def fill(folder, names):
    for name in names:
        write_image(folder / name, PICTURE)
    return str(folder)


def results_of(matches):
    return [entry.result.name for entry in matches.entries]


@pytest.mark.parametrize('scheme', NAMES)
def test_published_schemes_are_found_out(scheme, tmp_path):
    results = fill(tmp_path / 'results', NAMES[scheme])
    truths = fill(tmp_path / 'truths', [FIRST, SECOND, THIRD])
    matches = match_pairs(results, PAIRS, truths, truths)
    assert matches.scheme is SCHEMES[scheme]
    assert results_of(matches) == NAMES[scheme]
    assert [e.truth.name for e in matches.entries] == [SECOND, FIRST, FIRST]
    assert [e.reference.name for e in matches.entries] == [
        FIRST,
        SECOND,
        THIRD,
    ]
    assert not matches.missing and not matches.surplus


@pytest.mark.parametrize(
    'names',
    [
        [f'{a}_{b}.jpg' for a, b in PAIRS],  # endings kept, as pose-gan does
        [f'{a}___{b}_vis.png' for a, b in STEMS],
        [f'{place:06d}_made.png' for place in range(3)],
        ['1.png', '2.png', '3.png'],
    ],
)
def test_forms_of_the_schemes(names, tmp_path):
    scheme = find_scheme('{number}_made') if 'made' in names[0] else None
    results = fill(tmp_path, names)
    matches = match_pairs(results, PAIRS, None, scheme=scheme)
    assert results_of(matches) == names


def test_names_of_the_archive_and_of_folders(tmp_path):
    pairs = [
        (
            'img/WOMEN/Dresses/id_00000002/01_1_front.jpg',
            'img/WOMEN/Dresses/id_00000002/01_3_back.jpg',
        ),
        ('anna/1.jpg', 'anna/2.jpg'),
        ('ben/1.jpg', 'ben/2.jpg'),
    ]
    names = [
        f'{STEMS[0][0]}_{STEMS[0][1]}.png',
        'anna-1_anna-2.png',
        'ben/1_ben-2.png',
    ]
    results = fill(tmp_path, names)
    assert results_of(match_pairs(results, pairs, None)) == names


def test_a_form_of_ones_own(tmp_path):
    names = [f'made-{b}-of-{a}.png' for a, b in STEMS]
    results = fill(tmp_path, names)
    scheme = find_scheme('made-{target}-of-{reference}')
    assert (
        results_of(match_pairs(results, PAIRS, None, scheme=scheme)) == names
    )
    with pytest.raises(ValueError, match="no scheme.*mean 'gfla'"):
        find_scheme('gfal')
    with pytest.raises(ValueError, match="'{who}'.*{reference}, {target}"):
        find_scheme('{who}')
    with pytest.raises(ValueError, match='each once'):
        NamePattern('{name}_{name}')


def test_what_is_missing_and_surplus_has_names(tmp_path):
    names = [NAMES['gfla'][0], NAMES['gfla'][2], 'grid.png', 'notes.txt']
    results = fill(tmp_path / 'results', names[:3])
    (tmp_path / 'results' / 'notes.txt').write_text('ours')
    truths = fill(tmp_path / 'truths', [SECOND, THIRD])
    matches = match_pairs(results, PAIRS, truths)
    assert results_of(matches) == names[:1]
    assert matches.missing == [
        f'{SECOND} -> {FIRST} (no result)',
        f'{THIRD} -> {FIRST} (no truth)',
    ]
    assert matches.surplus == ['grid.png']
    assert [*matches.folders] == [results, truths]
    assert matches.folders[results].left_out.lines() == [
        'no picture (1): notes.txt'
    ]


def test_what_is_ambiguous_is_refused(tmp_path):
    twice = fill(tmp_path / 'twice', [f'{x}/{NAMES["to"][0]}' for x in 'ab'])
    with pytest.raises(ValueError, match='several results.*a/fashion'):
        match_pairs(twice, PAIRS, None)
    targets = fill(tmp_path / 'targets', [FIRST, SECOND])
    with pytest.raises(ValueError, match='result of 2 pairs.*one name'):
        match_pairs(targets, PAIRS, None)
    # A pair that a list has twice is one pair.
    again = fill(tmp_path / 'again', NAMES['to'])
    matches = match_pairs(again, [*PAIRS, PAIRS[0]], None)
    assert results_of(matches) == [*NAMES['to'], NAMES['to'][0]]


def test_nobody_gets_the_result_of_a_namesake(tmp_path):
    pairs = [(f'{who}/1.jpg', 'x.jpg') for who in ('ann', 'ben')]
    pairs.append(('1.jpg', 'x.jpg'))
    theirs = fill(tmp_path / 'theirs', ['ann/1_x.png', 'ann/1_y.png'])
    with pytest.raises(ValueError, match='no picture'):
        match_pairs(theirs, pairs[1:2], None)
    missing = match_pairs(theirs, pairs[:2], None).missing
    assert missing == ['ben/1.jpg -> x.jpg (no result)']
    # A name without a folder is that of the picture without one.
    names = ['1_x.png', 'ben/1_x.png']
    matches = match_pairs(fill(tmp_path / 'bare', names), pairs, None)
    assert [(e.ref_id, e.result.name) for e in matches.entries] == [
        ('ben/1.jpg', 'ben/1_x.png'),
        ('1.jpg', '1_x.png'),
    ]
    # Where all lie in a folder that the list does not speak of, too.
    deep = fill(tmp_path / 'deep', [f'epoch_9/{name}' for name in names])
    assert [e.ref_id for e in match_pairs(deep, pairs[1:2], None).entries] == [
        'ben/1.jpg'
    ]


def test_targets_in_folders(tmp_path):
    pairs = [('ann/1.jpg', 'ann/2.jpg'), ('ben/1.jpg', 'ben/2.jpg')]
    results = fill(tmp_path, ['ann/2.png', 'ben/2.png'])
    matches = match_pairs(results, pairs, None)
    assert matches.scheme is SCHEMES['target']
    assert results_of(matches) == ['ann/2.png', 'ben/2.png']


@pytest.mark.parametrize('writer', [pair_name, result_name])
def test_names_that_this_library_writes_are_read_back(writer, tmp_path):
    names = [
        'anna b/1 2',
        'ben/1,2',
        'e\u0301va (2)',
        '\U0001f600',
        '-rf',
        '#1',
    ]
    ids = [picture_id(name) for name in names]
    pairs = [(name, '"x" y') for name in names]
    written = [
        f'{writer(dict(ref_id=ref, tgt_id=picture_id(pairs[0][1])), 0)}.png'
        for ref in ids
    ]
    assert (
        results_of(match_pairs(fill(tmp_path, written), pairs, None))
        == written
    )


def test_lists_with_the_target_first_are_told(tmp_path):
    results = fill(tmp_path, NAMES['gfla'][2:])
    with pytest.raises(ValueError, match='--target-first'):
        match_pairs(results, [PAIRS[2][::-1]], None)
    with pytest.raises(ValueError, match='looked for was.*--scheme'):
        match_pairs(results, [('a.jpg', 'b.jpg')], None)
    with pytest.raises(ValueError, match='list of pairs is empty'):
        match_pairs(results, [], None)


def test_names_tell_pairs_where_there_is_no_list(tmp_path):
    for scheme in ('gfla', 'patn', 'to'):
        results = fill(tmp_path / scheme, NAMES[scheme])
        pairs, found = pairs_of_names(results)
        assert found is SCHEMES[scheme]
        assert sorted(pairs) == sorted(STEMS)
    assert pairs_of_names(fill(tmp_path / 'n', NAMES['number'])) is None


def test_names_that_have_a_part_in_common(tmp_path):
    folder = fill(
        tmp_path,
        [f'{n}_{k}.png' for n in ('00', '02') for k in ('ref', 'gt', 'made')]
        + ['04_gt.png', '06_made.png', 'page.png'],
    )
    forms = '{name}_made', '{name}_gt', '{name}_ref'
    matches = match_names(folder, folder, folder, *forms)
    assert [tuple(f and f.name for f in e[2:]) for e in matches.entries] == [
        (f'{n}_made.png', f'{n}_gt.png', f'{n}_ref.png') for n in ('00', '02')
    ]
    assert matches.missing == ['04 (no result)']
    assert matches.surplus == ['06_made.png', 'page.png']
    with pytest.raises(ValueError, match='no picture.*--truth-names'):
        match_names(folder, folder, None, '{name}_made', '{name}_other')


def test_common_names_in_any_form(tmp_path):
    results = fill(tmp_path / 'made', ['all/e\u0301va/1.png', 'all/ben/1.png'])
    truths = fill(tmp_path / 'true', ['\xe9va/1.jpg', 'ben/1.JPG', 'x/1.jpg'])
    (tmp_path / 'true' / 'a.heic').write_bytes(b'x')
    matches = match_names(results, truths)
    assert [(e.result.name, e.truth.name) for e in matches.entries] == [
        ('all/ben/1.png', 'ben/1.JPG'),
        ('all/e\u0301va/1.png', '\xe9va/1.jpg'),
    ]
    assert matches.missing == ['x/1 (no result)']
    assert not matches.folders[results].left_out
    assert matches.folders[truths].left_out


def test_stems_have_no_endings():
    assert result_stem('a.jpg___b.jpg_vis.jpg') == 'a___b_vis'
    assert result_stem('sub\\a.jpg_b.JPG.png') == 'sub/a_b'
    assert result_stem('v1.2_c.png') == 'v1.2_c'
