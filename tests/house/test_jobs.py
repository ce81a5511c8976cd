"""Whatever job a floor writes, the worker can do: it knows every one, in a process that has loaded nothing else."""

import subprocess
import sys

_WORKER = "import maillage.web.worker"
_EVERYTHING = """
import importlib, pkgutil, maillage
for module in pkgutil.walk_packages(maillage.__path__, "maillage."):
    if ".migrations" not in module.name and not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""


def known_after(imports: str) -> set[str]:
    """The jobs that a new process knows of once it has done that."""
    script = f"{imports}\nfrom maillage.core import jobs\nprint(*jobs.REGISTRY)"
    return set(
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    )


def test_the_worker_knows_every_job() -> None:
    assert known_after(_WORKER) == known_after(_EVERYTHING) > {"send_letter"}
