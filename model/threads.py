"""How many processors this process may really use.

A container's CPU quota is invisible to ``os.cpu_count``; running more threads than the quota makes
everything slower, so the quota is read from the control group.
"""

import os
from pathlib import Path

_QUOTA_V2 = Path("/sys/fs/cgroup/cpu.max")
_QUOTA_V1 = Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us")
_PERIOD_V1 = Path("/sys/fs/cgroup/cpu/cpu.cfs_period_us")


def _quota() -> float | None:
    """Return the quota in processors, or None where there is none to read."""
    try:
        if _QUOTA_V2.exists():
            allowed, period = _QUOTA_V2.read_text().split()[:2]
        else:
            allowed, period = _QUOTA_V1.read_text().strip(), _PERIOD_V1.read_text().strip()
        return int(allowed) / int(period) if int(allowed) > 0 else None
    except (OSError, ValueError):  # no control groups, or "max": no quota
        return None


def available_processors() -> int:
    """Return the processors that affinity and quota leave to this process, at least 1."""
    affinity = getattr(os, "sched_getaffinity", None)
    count = len(affinity(0)) if affinity else os.cpu_count() or 1
    quota = _quota()
    return max(1, min(count, round(quota) if quota else count))
