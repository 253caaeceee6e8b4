"""Protocols by the names of papers: all that their authors' code fixes.

The protocols of ``published.py`` say how pictures are compared. These add
where the pictures come from: size, file format, sets and networks, as the
papers' own evaluation code has them. What that code does not say is in
``unknown``.
"""

from dataclasses import replace

from .protocol import Protocol, SSIMVariant

__all__ = ['PAPERS']

_GAUSSIAN = SSIMVariant('gaussian', data_range='generated')
_UNIFORM_51 = SSIMVariant('uniform', 51, sample_covariance=True)
_LOW_RESOLUTION = ((256, 256),)
# 256x256 has 40 columns of border on each side, which PATN cuts off; pictures
# that have been cut are taken as they are.
_CUT_OR_NOT = ((256, 256), (256, 176))
_MARKET = ((128, 64),)

DSC2018 = Protocol(
    'dsc2018',
    'Siarohin et al., "Deformable GANs", CVPR 2018: DeepFashion at 256x256',
    _GAUSSIAN,
    accepts=_LOW_RESOLUTION,
    metrics=('SSIM', 'IS'),
    unknown='Pictures are compared before they are stored: the format of '
    'files is not said. The paper has a detection score, too.',
)
DIPT2019 = Protocol(
    'dipt2019',
    'Li et al., "Dense Intrinsic Appearance Flow", CVPR 2019: SSIM of the '
    "authors' test script, on 8-bit images before they are stored",
    SSIMVariant('uniform', 7, sample_covariance=True),
    rounding='down',
    accepts=_LOW_RESOLUTION,
    metrics=('SSIM', 'IS', 'FashionIS', 'AttrRec'),
    unknown='Results are stored as JPEG by OpenCV without a quality (95 by '
    'default), and IS and AttrRec are of those files; that is not done here. '
    "The paper takes other methods' SSIM from their papers, and does not say "
    'by which its own is: compare by dsc2018, too.',
)
PATN2019 = Protocol(
    'patn2019',
    'Zhu et al., "Progressive Pose Attention Transfer", CVPR 2019: columns '
    '40 to 215 of 256x256, white beside them for SSIM',
    replace(_GAUSSIAN, white_border=40),
    rounding='down',
    file_format='jpg',
    jpeg_quality=75,
    jpeg_of=('generated', 'true'),
    accepts=_CUT_OR_NOT,
    crop=(256, 176),
    metrics=('SSIM', 'IS', 'PCKh'),
    unknown='Result and truth are stored on one JPEG sheet; its quality is '
    "not said, 75 is the default of Pillow's. Pictures are cut before they "
    'are stored, here after. The paper has a detection score, too.',
)
GFLA2020 = Protocol(
    'gfla2020',
    'Ren et al., "Deep Image Spatial Transformation", CVPR 2020: DeepFashion '
    'of 750x1101 resized to 256x256',
    _UNIFORM_51,
    ssim_256=_GAUSSIAN,
    rounding='down',
    file_format='jpg',
    jpeg_quality=75,
    size=(256, 256),
    real_set='train',
    lpips_network='alex',
    fid_network='torchvision',
    metrics=('SSIM', 'SSIM_256', 'PSNR', 'L1', 'LPIPS', 'FID'),
    unknown='The filter that resizes the truths is not said; bicubic is a '
    'choice. Results are JPEG files whose quality is not said, 75 is the '
    'default of imageio.',
)
DPTN2022 = replace(
    GFLA2020,
    name='dptn2022',
    source='Zhang et al., "Dual-task Pose Transformer Network", CVPR 2022: '
    "pictures of PATN's, 256x176, by GFLA's script",
    accepts=_CUT_OR_NOT,
    size=None,
    crop=(256, 176),
    unknown='The quality of the JPEG files is not said.',
)
PIDM2023 = replace(
    GFLA2020,
    name='pidm2023',
    source='Bhunia et al., "Person Image Synthesis via Denoising Diffusion '
    'Model", CVPR 2023: PNG files of 256x256, by bicubic resizing in Pillow',
    ssim_256=replace(_GAUSSIAN, sigma=1.2),
    file_format='png',
    jpeg_quality=None,
    unknown='LPIPS is of pictures resized to 256x176, bilinear and without '
    'antialiasing; here all numbers are at 256x256.',
)
CFLD2024 = Protocol(
    'cfld2024',
    'Lu et al., "Coarse-to-Fine Latent Diffusion", CVPR 2024: truths of '
    '750x1101 resized to 256x176 by bicubic resizing in Pillow',
    _UNIFORM_51,
    ssim_256=_GAUSSIAN,
    rounding='down',
    size=(256, 176),
    real_set='train',
    lpips_network='alex',
    fid_network='torchvision',
    metrics=('SSIM', 'SSIM_256', 'PSNR', 'LPIPS', 'FID'),
    unknown='Generated pictures are resized before they are cut down to 8 '
    'bits, here after. They are compared before they are stored: the format '
    'of files is not said.',
)
LEFFA2025 = Protocol(
    'leffa2025',
    'Zhou et al., "Leffa", CVPR 2025: 512x352, SSIM by torchmetrics',
    SSIMVariant('gaussian', border='reflect'),
    size=(512, 352),
    resize_filter='lanczos',
    real_set='test',
    lpips_network='squeeze',
    fid_network='pytorch_fid',
    metrics=('SSIM', 'LPIPS', 'FID', 'KID'),
    unknown='Which code resizes by Lanczos, and the format of files, is not '
    "said; Pillow's filter is a choice.",
)

PAPERS = (
    DSC2018,
    replace(
        DSC2018,
        name='dsc2018_market1501',
        source='The same, Market-1501 at 128x64',
        accepts=_MARKET,
        metrics=('SSIM', 'IS', 'mask-SSIM', 'mask-IS'),
    ),
    DIPT2019,
    PATN2019,
    replace(
        PATN2019,
        name='patn2019_market1501',
        source='The same, Market-1501 at 128x64, without white',
        ssim=_GAUSSIAN,
        accepts=_MARKET,
        crop=None,
        metrics=('SSIM', 'IS', 'mask-SSIM', 'mask-IS', 'PCKh'),
        unknown='Result and truth are stored on one JPEG sheet; its quality '
        "is not said, 75 is the default of Pillow's.",
    ),
    GFLA2020,
    replace(
        GFLA2020,
        name='gfla2020_market1501',
        source='The same, Market-1501 at 128x64',
        accepts=_MARKET,
        size=None,
        metrics=(*GFLA2020.metrics, 'mask-LPIPS'),
        unknown='Results are JPEG files whose quality is not said, 75 is the '
        'default of imageio.',
    ),
    DPTN2022,
    PIDM2023,
    CFLD2024,
    replace(
        CFLD2024,
        name='cfld2024_512x352',
        source='The same, at 512x352',
        size=(512, 352),
    ),
    LEFFA2025,
)
