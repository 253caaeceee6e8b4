"""Files of flow: made, kept, mended, in a folder of one job."""

import os
from dataclasses import replace

import numpy as np
import pytest
from known_fits import all_pairs, known_fits

from mmposetransfer.datasets.flow_files import read_flow
from mmposetransfer.datasets.flow_truth import (
    FlowCounts,
    FlowJob,
    FlowMaker,
    plan_work,
)
from mmposetransfer.datasets.flow_truth.flow_job import MARK
from mmposetransfer.geometry.fitting.flow_synthesizer import FlowSynthesizer
from mmposetransfer.jobs import filling


@pytest.fixture
def fits():
    return known_fits(3)


def make(job, pairs=None):
    work, _ = plan_work(pairs or all_pairs(3), job.fits, chunk=4)
    counts = FlowCounts()
    with filling(job.folder, MARK, job.description(), alone=True):
        for chunk in work.share(0, 1):
            counts = counts.plus(FlowMaker(job, work)(chunk))
    return counts


@pytest.mark.parametrize('ending, error', [('.corr', 1e-4), ('.npz', 1 / 128)])
def test_files_hold_the_flow_of_their_pair(tmp_path, fits, ending, error):
    assert make(FlowJob(fits, str(tmp_path), ending)) == (6, 0, 0)
    assert len(os.listdir(tmp_path)) == 7
    flow, visibility = FlowSynthesizer(fits)(0, 2)
    got, classes = read_flow(tmp_path / f'person_2_person_0{ending}')
    np.testing.assert_array_equal(classes, visibility)
    limit = np.float32(64)  # the formats clip
    np.testing.assert_allclose(got, flow.clip(-limit, limit), atol=error)


def test_nothing_is_stored_where_nothing_is_asked_for(tmp_path, fits):
    job = FlowJob(fits, str(tmp_path), '')
    work, _ = plan_work(all_pairs(3), fits)
    assert FlowMaker(job, work)(0) == (6, 0, 0)
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize('ending', ['.corr', '.npz'])
def test_what_is_whole_is_kept_and_what_is_not_is_made_anew(
    tmp_path, fits, ending
):
    job = FlowJob(fits, str(tmp_path), ending)
    make(job)
    kept, cut, gone = (
        tmp_path / f'person_{name}{ending}'
        for name in ('0_person_1', '1_person_0', '2_person_1')
    )
    whole = {path: path.read_bytes() for path in (kept, cut, gone)}
    stamp = kept.stat().st_mtime_ns
    cut.write_bytes(whole[cut][:-9])
    gone.unlink()
    assert make(job) == (2, 4, 1)
    for path, content in whole.items():
        assert path.read_bytes() == content
    assert kept.stat().st_mtime_ns == stamp


def test_a_file_of_another_size_is_made_anew(tmp_path, fits):
    job = FlowJob(fits, str(tmp_path))
    make(job)
    path, other = (
        tmp_path / f'person_{pair}.corr'
        for pair in ('0_person_1', '1_person_0')
    )
    whole = path.read_bytes()
    small = FlowJob(known_fits(3, (32, 32)), str(tmp_path / 'small'))
    make(small)
    path.write_bytes((tmp_path / 'small' / path.name).read_bytes())
    assert make(job) == (1, 5, 1)
    assert path.read_bytes() == whole != other.read_bytes()


def test_a_folder_is_of_one_job(tmp_path, fits):
    job = FlowJob(fits, str(tmp_path), '.npz')
    make(job, all_pairs(3)[:2])
    assert make(job) == (4, 2, 0)  # more pairs of the same are welcome
    content = sorted(os.listdir(tmp_path))
    moved = replace(fits, camera=fits.camera + np.float32([0, 1, 0, 0]))
    for change, named in (
        (dict(median=5), 'median 0, now 5'),
        (dict(rule='face'), "rule 'depth', now 'face'"),
        (dict(ending='.corr'), "ending '.npz', now '.corr'"),
        (dict(fits=moved), 'other fits'),
    ):
        with pytest.raises(ValueError, match=named):
            make(replace(job, **change))
    assert sorted(os.listdir(tmp_path)) == content


def test_another_ones_folder_is_refused(tmp_path, fits):
    for content in ('[]', '{"ending": 3}'):
        (tmp_path / 'flow.json').write_text(content)
        with pytest.raises(ValueError, match='other settings'):
            make(FlowJob(fits, str(tmp_path)))
    (tmp_path / 'flow.json').write_text('{')
    with pytest.raises(ValueError, match='flow.json'):
        make(FlowJob(fits, str(tmp_path)))


def test_pictures_of_a_pair_have_one_size(tmp_path, fits):
    fits = replace(fits, sizes=np.int32([[64, 64], [64, 48], [64, 64]]))
    with pytest.raises(ValueError, match='person_1.jpg.* of 64x48'):
        make(FlowJob(fits, str(tmp_path)))


def test_an_unknown_format_is_named(fits):
    with pytest.raises(ValueError, match="'.flo'"):
        FlowJob(fits, '', '.flo')
