"""Tables of numbers, as `mmposetransfer test` prints them."""

import json

import pytest
from evaluation_samples import build_metric, make_samples, run
from mmengine.evaluator import Evaluator

from mmposetransfer.evaluation import (
    Column,
    PoseTransferEvaluator,
    PoseTransferMetric,
    format_table,
)


def _rows(table):
    return [
        [cell.strip() for cell in line.split('|')]
        for line in table.splitlines()
    ]


def _evaluator(*metrics):
    return PoseTransferEvaluator(
        [build_metric(kind, **arguments) for kind, arguments in metrics]
    )


def test_table_of_images_and_of_flow():
    evaluator = _evaluator(('ImageQuality', {}), ('FlowQuality', {}))
    numbers = run(evaluator, make_samples(2))
    table = format_table(dict(numbers, time=0.25), evaluator)
    images, flow, rest = (block.splitlines() for block in table.split('\n\n'))
    assert _rows('\n'.join(images)) == [
        ['images', 'SSIM (dsc) ↑', 'PSNR (dB, dsc) ↑', 'L1 (dsc) ↓'],
        [images[1]],
        *(
            [
                name,
                f'{numbers[method + "SSIM_dsc"]:.4f}',
                f'{numbers[method + "PSNR_dsc"]:.2f}',
                f'{numbers[method + "L1_dsc"]:.4f}',
            ]
            for name, method in (
                ('the model', ''),
                ('copy the reference', 'copy_reference/'),
                ('warp with the true flow', 'true_flow_warp/'),
            )
        ),
    ]
    assert _rows('\n'.join(flow)) == [
        [
            'flow',
            'EPE (px) ↓',
            'visibility accuracy ↑',
            'visibility mIoU ↑',
        ],
        [flow[1]],
        [
            'the model',
            f'{numbers["EPE"]:.3f}',
            f'{numbers["vis_accuracy"]:.4f}',
            f'{numbers["vis_mIoU"]:.4f}',
        ],
        ['zero flow', f'{numbers["zero_flow/EPE"]:.3f}', '-', '-'],
    ]
    assert rest == ['time: 0.25']
    assert len({len(line) for line in images}) == 1  # columns line up


def test_a_prefix_goes_to_the_row():
    evaluator = _evaluator(('FlowQuality', dict(prefix='clean')))
    numbers = run(evaluator, make_samples(2))
    assert set(numbers) == {
        'clean/EPE',
        'clean/vis_accuracy',
        'clean/vis_mIoU',
        'clean/zero_flow/EPE',
    }
    rows = _rows(format_table(numbers, evaluator))
    assert [row[0] for row in rows[2:]] == [
        'clean: the model',
        'clean: zero flow',
    ]


def test_protocols_have_columns_of_their_own():
    evaluator = _evaluator(
        ('ImageQuality', dict(protocol='torchmetrics')),
        ('ImageQuality', dict(protocol='official')),
    )
    numbers = run(evaluator, make_samples(2))
    assert json.loads(json.dumps(numbers)) == numbers
    assert all(isinstance(number, float) for number in numbers.values())
    rows = _rows(format_table(numbers, evaluator))
    for kind in ('torchmetrics', 'official'):
        column = rows[0].index(f'SSIM ({kind}) ↑')
        assert [row[column] for row in rows[2:]] == [
            f'{numbers[f"{method}SSIM_{kind}"]:.4f}'
            for method in ('', 'copy_reference/', 'true_flow_warp/')
        ]
    assert len(rows[0]) == 1 + 6 and 'official' not in rows[2][0]


def test_numbers_of_a_plain_evaluator_have_columns_too():
    evaluator = Evaluator([build_metric('FlowQuality')])
    numbers = run(evaluator, make_samples(2))
    rows = _rows(format_table(numbers, evaluator))
    assert [row[0] for row in rows[2:]] == ['the model']


class Right(PoseTransferMetric):
    """A metric of a user's."""

    predictions = ('pred_flow',)

    def score(self, fields):
        return dict(right=fields['pred_flow'].sum((1, 2, 3)))


def test_metric_of_the_users_gets_a_column():
    numbers = {
        'EPE': 1.0,
        'zero_flow/EPE': 3.0,
        'right': 50.123,
        'zero_flow/right': 1.0,
    }
    metrics = [build_metric('FlowQuality'), Right()]
    without = format_table(numbers, PoseTransferEvaluator(metrics))
    assert without.splitlines()[-2:] == ['right: 50.123', 'zero_flow/right: 1']
    metrics[1].columns = {'right': Column('flow', 'right', 1, 'higher', '%')}
    rows = _rows(format_table(numbers, PoseTransferEvaluator(metrics)))
    assert rows[0] == ['flow', 'EPE (px) ↓', 'right (%) ↑']
    assert rows[2:] == [
        ['the model', '1.000', '50.1'],
        ['zero flow', '3.000', '1.0'],
    ]


def test_numbers_that_nobody_knows_are_listed():
    evaluator = PoseTransferEvaluator([])
    text = format_table({'loss': 0.123456789, 'note': 'x'}, evaluator)
    assert text == 'loss: 0.123457\nnote: x'


def test_a_column_says_what_is_better():
    assert Column('images', 'L1', 4, 'lower').text() == 'L1 ↓'
    with pytest.raises(ValueError, match="'L1'.*'higher', 'lower'.*'down'"):
        Column('images', 'L1', 4, 'down')
