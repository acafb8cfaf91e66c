"""Files in the safetensors format: named arrays of numbers, some text, and no code.

A file holds the length of its header (8 bytes, little-endian), the header, and the numbers. The header is a JSON
object. It maps each tensor's name to its dtype, shape and place, and `"__metadata__"` to texts. The format is described
at https://github.com/huggingface/safetensors. A file may come from anyone, so `read` trusts nothing in it: it checks
every length before using it, and never reads beyond the end of the file.
"""

from __future__ import annotations

import json
import os
import stat
import struct
import sys
from array import array
from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, NoReturn

__all__ = ["Tensor", "parsed", "read", "write"]

DEEPEST = 64  # The header's JSON may be nested this deep.
LONGEST_HEADER = 100_000_000  # The format limits the header to this many bytes.
# A number of each dtype has this many bytes.
SIZES = {
    name: size
    for size, names in {
        1: "BOOL U8 I8 F8_E5M2 F8_E4M3 F8_E8M0",
        2: "I16 U16 F16 BF16",
        4: "I32 U32 F32",
        8: "I64 U64 F64 C64",
    }.items()
    for name in names.split()
}


class Tensor(NamedTuple):
    """The numbers of one tensor, as bytes."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes

    @classmethod
    def of(cls, numbers: Sequence[float], shape: tuple[int, ...]) -> Tensor:
        """A tensor of float64 numbers, which keep every bit."""
        column = array("d", numbers)
        if sys.byteorder == "big":
            column.byteswap()
        return cls("F64", shape, column.tobytes())

    def numbers(self) -> list[float]:
        """The numbers of an F64 tensor, with every bit."""
        column = array("d", self.data)
        if sys.byteorder == "big":
            column.byteswap()
        return column.tolist()


def write(path: str | os.PathLike[str], tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Write a file. If this fails, an existing file keeps its contents.

    Raises:
        OSError: the file cannot be written.
        ValueError: there are too many tensors for one file.
    """
    from glassgrad.draw.files import write_whole

    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    place = 0
    for name, tensor in tensors.items():
        header[name] = {
            "dtype": tensor.dtype,
            "shape": list(tensor.shape),
            "data_offsets": [place, place + len(tensor.data)],
        }
        place += len(tensor.data)
    text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 8)  # so that the numbers are aligned
    if len(text) > LONGEST_HEADER:
        raise ValueError(f"{len(tensors):,} tensors do not fit in one file: a safetensors header is at most 100 MB")
    write_whole(Path(path), struct.pack("<Q", len(text)) + text + b"".join(t.data for t in tensors.values()))


def read(path: str | os.PathLike[str]) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read the tensors of a file, and its metadata.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is not a regular file, is cut off, or is malformed anywhere.
    """
    return _File(path).read()


class _File:
    """One file while it is being read; `path` appears in messages."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)

    def read(self) -> tuple[dict[str, Tensor], dict[str, str]]:
        # Without O_NONBLOCK, opening a pipe would wait until another program writes to it.
        handle = os.open(self.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        known = os.fstat(handle)
        if not stat.S_ISREG(known.st_mode):
            os.close(handle)
            self.refuse("it is a folder, a pipe or a device, not a file")
        with open(handle, "rb") as file:
            header = self._header(file, known.st_size)
            metadata = header.pop("__metadata__", {})
            if not isinstance(metadata, dict) or not all(isinstance(text, str) for text in metadata.values()):
                self.refuse("its __metadata__ is not an object of strings")
            places = {name: self._place(name, entry) for name, entry in header.items()}
            self._require_covered(places, known.st_size - file.tell())
            numbers = file.read()
        tensors = {
            name: Tensor(header[name]["dtype"], tuple(header[name]["shape"]), numbers[start:end])
            for name, (start, end) in places.items()
        }
        return tensors, metadata

    def refuse(self, why: str) -> NoReturn:
        raise ValueError(f"cannot load {self.path!r}: {why}")

    def _header(self, file: BinaryIO, size: int) -> dict[str, Any]:
        start = file.read(8)
        if len(start) < 8:
            self.refuse(f"it has {size} bytes, but a safetensors file begins with 8 for the length of its header")
        (length,) = struct.unpack("<Q", start)
        if length > LONGEST_HEADER:
            self.refuse(f"its header would be {length:,} bytes long: it is not a safetensors file")
        if length > size - 8:
            self.refuse(f"it ends inside its header of {length:,} bytes: the file is cut off, or not safetensors")
        text = file.read(length)
        if not text.startswith(b"{"):
            self.refuse("its header is not a JSON object: it is not a safetensors file")
        try:
            header: dict[str, Any] = parsed(text.decode("utf-8"))
        except ValueError as error:
            self.refuse(f"its header is not well-formed: {error}")
        return header

    def _place(self, name: str, entry: Any) -> tuple[int, int]:
        """The start and end of a tensor's numbers, which must have the size that its shape and dtype need."""
        if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
            self.refuse(f"the entry of tensor {name!r:.80} must have dtype, shape and data_offsets")
        dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
        if not isinstance(dtype, str) or dtype not in SIZES:
            self.refuse(f"tensor {name!r:.80} has the unknown dtype {dtype!r:.40}")
        if not _are_sizes(shape):
            self.refuse(f"tensor {name!r:.80} has the shape {shape!r:.80}, which is not a list of sizes")
        if not _are_sizes(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
            self.refuse(f"tensor {name!r:.80} has the data_offsets {offsets!r:.80}, which are not a start and an end")
        if prod(shape) * SIZES[dtype] != offsets[1] - offsets[0]:
            held = offsets[1] - offsets[0]
            self.refuse(f"tensor {name!r:.80} has {held:,} bytes, which do not fit {dtype} of shape {shape!r:.80}")
        return offsets[0], offsets[1]

    def _require_covered(self, places: dict[str, tuple[int, int]], size: int) -> None:
        """Check that tensors lie side by side: no overlap, none beyond the end, no hidden bytes between them."""
        end = 0
        for name, (start, stop) in sorted(places.items(), key=lambda item: item[1]):
            if start < end:
                self.refuse(f"tensor {name!r:.80} overlaps the one before it")
            if start > end:
                self.refuse(f"{start - end:,} bytes before tensor {name!r:.80} belong to no tensor")
            end = stop
        if end > size:
            self.refuse(f"it has {size:,} bytes of numbers, but its header says {end:,}: the file is cut off")
        if end < size:
            self.refuse(f"{size - end:,} bytes at its end belong to no tensor")


def _are_sizes(values: Any) -> bool:
    """Whether `values` is a list of at most 64 whole numbers from 0 to 2**63 - 1."""
    if not isinstance(values, list) or len(values) > 64:
        return False
    return all(type(value) is int and 0 <= value < 2**63 for value in values)


def parsed(text: str) -> Any:
    """Parse strict JSON: no duplicate names in an object, no NaN, and at most `DEEPEST` levels.

    Raises:
        ValueError: the text is anything else.
    """
    try:
        found = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    level = [found] if isinstance(found, (dict, list)) else []
    for _ in range(DEEPEST):
        held = [value.values() if isinstance(value, dict) else value for value in level]
        level = [value for values in held for value in values if isinstance(value, (dict, list))]
    if level:  # Python could parse this, but not compare or print it
        raise ValueError("it is nested too deeply")
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name!r:.80} occurs twice")
        found[name] = value
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
