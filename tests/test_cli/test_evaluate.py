"""The command that scores folders, on folders made up here."""

import csv
import json
import re

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage.metrics import structural_similarity

from mmposetransfer.cli.evaluate import main
from mmposetransfer.io.image_io import read_image, write_image

SIZE = (64, 56)
PAIRS = [('a.jpg', 'b.jpg'), ('b.jpg', 'a.jpg'), ('a.jpg', 'c.jpg')]


def photograph(seed, size=SIZE):
    """Smooth colours and some noise, uint8 (H, W, 3)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: size[0], : size[1]]
    phase = rng.uniform(0, 6, 3)
    waves = np.sin(x[..., None] / 9 + phase) + np.cos(y[..., None] / 7)
    noisy = 120 + 50 * waves + rng.normal(0, 6, waves.shape)
    return noisy.clip(0, 255).astype(np.uint8)


TRUTHS = {f'{name}.png': photograph(i) for i, name in enumerate('abc')}


def made_of(target, step=8):
    """What a method could have made: the truth, blurred and darker."""
    blurred = cv2.GaussianBlur(TRUTHS[f'{target[0]}.png'], (5, 5), 1.2)
    return np.maximum(blurred, step) - np.uint8(step)


@pytest.fixture(scope='module')
def place(tmp_path_factory):
    """Truths, results and a list of three pairs."""
    place = tmp_path_factory.mktemp('scored')
    for name, picture in TRUTHS.items():
        write_image(place / 'truths' / name, picture)
    rows = ''.join(f'{a},{b}\n' for a, b in PAIRS)
    (place / 'pairs.csv').write_text(f'from,to\n{rows}')
    for a, b in PAIRS:
        name = f'{a[0]}_2_{b[0]}_vis.png'
        write_image(place / 'results' / name, made_of(b))
    return place


def run(place, results, *options, pairs=True, truths='truths', out=None):
    """Run the command; the numbers that it writes."""
    argv = [str(place / results)]
    if pairs:
        argv += ['--pairs', str(place / 'pairs.csv')]
    if truths:
        argv += ['--truths', str(place / truths)]
    if '--metrics' not in options:
        argv += ['--metrics', 'ImageQuality']
    out = out or place / 'numbers.json'
    main([*argv, '--out', str(out), *map(str, options)])
    return json.loads(out.read_text()) if out.suffix == '.json' else None


def numbers(*args, **kwargs):
    return run(*args, **kwargs)['numbers']


def by_skimage(pairs, **kwargs):
    """Mean SSIM of pairs of pictures."""
    return np.mean(
        [
            structural_similarity(
                made,
                true,
                channel_axis=2,
                **{
                    k: v(made) if callable(v) else v for k, v in kwargs.items()
                },
            )
            for made, true in pairs
        ]
    )


GAUSSIAN = dict(
    gaussian_weights=True,
    sigma=1.5,
    use_sample_covariance=False,
    data_range=lambda made: int(made.max()) - int(made.min()),
)
UNIFORM_51 = dict(win_size=51, data_range=255)


def test_ssims_are_those_of_scikit_image(place, capsys):
    got = numbers(place, 'results', '--protocol', 'dsc', 'gfla')
    pairs = [(made_of(b), TRUTHS[f'{b[0]}.png']) for _, b in PAIRS]
    assert got['SSIM_dsc'] == pytest.approx(
        by_skimage(pairs, **GAUSSIAN), abs=1e-6
    )
    assert got['SSIM_gfla'] == pytest.approx(
        by_skimage(pairs, **UNIFORM_51), abs=1e-6
    )
    steps = [np.abs(made.astype(float) - true) for made, true in pairs]
    assert got['L1_dsc'] == pytest.approx(np.mean(steps) / 255, abs=1e-7)
    psnr = [10 * np.log10(255**2 / np.mean(step**2)) for step in steps]
    assert got['PSNR_gfla'] == pytest.approx(np.mean(psnr), abs=1e-6)
    printed = capsys.readouterr().out
    for name in ('dsc', 'gfla'):  # a table for each
        assert re.search(rf'(?m)^images +\| SSIM \({name}\)', printed)
    assert f'results | {got["SSIM_dsc"]:>12.4f}' in printed
    assert '3 of 3 pairs count' in printed


def test_two_runs_give_the_same_digits_with_any_number_of_threads(place):
    once = run(place, 'results', '--batch-size', '2')
    again = run(place, 'results', '--batch-size', '2', '--workers', '4')
    assert once == again


def test_the_copied_reference_stands_beside(place, capsys):
    got = numbers(place, 'results', '--baseline', 'copy', '--name', 'ours')
    steps = [
        np.abs(TRUTHS[f'{a[0]}.png'].astype(float) - TRUTHS[f'{b[0]}.png'])
        for a, b in PAIRS
    ]
    assert got['copy_reference/L1_dsc'] == pytest.approx(
        np.mean(steps) / 255, abs=1e-7
    )
    printed = capsys.readouterr().out
    assert 'copy the reference |' in printed and '\nours ' in printed


def test_numbers_of_other_metrics(place):
    got = numbers(place, 'results', '--metrics', 'L1', 'sharpness')
    assert {'sharpness_dsc', 'L1_dsc', 'SSIM_dsc'} <= set(got)
    assert 0 < got['sharpness_dsc'] < 1  # they are blurred


@pytest.mark.parametrize(
    'options, message',
    [
        (['--metrics', 'SSMI'], "no metric 'SSMI'.*mean 'SSIM'"),
        (['--metrics', 'FlowQuality'], 'of pictures alone.*pred_flow'),
        (['--protocol', 'pant'], "no evaluation protocol 'pant'.*'patn'"),
        (['--metrics', 'LPIPS'], 'without weights.*LPIPS.weights=VALUE'),
        (['--metrics', 'FashionIS'], 'FashionIS.classifier=VALUE'),
        (['--options', 'Sharpness.a=1'], 'of no metric.*ImageQuality.ARG'),
        (['--options', 'ImageQuality.perfix=a'], "mean 'prefix'"),
        (['--import', 'no_such_module'], "importing 'no_such_module'"),
        (['--protocol', 'dsc2018'], r'results.a_2_b_vis.png.*64x56.*256x256'),
        (['--out', 'scores.txt'], r"'scores.txt'.*\.csv, \.json, \.tex"),
        (['--scheme', 'sheet'], "no scheme of names 'sheet'"),
        (['--split', 'a', '--sheet', '5'], r'PANELS:RESULT.*got .5'),
        (['--device', 'gpu'], "--device must be such as 'cpu'"),
        (['--device', 'cuda:99'], "'cuda:99' was asked for"),
    ],
)
def test_mistakes_are_told_in_one_line(place, options, message):
    with pytest.raises(SystemExit) as ended:
        run(place, 'results', *options)
    assert re.search(f'(?s)^error: .*{message}', str(ended.value))


def copied(place, tmp_path, leave_out=()):
    """The results in a folder of the test's own."""
    for file in (place / 'results').iterdir():
        if file.name not in leave_out:
            write_image(tmp_path / file.name, read_image(file))
    return tmp_path


def test_a_missing_result_is_an_error_unless_allowed(place, tmp_path, capsys):
    results = copied(place, tmp_path, ['b_2_a_vis.png'])
    with pytest.raises(SystemExit, match=r'1 of 3.*b.jpg -> a.jpg \(no res'):
        run(place, results)
    report = run(place, results, '--allow-missing')
    assert report['pairs'] == 2 and report['pairs_in_all'] == 3
    assert report['missing'] == ['b.jpg -> a.jpg (no result)']
    printed = capsys.readouterr()
    assert '2 of 3 pairs count' in printed.out
    assert 'b.jpg -> a.jpg (no result)' in printed.err


def test_surplus_files_are_told_and_not_counted(place, tmp_path, capsys):
    results = copied(place, tmp_path)
    write_image(results / 'grid.png', photograph(9))
    (results / 'b.heic').write_bytes(b'not read')
    report = run(place, results)
    assert report['surplus'] == ['grid.png'] and report['pairs'] == 3
    told = capsys.readouterr().err
    assert "nobody's result: grid.png" in told
    assert f'{results}: 4 pictures taken, 1 left out' in told
    assert 'truths: 3 pictures taken, 0 left out' in told
    assert report['numbers'] == numbers(place, 'results')


def test_a_broken_picture_has_a_name(place, tmp_path, capsys):
    results = copied(place, tmp_path)
    broken = results / 'b_2_a_vis.png'
    broken.write_bytes(broken.read_bytes()[:200])
    with pytest.raises(SystemExit, match=r"b_2_a_vis.png' is cut off"):
        run(place, results)
    report = run(place, results, '--allow-missing')
    assert report['pairs'] == 2 and 'cut off' in report['unreadable'][0]
    assert '2 of 3 pairs count' in capsys.readouterr().out


def test_a_wrong_size_is_refused_where_nothing_is_resized(place, tmp_path):
    results = copied(place, tmp_path)
    write_image(results / 'b_2_a_vis.png', photograph(5, (32, 28)))
    with pytest.raises(SystemExit, match=r'b_2_a_vis.png.*32x28.*64x56'):
        run(place, results)


def pillow_image(bgr):
    return Image.fromarray(np.ascontiguousarray(bgr[..., ::-1]))


def turned(bgr, path):
    """On its side, and an EXIF entry says so."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    pillow_image(np.rot90(bgr)).save(path, exif=exif)


def over_white(bgr, path):
    """The left half half transparent."""
    alpha = np.full(bgr.shape[:2], 255, np.uint8)
    alpha[:, : bgr.shape[1] // 2] = 128
    write_image(path, np.dstack([bgr, alpha]))


# How a file is written, and what it shows of a picture (H, W, 3) BGR.
KINDS = dict(
    grey=(
        lambda bgr, path: write_image(path, bgr[..., 1]),
        lambda bgr: bgr[..., [1, 1, 1]],
    ),
    sixteen_bits=(
        lambda bgr, path: write_image(path, bgr.astype(np.uint16) * 257),
        lambda bgr: bgr,
    ),
    grey_of_sixteen_bits=(
        lambda bgr, path: write_image(path, bgr[..., 1] * np.uint16(257)),
        lambda bgr: bgr[..., [1, 1, 1]],
    ),
    alpha=(
        over_white,
        lambda bgr: np.where(
            np.arange(bgr.shape[1])[None, :, None] < bgr.shape[1] // 2,
            255 - (255.0 - bgr) * 128 / 255,
            bgr,
        ),
    ),
    palette=(
        lambda bgr, path: (
            pillow_image(bgr // 64 * 64).quantize(256).save(path)
        ),
        lambda bgr: bgr // 64 * 64,
    ),
)
LOSSY_KINDS = dict(
    cmyk=lambda bgr, path: pillow_image(bgr).convert('CMYK').save(path),
    turned=turned,
)


@pytest.mark.parametrize('kind', KINDS)
def test_any_kind_of_file_is_scored_as_what_it_shows(place, tmp_path, kind):
    write, shows = KINDS[kind]
    for a, b in PAIRS:
        write(made_of(b), tmp_path / f'{a[0]}_2_{b[0]}_vis.png')
    wanted = [
        np.abs(shows(made_of(b)).astype(float) - TRUTHS[f'{b[0]}.png'])
        for _, b in PAIRS
    ]
    got = numbers(place, tmp_path)
    half_a_step = 0.5 / 255 if kind == 'alpha' else 1e-7  # of rounding
    assert got['L1_dsc'] == pytest.approx(
        np.mean(wanted) / 255, abs=half_a_step
    )


@pytest.mark.parametrize('kind', LOSSY_KINDS)
def test_jpeg_files_of_any_kind_are_scored_upright(place, tmp_path, kind):
    for a, b in PAIRS:
        LOSSY_KINDS[kind](made_of(b), tmp_path / f'{a[0]}_2_{b[0]}_vis.jpg')
    got, wanted = numbers(place, tmp_path), numbers(place, 'results')
    assert got['SSIM_dsc'] == pytest.approx(wanted['SSIM_dsc'], abs=0.05)
    assert got['L1_dsc'] == pytest.approx(wanted['L1_dsc'], abs=0.01)


def test_sheets_are_cut_and_hold_their_truths(place, tmp_path, capsys):
    grey = np.full((*SIZE, 3), 99, np.uint8)
    for (a, b), scheme in ((p, s) for p in PAIRS for s in ('patn', 'dsc')):
        ref, true = TRUTHS[f'{a[0]}.png'], TRUTHS[f'{b[0]}.png']
        if scheme == 'patn':
            row, name = [ref, grey, true, grey, made_of(b)], f'{a}___{b}_vis'
        else:
            row, name = [ref, true, made_of(b)], f'{a}_{b}'
        write_image(tmp_path / scheme / f'{name}.png', np.hstack(row))
    wanted = numbers(place, 'results', '--baseline', 'copy')
    for scheme, panels in (('patn', 5), ('dsc', 3)):
        got = numbers(
            place, tmp_path / scheme, '--baseline', 'copy', truths=None
        )
        assert got == pytest.approx(wanted, abs=1e-12)
        assert f'on sheets of {panels}' in capsys.readouterr().out
    # Which pairs there are, names tell as well.
    got = numbers(place, tmp_path / 'patn', pairs=False, truths=None)
    assert got['SSIM_dsc'] == pytest.approx(wanted['SSIM_dsc'], abs=1e-12)
    # The truth in place of the result.
    options = '--sheet', '5:3'
    assert numbers(place, tmp_path / 'patn', *options)['SSIM_dsc'] == 1
    with pytest.raises(SystemExit, match=r'a.jpg___.*64x280.*no 4 panels'):
        numbers(place, tmp_path / 'patn', '--sheet', '4:4')
    with pytest.raises(SystemExit, match='no truths: name.*--truths'):
        numbers(place, tmp_path / 'patn', '--sheet', '5:5', truths=None)


def test_names_in_common_need_no_list(place, tmp_path, capsys):
    for number, (a, b) in enumerate(PAIRS):
        for kind, picture in (
            ('ref', TRUTHS[f'{a[0]}.png']),
            ('gt', TRUTHS[f'{b[0]}.png']),
            ('made', made_of(b)),
        ):
            write_image(tmp_path / f'{number:02d}_{kind}.png', picture)
    got = numbers(
        place,
        tmp_path,
        '--references',
        tmp_path,
        '--scheme',
        '{name}_made',
        '--truth-names',
        '{name}_gt',
        '--reference-names',
        '{name}_ref',
        '--baseline',
        'copy',
        pairs=False,
        truths=tmp_path,
    )
    assert got == numbers(place, 'results', '--baseline', 'copy')


def test_reports_have_every_number_with_its_protocol(place, tmp_path):
    path = tmp_path / 'scores.csv'
    options = '--protocol', 'dsc', 'gfla', '--name', 'A_1', '--out', path
    report = run(place, 'results', *options[:-2])
    run(place, 'results', *options, tmp_path / 'scores.tex', out=path)
    rows = list(csv.DictReader(path.open()))
    assert {(r['number'], r['protocol']) for r in rows} == {
        (n, p) for n in ('SSIM', 'PSNR', 'L1') for p in ('dsc', 'gfla')
    }
    for row in rows:
        assert row['method'] == 'A_1' and row['pairs'] == '3'
        name = f'{row["number"]}_{row["protocol"]}'
        assert float(row['value']) == report['numbers'][name]
    assert set(report['protocols']) == {'dsc', 'gfla'}
    tex = (tmp_path / 'scores.tex').read_text()
    assert r'A\_1 & ' + f'{report["numbers"]["SSIM_dsc"]:.4f}' in tex
    assert r'PSNR (dB, gfla) $\uparrow$' in tex
    assert tex.count(r'\begin{tabular}{lrrr}') == 2


def test_jpeg_files_are_not_put_through_jpeg_again(place, tmp_path, capsys):
    protocol = '--protocol', 'gfla2020'
    for a, b in PAIRS[:1]:
        big = cv2.resize(made_of(b), (256, 256))
        for ending in ('jpg', 'png'):
            name = f'{a[0]}_2_{b[0]}_vis.{ending}'
            write_image(tmp_path / ending / name, big)
    stored = read_image(tmp_path / 'jpg' / 'a_2_b_vis.jpg')
    truth = cv2.resize(TRUTHS['b.png'], (256, 256))
    write_image(tmp_path / 'truths' / 'b.png', truth)
    got = numbers(
        place,
        tmp_path / 'jpg',
        *protocol,
        pairs=False,
        truths=tmp_path / 'truths',
    )
    step = np.abs(stored.astype(float) - truth)
    assert got['L1_gfla2020'] == pytest.approx(step.mean() / 255, abs=1e-7)
    for name, how in (('SSIM', UNIFORM_51), ('SSIM_256', GAUSSIAN)):
        assert got[f'{name}_gfla2020'] == pytest.approx(
            by_skimage([(stored, truth)], **how), abs=1e-6
        )
    assert not capsys.readouterr().err.startswith('gfla2020')
    lossless = numbers(
        place,
        tmp_path / 'png',
        *protocol,
        pairs=False,
        truths=tmp_path / 'truths',
    )
    assert 'these go through JPEG of quality 75' in capsys.readouterr().err
    _, data = cv2.imencode('.jpg', big, [cv2.IMWRITE_JPEG_QUALITY, 75])
    step = np.abs(cv2.imdecode(data, 1).astype(float) - truth)
    assert lossless['L1_gfla2020'] == pytest.approx(
        step.mean() / 255, abs=1e-7
    )


def test_protocols_are_listed(capsys):
    with pytest.raises(SystemExit) as ended:
        main(['--list-protocols'])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert 'patn2019: Zhu et al.' in printed and 'quality' in printed
