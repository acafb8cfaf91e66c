"""Functions of glassgrad in PyTorch's graphs: `function` makes a ``torch.autograd.Function`` of one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, update_wrapper
from typing import Any

import numpy as np

from glassgrad.compiler.marshal.axes import leaf_axes, plain_axes
from glassgrad.core.op import admitted
from glassgrad.interop.levels import Level, Levels, Nested
from glassgrad.support.naming import own_name
from glassgrad.transforms.tracing import Function, name_of

__all__ = ["TorchFunction", "function"]

OPTIONS = 5  # the arguments of `apply` before the tensors


def function(f: Function, in_axes: Any = None) -> TorchFunction:
    """Make a function of PyTorch's tensors from ``f``. It is compiled, and PyTorch differentiates through it.

    All computation is in float64. The results have the dtype to which PyTorch promotes the tensors among the arguments,
    and each gradient has the dtype of its tensor. Derivatives of any order, forward mode, ``torch.func`` and
    ``torch.vmap`` work. A gradient is computed only for the tensors that require one.

    Args:
        f: a plain function, as for `glassgrad.jit`. It receives an array of nodes for a tensor, and a node for a tensor
            without axes and for a number.
        in_axes: the axes of the lanes, as for `glassgrad.vmap`: then ``f`` is written for one lane. None means that
            nothing has lanes.

    Returns:
        A function with the same arguments. Tensors, arrays and numbers may be nested in lists, tuples, dicts and
        dataclasses. Each number and array among the results becomes a tensor.

    Raises:
        TypeError: ``f`` is not callable. Or, when called: a tensor is complex, sparse, or not in the CPU's memory.
        ImportError: (when called) PyTorch is not installed.

    Example:
        >>> import glassgrad as gg
        >>> energy = gg.interop.torch.function(lambda x: (x * x).sum())
        >>> import torch  # doctest: +SKIP
        >>> x = torch.tensor([1.0, 2.0], requires_grad=True)  # doctest: +SKIP
        >>> energy(x).backward()  # doctest: +SKIP
        >>> x.grad  # doctest: +SKIP
        tensor([2., 4.])
    """
    return TorchFunction(f, in_axes)


class TorchFunction:
    """A function of tensors; see `function`."""

    def __init__(self, f: Function, in_axes: Any = None) -> None:
        self._levels = Levels(f, "gg.interop.torch.function")
        self._in_axes = plain_axes(in_axes)
        self.__name__ = name_of(f)
        update_wrapper(self, f, updated=())

    def __reduce__(self) -> Any:
        return type(self), (self._levels.f, self._in_axes)

    def __repr__(self) -> str:
        return f"<gg.interop.torch.function of {own_name(self._levels.f)}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        import torch

        level, leaves, places = self._levels.level(args, kwargs, torch.is_tensor)
        title = own_name(self._levels.f)
        tensors = [_as_tensor(torch, leaf, title) for leaf in leaves]
        floating = [x.dtype for x in leaves if torch.is_tensor(x) and x.is_floating_point()]
        dtype = floating[0] if floating else torch.get_default_dtype()
        for other in floating:
            dtype = torch.promote_types(dtype, other)
        lanes = None
        if self._in_axes is not None:
            found = leaf_axes(self._in_axes, args, kwargs, self._levels.f)
            axes = [found[k] for k in places]
            lanes = tuple([axis is not None for axis in axes])
            tensors = [x if axis is None else x.movedim(axis, 0) for x, axis in zip(tensors, axes)]
        receiver = Receiver()
        outputs = _operation().apply(level, lanes, False, dtype, receiver, *tensors)
        return receiver.nested.rebuilt(outputs)


class Receiver:
    """Receives the results of a level in their structure. It is no list, because torch.func would pass on a copy."""

    nested: Nested


def _as_tensor(torch: Any, leaf: Any, title: str) -> Any:
    """The leaf as a tensor that can be read."""
    who = f"an argument of {title}"
    if torch.is_tensor(leaf):
        if leaf.is_complex():
            raise TypeError(f"{who} is a complex tensor: pass x.real or x.imag")
        if leaf.device.type != "cpu":
            raise TypeError(f"{who} is a tensor on the device {leaf.device}: pass x.cpu(), and move the result back")
        if leaf.layout != torch.strided:
            raise TypeError(f"{who} is a tensor of the layout {leaf.layout}: pass x.to_dense()")
        return leaf
    return torch.tensor(np.asarray(admitted(leaf, who), dtype=float), dtype=torch.float64)


@cache
def _operation() -> Any:
    """The ``torch.autograd.Function``, made when PyTorch is first needed."""
    import torch

    def array(x: Any) -> Any:
        return x.detach().resolve_neg().to(torch.float64).numpy()

    def tensor(x: Any, dtype: Any) -> Any:
        made = torch.as_tensor(np.asarray(x))
        return made.to(dtype) if made.is_floating_point() else made

    class Operation(torch.autograd.Function):  # type: ignore[misc]
        """The arguments of `apply` are a level, its lanes, whether results are summed over the lanes, the dtype of the
        results, what receives them in their structure, and the tensors."""

        @staticmethod
        def forward(level: Level, lanes: Any, summed: bool, dtype: Any, receiver: Receiver, *tensors: Any) -> Any:
            found = level.run([array(x) for x in tensors], lanes, summed)
            receiver.nested = found
            return tuple([tensor(x, dtype) for x in found.numbers])

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.level, ctx.lanes, ctx.summed = inputs[:3]
            ctx.dtypes = [x.dtype for x in output]
            ctx.save_for_backward(*inputs[OPTIONS:])
            ctx.save_for_forward(*inputs[OPTIONS:])
            ctx.mark_non_differentiable(*[x for x in output if not x.is_floating_point()])

        @staticmethod
        def backward(ctx: Any, *cotangents: Any) -> Any:
            tensors, lanes = ctx.saved_tensors, ctx.lanes
            wanted = [k for k, need in enumerate(ctx.needs_input_grad[OPTIONS:]) if need]
            slopes: list[Any] = [None] * len(tensors)
            if wanted:
                level = ctx.level.pullback(wanted, len(tensors))
                summed = lanes is not None and not any(lanes[k] for k in wanted)
                every = None if lanes is None else (*lanes, *[not ctx.summed] * len(cotangents))
                found = Operation.apply(level, every, summed, torch.float64, Receiver(), *tensors, *cotangents)
                for k, slope in zip(wanted, found):
                    whole = lanes is None or lanes[k] or summed
                    slopes[k] = (slope if whole else slope.sum(0)).to(tensors[k].dtype)
            return (*[None] * OPTIONS, *slopes)

        @staticmethod
        def jvp(ctx: Any, *tangents: Any) -> Any:
            tensors, lanes = ctx.saved_tensors, ctx.lanes
            wanted = [k for k, tangent in enumerate(tangents[OPTIONS:]) if tangent is not None]
            level = ctx.level.pushforward(wanted, len(tensors))
            every = None if lanes is None else (*lanes, *[lanes[k] for k in wanted])
            along = [tangents[OPTIONS + k] for k in wanted]
            found = Operation.apply(level, every, ctx.summed, torch.float64, Receiver(), *tensors, *along)
            return tuple([x.to(dtype) if dtype.is_floating_point else None for x, dtype in zip(found, ctx.dtypes)])

        @staticmethod
        def vmap(info: Any, in_dims: Any, *inputs: Any) -> Any:
            level, lanes, _, dtype, receiver, *tensors = inputs
            dims = in_dims[OPTIONS:]
            fronted = [x if dim is None else x.movedim(dim, 0) for x, dim in zip(tensors, dims)]
            if lanes is None:
                batched = tuple([dim is not None for dim in dims])
                outputs = Operation.apply(level, batched, False, dtype, receiver, *fronted)
            else:
                outputs = _lanes_of_lanes(Operation.apply, info.batch_size, dims, inputs, fronted)
            return outputs, (0,) * len(outputs)

    return Operation


def _lanes_of_lanes(apply: Function, size: int, dims: Any, inputs: Sequence[Any], tensors: Sequence[Any]) -> Any:
    """The results of ``size`` batches of lanes, which are run as one batch.

    Args:
        apply: the operation.
        size, dims: the number of batches, and the axis of the batches in each tensor.
        inputs: the arguments of the operation.
        tensors: the tensors among them, with the batches in front.
    """
    level, lanes, summed, dtype, receiver = inputs[:OPTIONS]
    inner = next(x.shape[dim is not None] for x, dim, lane in zip(tensors, dims, lanes) if lane)
    merged = []
    for x, dim, lane in zip(tensors, dims, lanes):
        if dim is not None or lane:
            x = x if dim is not None else x.unsqueeze(0).expand(size, *x.shape)
            x = x if lane else x.unsqueeze(1).expand(size, inner, *x.shape[1:])
            x = x.reshape(size * inner, *x.shape[2:])
        merged.append(x)
    flags = tuple([dim is not None or lane for dim, lane in zip(dims, lanes)])
    outputs = apply(level, flags, False, dtype, receiver, *merged)
    outputs = [x.reshape(size, inner, *x.shape[1:]) for x in outputs]
    return tuple([x.sum(1) if summed else x for x in outputs])
