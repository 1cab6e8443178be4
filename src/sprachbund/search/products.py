"""The product of a row of 8 bits a number and a query of 16, for kernels: 32 numbers at a time, in whole numbers.

Written out in LLVM's vectors, for of the plain loop numba makes additions of 64 bits, or with casts multiplications of
eight numbers each. LLVM turns these into the widest of each machine: vpdpwssd or vpmaddwd on x86-64, of 512, 256 or 128
bits, smlal on arm64. A sum of whole numbers is the same in every order, so on every machine.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["LANES", "product"]

LANES = 32
"""Numbers at a time."""
_INT8, _INT16, _INT32 = (ir.IntType(bits) for bits in (8, 16, 32))


@intrinsic
def product(_: Any, row: Any, query: Any, count: Any) -> Any:
    """The sum of the products of the first ``count`` numbers, a multiple of `LANES`: int32, which must hold it.

    Args:
        row: int8. query: int16. Neither may be shorter: nothing is checked here.
    """
    return types.int32(row, query, count), _code


def _code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
    arrays = zip(signature.args[:2], given[:2], strict=True)
    row, query = (context.make_array(kind)(context, builder, value).data for kind, value in arrays)
    count = given[2]
    zero, step = (ir.Constant(count.type, value) for value in (0, LANES))
    # of neighbouring products each pair is added: that is one instruction
    half = ir.VectorType(_INT32, LANES // 2)
    sums = cgutils.alloca_once_value(builder, ir.Constant(half, [0] * (LANES // 2)))
    with cgutils.for_range_slice(builder, zero, count, step, count.type) as (at, _):
        products = builder.mul(_load(builder, row, at, _INT8), _load(builder, query, at, _INT16))
        even, odd = (_every_other(builder, products, first) for first in (0, 1))
        builder.store(builder.add(builder.load(sums), builder.add(even, odd)), sums)
    kind = ir.FunctionType(_INT32, [half])
    add = cgutils.get_or_insert_function(builder.module, kind, f"llvm.vector.reduce.add.v{LANES // 2}i32")
    return builder.call(add, [builder.load(sums)])


def _load(builder: Any, array: Any, at: Any, kind: Any) -> Any:
    """The next numbers of an array, each of 32 bits."""
    place = builder.bitcast(builder.gep(array, [at]), ir.VectorType(kind, LANES).as_pointer())
    numbers = builder.load(place)
    numbers.align = kind.width // 8  # rows lie anywhere
    return builder.sext(numbers, ir.VectorType(_INT32, LANES))


def _every_other(builder: Any, numbers: Any, first: int) -> Any:
    places = ir.Constant(ir.VectorType(_INT32, LANES // 2), list(range(first, LANES, 2)))
    return builder.shuffle_vector(numbers, ir.Constant(numbers.type, ir.Undefined), places)
