"""Noise in the shape of a batch."""

import torch

#: What the whole method predicts of a batch: names in data samples.
PREDICTED = (
    'pred_img',
    'pred_flow',
    'pred_visibility',
    'warped_img',
    'generated_img',
    'weight_map',
)


def make_batch(count=2, size=32, seed=0):
    """A batch of the loader with everything that any stage reads."""
    generator = torch.Generator().manual_seed(seed)

    def image():
        return [
            torch.randint(
                0, 256, (3, size, size), generator=generator, dtype=torch.uint8
            )
            for _ in range(count)
        ]

    def classes(high):
        return [
            torch.randint(
                0,
                high,
                (1, size, size),
                generator=generator,
                dtype=torch.uint8,
            )
            for _ in range(count)
        ]

    def joints():
        return [
            size * torch.rand(18, 3, generator=generator) + 0.1
            for _ in range(count)
        ]

    def flow():
        return [
            torch.randn(2, size, size, generator=generator)
            for _ in range(count)
        ]

    true_flow = flow()

    def surface():
        return [
            torch.cat([part, part.gt(0) * uv])
            for part, uv in zip(
                classes(25),
                torch.randint(
                    0,
                    256,
                    (count, 2, size, size),
                    generator=generator,
                    dtype=torch.uint8,
                ),
                strict=True,
            )
        ]

    return dict(
        inputs=dict(
            ref_img=image(),
            tgt_img=image(),
            ref_keypoints=joints(),
            tgt_keypoints=joints(),
            flow=true_flow,
            visibility=classes(3),
            ref_parts=classes(7),
            tgt_parts=classes(7),
            # No body fits joints of noise, so that fits come along.
            fit_flow=flow(),
            fit_visibility=classes(3),
            twin_flow=flow(),
            twin_visibility=classes(3),
            near_flow=flow(),
            near_trust=[
                torch.rand(1, size, size, generator=generator)
                for _ in range(count)
            ],
            tgt_surface=[part[1:] for part in surface()],
            ref_iuv=surface(),
            tgt_iuv=surface(),
        ),
        data_samples=None,
    )
