"""bfloat16 where the processor multiplies it in hardware, float32 elsewhere: emulated, it is ten times slower."""

import torch

FAST_BFLOAT16 = any(torch.cpu.get_capabilities().get(name) for name in ("avx512_bf16", "amx_bf16"))


def autocast() -> torch.autocast:
    return torch.autocast("cpu", torch.bfloat16, enabled=FAST_BFLOAT16)
