"""The machine, commit and date of a measurement."""

import datetime
import os
import platform
import re
import subprocess
from pathlib import Path

import torch

_ROOT = Path(__file__).parent.parent


def provenance() -> dict[str, str]:
    """Return the columns commit, machine and date of a table of results."""
    return {"commit": commit(), "machine": machine(), "date": datetime.date.today().isoformat()}


def commit() -> str:
    """Return the short hash of the commit, with a + where files differ from it, "unknown" without git."""
    try:
        commit_hash = _git("rev-parse", "--short", "HEAD")
        return f"{commit_hash}+" if _git("status", "--porcelain", "--untracked-files=no") else commit_hash
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def machine() -> str:
    """Return processor, usable cores, version of torch, and GPU."""
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    return f"{_processor()}, {num_cores()} cores, torch {torch.__version__}, {gpu}"


def num_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=_ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _processor() -> str:
    """Return the name that Linux has for the processor, elsewhere that of Python."""
    cpuinfo = Path("/proc/cpuinfo")
    named = re.search(r"^model name\s*:\s*(.+)$", cpuinfo.read_text(), re.MULTILINE) if cpuinfo.exists() else None
    return named[1] if named else platform.processor() or platform.machine()
