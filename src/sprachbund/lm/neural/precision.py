"""Which numbers a training multiplies: bfloat16 where the processor has it, which learns twice as fast.

Elsewhere bfloat16 is imitated, four times as slowly as the numbers that it stands in for, and some of torch's layers
refuse it; the same setting then multiplies float32, which loses nothing.
"""

from typing import Any

from sprachbund.devices import CPU
from sprachbund.lm.neural import extra

__all__ = ["in_bfloat16"]


def in_bfloat16(precision: str, device: str = CPU) -> bool:
    """Whether matrices are multiplied in bfloat16: it was asked for (``bf16``) and the device does it.

    Args:
        device: the type of a device of torch.
    """
    if precision != "bf16":
        return False
    if device != CPU:
        return device == "cuda" and bool(extra.torch().cuda.is_bf16_supported())
    cpu: Any = extra.torch().cpu
    # torch says it by private names alone; without them nothing is taken for granted
    asked = (getattr(cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return any(ask is not None and ask() for ask in asked)
