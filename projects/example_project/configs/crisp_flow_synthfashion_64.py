# The quick start of mmposetransfer with the parts of this package.
_base_ = 'mmposetransfer::dipt/full_synthfashion_64.py'
custom_imports = dict(imports=['crisp_flow'])

model = dict(
    flow_regressor=dict(
        head=dict(_delete_=True, type='ConvexUpsamplingFlowHead')
    ),
    generator=dict(
        warping=dict(warp=dict(_delete_=True, type='TearAwareWarp'))
    ),
    loss_epe=dict(_delete_=True, type='CharbonnierFlowLoss', alpha=0.45),
)

# A pixel of 64 is what four are of 256.
test_evaluator = dict(
    metrics=[
        *_base_.test_evaluator.metrics,
        dict(type='FlowWithin', threshold=1),
    ]
)
