"""Helpers that a generated program carries when it needs them."""

RECOMPUTE = '''def _recompute(module: nn.Module, *inputs: Any, **named: Any) -> Any:
    """Apply a module, and compute it again in the backward pass.

    The activations inside are not kept. Batch norms update their statistics in the
    first pass only.

    Args:
        module: The module.
        inputs: Its inputs by position.
        named: Its inputs by name.
    """
    if torch.compiler.is_compiling():
        return checkpoint(module, *inputs, **named, use_reentrant=False)

    def contexts() -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
        return nullcontext(), _without_statistics(module)

    return checkpoint(
        module, *inputs, **named, use_reentrant=False, context_fn=contexts
    )


@contextmanager
def _without_statistics(module: nn.Module) -> Iterator[None]:
    """Keep the running statistics of batch norms as they are."""
    norms = [m for m in module.modules() if isinstance(m, _BatchNorm)]
    kept = [(m, m.momentum, m.num_batches_tracked) for m in norms]
    try:
        for norm in norms:
            norm.momentum, norm.num_batches_tracked = 0.0, None
        yield
    finally:
        for norm, momentum, batches in kept:
            norm.momentum, norm.num_batches_tracked = momentum, batches'''
