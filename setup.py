"""What pyproject.toml cannot say: the wheel carries the records of results/, for notebooks that travel alone."""

import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT / "tools"))

from pack_records import pack  # noqa: E402 - the path comes first


class WithRecords(build_py):
    """Packs the records beside the module that reads them, unless that module stays in the checkout."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            pack(ROOT / "results", Path(self.build_lib, "tlmlda_lib", "experiments", "records.tar.xz"))


setup(cmdclass={"build_py": WithRecords})
