"""What a role loads at its start: what it needs at once, not what it may need some day."""

import subprocess
import sys

import pytest

HEAVY = ("numba", "openpyxl", "fpdf", "PIL", "babel", "osmium")


@pytest.mark.parametrize("role", ["web", "gateway", "projector"])
def test_a_role_without_folds_starts_without_compiler_and_document_makers(role: str) -> None:
    asked = f"import sys, tapestry.wiring.role_{role}; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
