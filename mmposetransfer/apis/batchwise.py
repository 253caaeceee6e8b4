"""MMEngine's inferencer for more inputs than fit into the memory."""

from mmengine.infer import BaseInferencer

from mmposetransfer.registry import SCOPE
from mmposetransfer.utils.progress import tracked

__all__ = ['BatchwiseInferencer']


class BatchwiseInferencer(BaseInferencer):
    """Finishes one batch before it begins the next.

    MMEngine's own loop holds the data samples of all batches, on the device,
    before the first is visualised and written; one input that cannot be used
    then loses all results. Here `postprocess` has written what was made
    before, and decides what is kept of it.
    """

    @staticmethod
    def list_models(scope=SCOPE, patterns='.*'):
        """Names of the models, as the metafiles have them.

        Args:
            scope (str): The library whose models are listed.
            patterns (str): Regular expression for the names.

        Returns:
            list[str]: Such as 'dipt_full_deepfashion'.
        """
        return BaseInferencer.list_models(scope, patterns)

    def __call__(
        self, inputs, return_datasamples=False, batch_size=1, **kwargs
    ):
        """Run on many inputs.

        Args:
            inputs: What `_inputs_to_list` takes.
            return_datasamples (bool): Handed on to `postprocess`.
            batch_size (int): How many inputs go through the model at once.
            **kwargs: For the steps that have them in their ``..._kwargs``.

        Returns:
            dict: ``predictions`` and ``visualization``, lists: those of
            `postprocess`, of all batches.
        """
        preprocess, forward, visualize, postprocess = self._dispatch_kwargs(
            **kwargs
        )
        batches = self.preprocess(
            self._inputs_to_list(inputs), batch_size=batch_size, **preprocess
        )
        if self.show_progress:
            batches = tracked('Inference')(batches)
        results = dict(predictions=[], visualization=[])
        for data in batches:
            samples = self.complete(self.forward(data, **forward))
            pictures = self.visualize(data, samples, **visualize)
            done = self.postprocess(
                samples, pictures, return_datasamples, **postprocess
            )
            for key, values in results.items():
                values += done[key]
        return results

    def forward(self, inputs, **kwargs):
        """Run the model on a batch; the samples come back to the CPU."""
        return [sample.cpu() for sample in super().forward(inputs, **kwargs)]

    def complete(self, preds):
        """What is done to the samples before they are drawn and written.

        Args:
            preds (list): The model's data samples, on the CPU.

        Returns:
            list: Likewise.
        """
        return preds
