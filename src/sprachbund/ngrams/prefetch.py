"""Asking memory for a row of a table before it is needed.

Training and encoding read rows of a large table in no order; each waits for main memory, and the processor cannot
guess the next. LLVM's prefetch instruction, which numba does not offer by itself, takes half of that time away.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_LINE = 64  # bytes of a cache line


def _ask(builder: Any, address: Any) -> None:
    """Write one prefetch instruction."""
    pointer, small = ir.IntType(8).as_pointer(), ir.IntType(32)
    function = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(ir.VoidType(), [pointer, small, small, small]), "llvm.prefetch.p0i8"
    )
    # a read, to be kept in every level of the cache, of data
    builder.call(function, [builder.bitcast(address, pointer), small(0), small(3), small(1)])


@intrinsic
def prefetch(typing_context: Any, table: Any, row: Any) -> Any:
    """Ask for all cache lines of ``table[row]``, a C-contiguous matrix; any row number is allowed.

    For kernels only. A prefetch never faults, so a row outside of the table does no harm.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array_type, row_type = signature.args
        array = context.make_array(array_type)(context, builder, arguments[0])
        number = context.cast(builder, arguments[1], row_type, types.intp)
        width, stride = cgutils.unpack_tuple(builder, array.shape)[1], cgutils.unpack_tuple(builder, array.strides)[0]
        start = cgutils.pointer_add(builder, array.data, builder.mul(number, stride))
        size = context.get_constant(types.intp, array_type.dtype.bitwidth // 8)
        bytes_wide = builder.mul(width, size)
        line = context.get_constant(types.intp, _LINE)
        zero = context.get_constant(types.intp, 0)
        with cgutils.for_range_slice(builder, zero, bytes_wide, line) as (offset, _):
            _ask(builder, cgutils.pointer_add(builder, start, offset))
        return context.get_dummy_value()

    return types.void(table, row), generate


@intrinsic
def prefetch_item(typing_context: Any, array: Any, place: Any) -> Any:
    """Ask for the cache line where ``array[place]`` begins, of an array of one dimension; any place is allowed."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array_type, place_type = signature.args
        held = context.make_array(array_type)(context, builder, arguments[0])
        number = context.cast(builder, arguments[1], place_type, types.intp)
        (stride,) = cgutils.unpack_tuple(builder, held.strides)
        _ask(builder, cgutils.pointer_add(builder, held.data, builder.mul(number, stride)))
        return context.get_dummy_value()

    return types.void(array, place), generate
