"""What the figures were measured on, in one line."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

from model.threads import available_processors

_INFO = Path("/proc/cpuinfo")
_INT8 = ("amx_int8", "avx512_vnni", "avx_vnni", "avx2")
"""Instructions that matter to int8 products, the fastest first; the first one there is named."""


def describe_machine() -> str:
    """Name processors, memory, system and the versions that decide the speed."""
    info = _INFO.read_text() if _INFO.exists() else ""
    lines = [line.partition(":")[::2] for line in info.splitlines()]
    fields = {name.strip(): value.strip() for name, value in reversed(lines)}
    kind = fields.get("model name", platform.machine())
    flags = fields.get("flags", "").split()
    fastest = next((name for name in _INT8 if name in flags), "no int8 instructions known")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    parts = [
        f"{available_processors()} processors of {kind} ({fastest})",
        f"{memory:.0f} GB",
        f"{platform.system()} {platform.release()}",
        f"Python {platform.python_version()}",
        *(f"{name} {version(name)}" for name in ("onnxruntime", "torch", "transformers")),
    ]
    return ", ".join(parts)
