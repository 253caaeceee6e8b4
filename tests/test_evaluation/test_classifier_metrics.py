"""FashionIS, AttrRec-k by named classifiers, accuracy and calibration."""

import hashlib

import numpy as np
import pytest
import torch
from evaluation_samples import build_metric, evaluate, make_samples
from mmengine.structures import BaseDataElement
from torch import nn

from mmposetransfer.errors import (
    UserFileNotFoundError,
    UserKeyError,
    UserValueError,
)
from mmposetransfer.evaluation import (
    PoseTransferEvaluator,
    calibration_bins,
    calibration_error,
    fit_temperature,
    format_table,
    shipped_classifier,
)
from mmposetransfer.evaluation.folders.metric_choice import build_metrics
from mmposetransfer.evaluation.protocols import get_protocol
from mmposetransfer.models import ClothingClassifier
from mmposetransfer.synthfashion import ATTRIBUTES, SynthFashionWorld
from mmposetransfer.utils.setup_env import register_all_modules


@pytest.fixture(autouse=True)
def ready():
    register_all_modules()
    torch.manual_seed(0)


# ------------------------------------------------------------- calibration


def test_calibration_error_equals_plain_counting():
    rng = np.random.default_rng(0)
    chances, truth = rng.random((50, 4)), rng.integers(-1, 2, (50, 4))
    wanted, known = 0.0, truth >= 0
    for k in range(10):
        inside = known & (chances >= k / 10) & (chances < (k + 1) / 10)
        if inside.any():
            gap = chances[inside].mean() - truth[inside].mean()
            wanted += inside.sum() / known.sum() * abs(gap)
    bins = calibration_bins(torch.tensor(chances), torch.tensor(truth), 10)
    assert calibration_error(bins.sum(0)) == pytest.approx(wanted)
    certain = calibration_bins(torch.ones(5, 1), torch.ones(5, 1))
    assert calibration_error(certain.sum(0)) == 0


def test_calibration_error_equals_torchmetrics():
    functional = pytest.importorskip('torchmetrics.functional.classification')
    logits, labels = torch.randn(200, 5), torch.randint(5, (200,))
    wanted = functional.multiclass_calibration_error(
        logits.softmax(1), labels, num_classes=5, n_bins=15
    )
    numbers = classified('CategoryAccuracy', logits, labels, k=(1, 2))
    assert numbers['ECE'] == pytest.approx(float(wanted), abs=1e-5)


def test_temperature_undoes_what_was_done_to_true_logits():
    generator = torch.Generator().manual_seed(1)
    logits = 2 * torch.randn(20000, 4, generator=generator)
    labels = torch.multinomial(logits.softmax(1), 1, generator=generator)[:, 0]
    assert fit_temperature(3 * logits, labels) == pytest.approx(3, rel=0.05)
    has = torch.bernoulli(logits.sigmoid(), generator=generator).long()
    has[::3] = -1
    assert fit_temperature(logits / 2, has) == pytest.approx(0.5, rel=0.05)
    with pytest.raises(UserValueError, match='no pictures'):
        fit_temperature(torch.zeros(0, 3), torch.zeros(0))


# ---------------------------------------------------------------- accuracy


def classified(kind, logits, labels, meta=None, **arguments):
    samples = []
    for row, label in zip(logits, labels, strict=True):
        sample = BaseDataElement()
        sample.logits, sample.labels = row, label
        samples.append(sample)
    metric = build_metric(kind, **arguments)
    evaluator = PoseTransferEvaluator([metric], baselines=[])
    evaluator.dataset_meta = meta or {}
    for start in range(0, len(samples), 7):
        evaluator.process(samples[start : start + 7])
    numbers = evaluator.evaluate(len(samples))
    assert set(numbers) <= set(metric.columns)
    assert 'recall' in (table := format_table(numbers, evaluator)) or (
        'accuracy' in table
    )
    return numbers


def test_accuracy_equals_plain_counting():
    logits, labels = torch.randn(30, 6), torch.randint(6, (30,))
    got = classified('CategoryAccuracy', logits, labels, k=(1, 3))
    for k in (1, 3):
        hits = [
            int(label) in np.argsort(-row.numpy())[:k]
            for row, label in zip(logits, labels, strict=True)
        ]
        assert got[f'accuracy_{k}'] == pytest.approx(np.mean(hits))
    likely = torch.exp(logits.double())
    likely = likely / likely.sum(1, keepdim=True)
    nll = -likely[range(30), labels].log().mean()
    assert got['NLL'] == pytest.approx(float(nll), rel=1e-5)
    with pytest.raises(UserValueError, match='k=7'):
        classified('CategoryAccuracy', logits, labels, k=(7,))


def test_recall_of_each_type_equals_plain_counting():
    rng = np.random.default_rng(2)
    labels = rng.choice([-1, 0, 1], (25, 6), p=[0.1, 0.6, 0.3])
    logits = rng.normal(size=labels.shape) + labels
    groups = ('fabric', 'shape', 'fabric', 'part', 'shape', 'part')
    labels[:, [3, 5]] = 0  # a type that no picture has
    got = classified(
        'AttributeAccuracy',
        torch.tensor(logits),
        torch.tensor(labels),
        dict(attribute_groups=groups),
        k=(2, 4),
    )
    for k in (2, 4):
        surest = np.argsort(-logits, 1)[:, :k]
        each = []
        found, total = dict(fabric=0, shape=0), dict(fabric=0, shape=0)
        for row, chosen in zip(labels, surest, strict=True):
            has = np.flatnonzero(row > 0)
            each.append(np.isin(has, chosen).mean() if len(has) else 1)
            for place in has:
                total[groups[place]] += 1
                found[groups[place]] += place in chosen
        assert got[f'recall_{k}'] == pytest.approx(np.mean(each))
        for group in found:
            wanted = found[group] / total[group]
            assert got[f'{group}_recall_{k}'] == pytest.approx(wanted)
        assert f'part_recall_{k}' not in got
    assert 0 < got['mAP'] <= 1 and 0 <= got['ECE'] <= 1


# ---------------------------------------------------------- by a classifier

CONFIG = dict(
    type='mmposetransfer.ClothingClassifier',
    trunk=dict(
        type='mmposetransfer.ResNetTrunk',
        depths=(1,),
        width=4,
        resize=24,
        crop=24,
    ),
    num_labels=3,
    data_preprocessor=dict(type='mmposetransfer.ClothingPreprocessor'),
)


@pytest.fixture
def trained(tmp_path):
    """A checkpoint of a classifier, and the classifier."""
    arguments = {k: v for k, v in CONFIG.items() if k != 'type'}
    model = ClothingClassifier(**arguments).eval()
    model.head[-1].weight.data.mul_(30)
    torch.save(dict(state_dict=model.state_dict()), tmp_path / 'mine.pth')
    return tmp_path / 'mine.pth', model


@torch.no_grad()
def plain_score(model, images, splits):
    """Salimans et al. in numpy, part i of picture i modulo the parts."""
    logits = model(images).double().numpy()
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    scores = []
    for part in (p[i::splits] for i in range(splits)):
        kl = (part * (np.log(part) - np.log(part.mean(0)))).sum(1)
        scores.append(np.exp(kl.mean()))
    return np.mean(scores)


def test_fashion_is_is_the_score_through_the_named_checkpoint(trained):
    path, model = trained
    samples = make_samples(8)
    arguments = dict(classifier=CONFIG, weights=str(path), splits=2)
    got = evaluate([('FashionIS', arguments)], samples, batch=3)
    for name, field in (('', 'pred_img'), ('copy_reference/', 'ref_img')):
        images = torch.stack([getattr(s, field) for s in samples])
        images = ((images + 1) / 2 * 255).round().clamp(0, 255) / 127.5 - 1
        wanted = plain_score(model, images, 2)
        number = got[f'{name}FashionIS_dsc']
        assert number == pytest.approx(wanted, rel=1e-4)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    build_metric('FashionIS', **arguments, sha256=digest)
    with pytest.raises(UserValueError, match='SHA-256'):
        build_metric('FashionIS', **arguments, sha256='0' * 64)


def test_nothing_is_taken_in_place_of_a_missing_file(trained):
    path, _ = trained
    for kind in ('FashionIS', 'AttributeRecall'):
        with pytest.raises(UserValueError, match='weights of your training'):
            build_metric(kind, classifier=CONFIG)
        name = 'classifiers/type_inception_deepfashion'
        with pytest.raises(UserValueError, match='weights of your training'):
            build_metric(kind, classifier=name)
        with pytest.raises(UserFileNotFoundError):
            build_metric(kind, classifier=CONFIG, weights='none.pth')
        with pytest.raises(UserValueError, match='of another model'):
            build_metric(
                kind, classifier=dict(CONFIG, num_labels=4), weights=str(path)
            )

    class Silent(nn.Module):
        pass

    with pytest.raises(UserValueError, match='num_labels'):
        build_metric('FashionIS', classifier=Silent())


ITEMS = {
    'list_attr_cloth.txt': '3\nattribute_names\nred\ngreen wash\nblue\n',
    'list_attr_items.txt': '2\nitem_id attribute_labels\n'
    'id_00000001 1 -1 1\nid_00000002 -1 1 -1\n',
}


def test_labels_come_from_the_files_of_in_shop(trained, tmp_path):
    for name, text in ITEMS.items():
        (tmp_path / name).write_text(text)
    path, model = trained
    samples = make_samples(4)
    has = [[1, 0, 1], [0, 1, 0], [1, 0, 1], [0, 1, 0]]
    for number, sample in enumerate(samples):
        name = f'fashionMENDenimid0000000{1 + number % 2}01_{number}front'
        sample.set_metainfo(dict(tgt_id=name))
    arguments = dict(
        classifier=CONFIG,
        weights=str(path),
        k=(1, 2),
        label_files=str(tmp_path),
    )
    got = evaluate([('AttributeRecall', arguments)], samples, baselines=[])
    images = torch.stack([sample.pred_img for sample in samples])
    images = ((images + 1) / 2 * 255).round().clamp(0, 255) / 127.5 - 1
    with torch.no_grad():
        logits = model(images).numpy()
    for k in (1, 2):
        wanted = [
            sum(row[a] for a in np.argsort(-seen)[:k]) / sum(row)
            for row, seen in zip(has, logits, strict=True)
        ]
        assert got[f'AttrRec_{k}_dsc'] == pytest.approx(np.mean(wanted))
    samples[0].set_metainfo(dict(tgt_id='fashionMENDenimid0000000901_1front'))
    with pytest.raises(UserKeyError, match='id_00000009'):
        evaluate([('AttributeRecall', arguments)], samples[:1])


# ------------------------------------------------------------ what is shipped


@pytest.fixture(scope='module')
def people():
    """Pictures of people whom the shipped classifiers never saw."""
    world = SynthFashionWorld(
        (64, 64), split='test', num_people=30, num_pairs=30, seed=77
    )
    return [world.pair(index) for index in range(30)]


def as_tensor(img):
    rgb = torch.from_numpy(img[..., ::-1].transpose(2, 0, 1).copy())
    return rgb.float() / 127.5 - 1


def test_shipped_classifiers_know_people_they_never_saw(people):
    images = torch.stack([as_tensor(pair['tgt_img']) for pair in people])
    attributes = shipped_classifier('attributes_lite0_synthfashion')
    types = shipped_classifier('type_lite0_synthfashion')
    assert (attributes.num_labels, types.num_labels) == (len(ATTRIBUTES), 14)
    with torch.no_grad():
        logits, kinds = attributes(images), types(images)
    labels = np.stack([pair['attributes'] for pair in people])
    # Always the same list, the most frequent ones of the people here.
    constant = np.tile(labels.mean(0), (len(labels), 1))

    def recall(scores):
        surest = np.argsort(-scores, 1)[:, :20]
        found = np.take_along_axis(labels, surest, 1).sum(1)
        return (found / labels.sum(1)).mean()

    assert recall(logits.numpy()) > recall(constant) + 0.03
    from mmposetransfer.datasets import clothing_type

    truth = torch.tensor([clothing_type(row) for row in labels])
    common = float(torch.bincount(truth).max()) / len(truth)
    assert float((kinds.argmax(1) == truth).float().mean()) > common


def test_metrics_of_synthfashion_need_no_file(people):
    samples = make_samples(len(people), size=(64, 64))
    for sample, pair in zip(samples, people, strict=True):
        sample.gt_img = as_tensor(pair['tgt_img'])
        sample.pred_img = sample.gt_img.clone()
        sample.ref_img = sample.gt_img * 0
        sample.set_metainfo(dict(tgt_id=pair['tgt_id']))
    metrics = build_metrics(
        ['synthfashion_FashionIS', 'synthfashion_AttrRec_5'],
        [get_protocol('dsc')],
        ('pred_img', 'gt_img', 'ref_img'),
    )
    evaluator = PoseTransferEvaluator(
        metrics, [dict(type='mmposetransfer.CopyReference')]
    )
    evaluator.process(samples)
    numbers = evaluator.evaluate(len(samples))
    for name in ('FashionIS', 'AttrRec_5', 'AttrRec_20', 'attr_mAP'):
        name = f'synthfashion_{name}_dsc'
        assert numbers[name] > numbers[f'copy_reference/{name}'], name
    assert numbers['copy_reference/synthfashion_FashionIS_dsc'] == (
        pytest.approx(1, abs=1e-4)
    )
    table = format_table(numbers, evaluator)
    assert 'synthfashion-AttrRec-20' in table
    # Labels that the data have count the same as those of the names.
    for sample, pair in zip(samples, people, strict=True):
        sample.attributes = torch.from_numpy(pair['attributes'])
        sample.set_metainfo(dict(tgt_id='a photograph'))
    again = evaluate(['SynthAttributeRecall'], samples, baselines=[])
    assert again == {
        name: pytest.approx(numbers[name], abs=1e-6) for name in again
    }
    del samples[0].attributes
    with pytest.raises(UserKeyError, match='tells no person'):
        evaluate(['SynthAttributeRecall'], samples[:1], baselines=[])
