"""Reads a typed expression into a graph, without ever running it as Python.

Python's own parser makes the syntax tree. Only numbers, names, operators, and calls of glassgrad's operations and
functions are accepted in it.
"""

from __future__ import annotations

import ast
import inspect
import math
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from glassgrad.core import functions
from glassgrad.core.op import TABLE, Op, as_float
from glassgrad.core.scalar import Scalar

__all__ = ["ExpressionError", "names_in", "parse"]

LONGEST = 5_000  # The largest number of characters.
DEEPEST = 60  # The deepest nesting of brackets. Python's parser gives up at 200.
CONSTANTS = {"pi": math.pi}

OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Pow: "pow",
    ast.Mod: "mod",
    ast.FloorDiv: "floordiv",
    ast.USub: "neg",
    ast.UAdd: "",  # does nothing
}
OF_MANY = {"dot", "log_softmax", "logsumexp", "mean", "norm", "prod", "softmax", "total"}  # These take lists.
CURES: dict[type[ast.AST], str] = {
    ast.BitXor: "^ does not mean a power: write **",
    ast.MatMult: "multiply numbers with *",
    ast.Compare: "comparisons cannot be used: greater(a, b) is 1 or 0, and where(c, a, b) chooses",
    ast.IfExp: "if cannot be used: where(c, a, b) is a, or b if c is 0",
    ast.BoolOp: "and, or cannot be used: where(c, a, b) chooses",
    ast.Attribute: "write the function's name alone, as in tanh(x)",
    ast.Subscript: "indices cannot be used: give each number a name of its own",
    ast.Tuple: "write one expression at a time, and decimals with a point",
    ast.NamedExpr: "assignments cannot be used: give values beside the expression, as in x=2",
}


class ExpressionError(ValueError):
    """Raised if an expression cannot be read. The message says where, and what to write instead."""


def parse(text: str, values: Mapping[str, Any]) -> Scalar:
    """Read an expression into a graph.

    Args:
        text: the expression, as in ``"tanh(x*w + b)"``: numbers, names, ``+ - * / ** % //``, brackets, calls of the
            table's operations and of gg's functions of numbers, and ``pi``.
        values: the value of each name: a real number or a node.

    Returns:
        The node of the whole expression. The labels of its leaves are their names.

    Raises:
        ExpressionError: the text is not such an expression, a name has no value, or a value has no name in it.
        DomainError: an operation is undefined at these values.

    Example:
        >>> o = parse("tanh(x1*w1 + b)", {"x1": 2, "w1": -3, "b": 6.5})
        >>> o.backward()
        >>> o
        unk|0.462|1.000
    """
    if not isinstance(text, str):
        raise TypeError(f"an expression must be text, got {type(text).__name__} {text!r:.60}")
    result: Scalar = _Reader(text, values).read()
    return result


def names_in(text: str) -> list[str]:
    """Return the variables of an expression, in the order of their first use."""
    tree = _tree(text)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called]
    found.sort(key=lambda node: (node.lineno, node.col_offset))
    return list(dict.fromkeys(node.id for node in found if node.id not in CONSTANTS))


def callables() -> dict[str, Callable[..., Any]]:
    """Return the functions that an expression may call, by name."""
    found: dict[str, Callable[..., Any]] = {name: op for name, op in TABLE.items() if op.home is None}
    found |= {name: getattr(functions, name) for name in functions.__all__ if name not in OF_MANY}
    return found | {"max": TABLE["maximum"], "min": TABLE["minimum"], "ln": TABLE["log"]}


class _Reader:
    def __init__(self, text: str, values: Mapping[str, Any]) -> None:
        self.text = _one_line(text)
        self.tree = _tree(text)
        self.functions = callables()
        self.leaves: dict[str, Scalar] = {}
        for name, value in values.items():
            name = unicodedata.normalize("NFKC", name)  # as Python's parser does
            if name in self.leaves:
                raise ExpressionError(f"{name!r} has two values: give one")
            if isinstance(value, Scalar):
                self.leaves[name] = value
            else:
                self.leaves[name] = Scalar(as_float(value, f"the value of {name!r}"), label=name)
        self._check_all()
        self._compare_names()

    def _compare_names(self) -> None:
        needed = names_in(self.text)
        if not needed:
            raise ExpressionError(
                f"{_clipped(self.text)!r} has no variable to differentiate with respect to: write a name in it"
            )
        known = [name for name in needed if name in self.functions]
        missing = [name for name in needed if name not in self.leaves]
        if missing:
            told = ", ".join(f"{name}=…" for name in missing)
            hint = f"; {missing[0]} is also a function: are its brackets missing?" if missing[0] in known else ""
            hint = "; Euler's number is exp(1)" if missing[0] == "e" else hint
            raise ExpressionError(f"{', '.join(map(repr, missing))} must have a value: give {told}{hint}")
        extra = [name for name in self.leaves if name not in needed]
        if extra:
            raise ExpressionError(
                f"{', '.join(map(repr, extra))} is not in the expression {self.text!r:.80}, "
                f"whose names are {', '.join(needed) or 'none'}"
            )

    def read(self) -> Any:
        """Compute the value of the tree, a node or a float. It does not recurse, since long sums are deep trees."""
        done: list[Any] = []
        pending: list[tuple[ast.AST, bool]] = [(self.tree.body, False)]
        while pending:
            node, ready = pending.pop()
            if ready:
                count = len(_operands(node))
                args = done[len(done) - count :]
                del done[len(done) - count :]
                done.append(self._apply(node, args))
            elif isinstance(node, ast.Constant):
                done.append(self._number(node))
            elif isinstance(node, ast.Name):
                done.append(self.leaves[node.id] if node.id in self.leaves else CONSTANTS[node.id])
            else:
                pending.append((node, True))
                pending.extend((operand, False) for operand in reversed(_operands(node)))
        return done[0]

    def _apply(self, node: ast.AST, args: list[Any]) -> Any:
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)
            name = node.func.id
            function = self.functions[name]
            try:
                if not isinstance(function, Op):  # an Op counts its arguments itself, and has no signature if compiled
                    inspect.signature(function).bind(*args)
                return function(*args)
            except TypeError as error:
                raise self._error(node, f"{name}: {error}") from None
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd):
            return args[0]
        assert isinstance(node, (ast.BinOp, ast.UnaryOp))
        if isinstance(node.op, ast.USub) and isinstance(args[0], float):
            return -args[0]
        return TABLE[OPERATORS[type(node.op)]](*args)

    def _check_all(self) -> None:
        pending: list[ast.AST] = [self.tree.body]
        while pending:
            node = pending.pop()
            if isinstance(node, ast.Constant):
                self._number(node)
            elif not isinstance(node, ast.Name):
                self._check(node)
                pending.extend(reversed(_operands(node)))

    def _check(self, node: ast.AST) -> None:
        if isinstance(node, ast.Call):
            self._check_call(node)
            return
        operator = node.op if isinstance(node, (ast.BinOp, ast.UnaryOp)) else node
        if type(operator) in OPERATORS:
            return
        cure = CURES.get(type(operator))
        allowed = "an expression may have numbers, names, + - * / ** % //, brackets and functions"
        raise self._error(node, cure or allowed)

    def _check_call(self, node: ast.Call) -> None:
        if not isinstance(node.func, ast.Name):
            hint = f": write {node.func.attr}(…)" if isinstance(node.func, ast.Attribute) else ""
            raise self._error(node, f"write the function's name alone, as in tanh(x){hint}")
        name = node.func.id
        if name not in self.functions:
            cure = "write a product with *" if name in self.leaves else _closest(name, self.functions)
            raise self._error(node, f"there is no function {name!r}: {cure}")
        if node.keywords or any(isinstance(arg, ast.Starred) for arg in node.args):
            raise self._error(node, f"{name} takes its arguments by position, as in where(c, a, b)")

    def _number(self, node: ast.Constant) -> float:
        if isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
            raise self._error(node, f"{node.value!r:.40} is not a real number")
        try:
            x = float(node.value)
        except OverflowError:
            x = math.inf
        if math.isinf(x):
            raise self._error(node, "the number is too large for a float")
        return x

    def _error(self, node: ast.AST, what: str) -> ExpressionError:
        column = len(self.text.encode()[: getattr(node, "col_offset", 0)].decode(errors="ignore"))
        piece = ast.get_source_segment(self.text, node) or self.text
        return ExpressionError(f"{_clipped(piece)!r} at column {column + 1}: {what}")


def _tree(text: str) -> ast.Expression:
    text = _one_line(text)
    if not text:
        raise ExpressionError('the expression is empty: write one, such as "tanh(x*w + b)"')
    if len(text) > LONGEST:
        raise ExpressionError(f"an expression must have at most {LONGEST:,} characters, got {len(text):,}")
    _check_brackets(text)
    try:
        return ast.parse(text, mode="eval")
    except SyntaxError as error:
        raise ExpressionError(_explained(text, error)) from None
    except (RecursionError, MemoryError):
        raise ExpressionError("the expression is nested too deeply: write several smaller expressions") from None
    except ValueError as error:  # a null character
        raise ExpressionError(f"{_clipped(text)!r} is not an expression: {error}") from None


def _check_brackets(text: str) -> None:
    depth = 0
    for column, character in enumerate(text, 1):
        depth += (character in "([{") - (character in ")]}")
        if depth > DEEPEST:
            raise ExpressionError(f"more than {DEEPEST} brackets are open at column {column}: use fewer")


def _explained(text: str, error: SyntaxError) -> str:
    column = error.offset or 1
    here = text[column - 1 : column]
    cure = str(error.msg)
    if here in "−–—×·⋅÷":
        cure = "type operators as + - * /"
    elif "decimal literal" in cure or "Perhaps you forgot a comma" in cure or cure == "invalid syntax":
        cure = f"{cure}; write a product with *, as in 2*x"
    if "=" in text and "==" not in text:
        cure = "write the expression without =, and values beside it, as in x=2"
    return f"{_clipped(text)!r} cannot be read at column {column}: {cure}"


def _operands(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Call):
        return node.args
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    assert isinstance(node, ast.UnaryOp)
    return [node.operand]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _clipped(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"


def _closest(name: str, known: Mapping[str, Any]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1)
    if close:
        return f"did you mean {close[0]}?"
    return f"there are {', '.join(sorted(known)[:6])} and {len(known) - 6} more"
