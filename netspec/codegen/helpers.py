"""Helpers that a generated program carries when it needs them."""

RECOMPUTE = '''def _recompute(module, *inputs, **named):
    """Apply `module`, and compute it again in the backward pass instead of keeping what is inside."""
    if torch.compiler.is_compiling():
        return checkpoint(module, *inputs, **named, use_reentrant=False)
    contexts = lambda: (nullcontext(), _without_statistics(module))
    return checkpoint(module, *inputs, **named, use_reentrant=False, context_fn=contexts)


@contextmanager
def _without_statistics(module):
    """Keep the running statistics of batch norms as they are: the first pass has counted already."""
    norms = [m for m in module.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    kept = [(m, m.momentum, m.num_batches_tracked) for m in norms]
    try:
        for norm in norms:
            norm.momentum, norm.num_batches_tracked = 0.0, None
        yield
    finally:
        for norm, momentum, batches in kept:
            norm.momentum, norm.num_batches_tracked = momentum, batches'''
