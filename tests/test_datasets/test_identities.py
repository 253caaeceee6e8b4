"""Pairs from who is in the images."""

from itertools import permutations

import pytest

from mmposetransfer.datasets import (
    pairs_of_identities,
    read_identities,
    read_image_list,
    read_pairs,
)

PEOPLE = {f'{who}{k}.jpg': who for k in range(5) for who in ('a', 'b')} | {
    'c0.jpg': 'c'
}


def all_pairs(people):
    return {
        pair
        for pair in permutations(people, 2)
        if people[pair[0]] == people[pair[1]]
    }


def test_all_ordered_pairs_of_one_person():
    pairs = pairs_of_identities(PEOPLE)
    assert len(pairs) == len(set(pairs)) == 40
    assert set(pairs) == all_pairs(PEOPLE)


def test_drawn_pairs_are_a_fixed_part_of_them():
    drawn = pairs_of_identities(PEOPLE, 7, seed=3)
    assert len(set(drawn)) == 7 and set(drawn) <= all_pairs(PEOPLE)
    assert drawn == pairs_of_identities(PEOPLE, 7, seed=3)
    assert drawn != pairs_of_identities(PEOPLE, 7, seed=4)
    assert pairs_of_identities(PEOPLE, 400) == pairs_of_identities(PEOPLE)
    with pytest.raises(ValueError, match='at least 1'):
        pairs_of_identities(PEOPLE, 0)


def test_every_pair_is_drawn_as_often():
    counts = dict.fromkeys(all_pairs(PEOPLE), 0)
    for seed in range(800):
        for pair in pairs_of_identities(PEOPLE, 4, seed):
            counts[pair] += 1
    # 80 each on average, with a standard deviation of 8.5.
    assert min(counts.values()) > 40 and max(counts.values()) < 120


def test_pairs_of_many_images_need_no_memory():
    """Ten billion pairs, of which a few are drawn."""
    people = {f'{k}.jpg': 'anna' for k in range(100_000)}
    pairs = pairs_of_identities(people, 10)
    assert len(set(pairs)) == 10 and all(a != b for a, b in pairs)


def test_pairs_of_files(tmp_path):
    table = tmp_path / 'who.csv'
    table.write_text(
        'name,identity\n'
        + ''.join(f'{name},{who}\n' for name, who in PEOPLE.items())
    )
    assert read_identities(table) == PEOPLE
    assert read_pairs(table) == pairs_of_identities(PEOPLE)
    assert read_pairs(table, max_pairs=3, seed=1) == pairs_of_identities(
        PEOPLE, 3, 1
    )
    names = [
        f'fashionMENDenimid00000080{item}_{k}front.jpg'
        for item in ('01', '02')
        for k in (1, 2)
    ]
    (tmp_path / 'train.lst').write_text('\n'.join(names) + '\n\n')
    assert read_image_list(tmp_path / 'train.lst') == names
    assert set(read_pairs(tmp_path / 'train.lst')) == {
        (names[0], names[1]),
        (names[1], names[0]),
        (names[2], names[3]),
        (names[3], names[2]),
    }


@pytest.mark.parametrize(
    'name, content, message',
    [
        ('a.csv', 'name,identity\na.jpg,\n', "a.csv', line 2"),
        ('a.csv', 'name,identity\na.jpg,x\na.jpg,x\n', 'line 3.*second time'),
        ('a.csv', 'name,who\na.jpg,x\n', "'name' and 'identity'"),
        ('a.lst', 'anna.jpg\n', "'anna.jpg' does not tell"),
        (
            'a.lst',
            '0001_c1s1_000001_01.jpg\n0001_c1s1_000001_01.jpg\n',
            'line 2.*after line 1',
        ),
        ('a.lst', b'\xff\xfe\x00', 'UTF-8'),
    ],
)
def test_wrong_lines_are_named(tmp_path, name, content, message):
    data = content if isinstance(content, bytes) else content.encode()
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ValueError, match=message):
        read_identities(tmp_path / name)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='nowhere.csv'):
        read_identities(tmp_path / 'nowhere.csv')
