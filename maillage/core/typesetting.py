"""Pages on paper, set by Typst: tagged, in the typography of their language. Words reach them as data."""

import asyncio
import json
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

# One at a time: setting a page takes a whole core.
_ONE_AT_A_TIME = ThreadPoolExecutor(1, thread_name_prefix="pdf")


async def as_pdf(template: Path, data: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """The document that `template` makes of `data`, which it finds in `sys.inputs.data`; `files` stand beside it."""
    said = json.dumps(data, ensure_ascii=False)
    return await asyncio.get_running_loop().run_in_executor(_ONE_AT_A_TIME, _set, template, said, files)


def _set(template: Path, data: str, files: Mapping[str, bytes]) -> bytes:
    with TemporaryDirectory(prefix="maillage-pdf-") as folder:
        # Nothing but these is there for a page to read.
        shutil.copy(template, folder)
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        made = typst.compile(
            str(Path(folder) / template.name),
            root=folder,
            ignore_system_fonts=True,
            sys_inputs={"data": data},
            # Refuses to make a document that a screen reader could not follow.
            pdf_standards=["ua-1"],
        )
        assert isinstance(made, bytes)  # noqa: S101 — it is, of a document
        return made
