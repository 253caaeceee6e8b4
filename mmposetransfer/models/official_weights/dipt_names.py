"""What the paper's networks call the weights that ours have."""

__all__ = ['OFFICIAL_NAMES']

# (pattern, replacement), applied in order to the names of one of our modules.
_BLOCKS = [
    (r'\.extra\.', '.conv_a.'),
    (r'^stem\.', 'pre_conv.'),
    (r'^encoder\.levels\.(\d+)\.(\d+)\.', r'enc_\1_res_\2.'),
    (r'^encoder\.downsamples\.(\d+)\.1\.0\.', r'enc_\1_downsample.1.'),
    (r'^encoder\.downsamples\.(\d+)\.1\.1\.', r'enc_\1_downsample.2.'),
    (r'^decoder\.upsamples\.(\d+)\.', r'dec_\1_upsample.'),
    (r'^decoder\.levels\.(\d+)\.(\d+)\.', r'dec_\1_res_\2.'),
]


def _of_encoder(ours, theirs):
    return [
        (rf'^{ours}_stem\.', f'{theirs}_pre_conv.'),
        (rf'^{ours}_encoder\.levels\.(\d+)\.(\d+)\.', rf'{theirs}_\1_res_\2.'),
        (
            rf'^{ours}_encoder\.downsamples\.(\d+)\.1\.0\.',
            rf'{theirs}_\1_downsample.1.',
        ),
        (
            rf'^{ours}_encoder\.downsamples\.(\d+)\.1\.1\.',
            rf'{theirs}_\1_downsample.2.',
        ),
    ]


_HEAD = [(r'^head\.', 'dec_output.')]
_DUAL_PATH = [
    *_of_encoder('pose', 'encp'),
    *_of_encoder('image', 'enca'),
    (r'^warpings\.(\d+)\.(\d+)\.gate\.block\.', r'enca_\1_vis_\2.'),
    (r'^warpings\.(\d+)\.(\d+)\.gate\.mask\.1\.', r'enca_\1_vis_\2.conv.'),
    (r'^fuse\.', 'dec_fuse.'),
    *_HEAD,
    *_BLOCKS,
]
_PIXEL_WARPING = [
    (r'^head\.0\.', 'dec_output_0.0.'),
    (r'^head\.2\.1\.', 'dec_output_0.3.'),
    *_BLOCKS,
]
_FLOW_V2 = [
    (r'^head\.flows\.(\d+)\.', r'pred_flow_\1.'),
    (r'^head\.visibility\.', 'pred_vis.'),
    (r'^backbone\.', ''),
    (r'^stem\.2\.1\.0\.', 'pre_conv.3.'),
    (r'^stem\.2\.1\.1\.', 'pre_conv.4.'),
    *_BLOCKS,
]


def _nest(word):
    """Names of the recursive U-Net, whose depth is the level."""
    return lambda found: 'unet_block.' + 'submodule.' * int(found[1]) + word


_FLOW = [
    (r'^backbone\.stem\.0\.0\.', 'conv_downsample.'),
    (r'^backbone\.stem\.1\.0\.0\.', 'conv_downsample.3.'),
    (r'^backbone\.stem\.1\.0\.1\.', 'conv_downsample.4.'),
    (r'^backbone\.downs\.(\d+)\.', _nest('down.')),
    (r'^backbone\.ups\.(\d+)\.', _nest('up.')),
    (r'^head\.flows\.(\d+)\.', _nest('predict_flow.')),
    (r'^head\.visibility\.', 'predict_vis.'),
]
OFFICIAL_NAMES = dict(
    netG=_DUAL_PATH,
    netG_single=_HEAD + _BLOCKS,
    netPW=_PIXEL_WARPING,
    netF_unet=_FLOW,
    netF_unet_v2=_FLOW_V2,
    netD=[],
)
