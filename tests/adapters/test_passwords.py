"""The contract of password hashers, kept by argon2id and by the quick fake."""

import pytest
from tests.fakes.small_hub import QuickHasher

from tapestry.adapters._passwords import Argon2Passwords
from tapestry.app.people import PasswordHasher


@pytest.fixture(params=[Argon2Passwords, QuickHasher])
def hasher(request: pytest.FixtureRequest) -> PasswordHasher:
    made: PasswordHasher = request.param()
    return made


async def test_the_right_password_is_right_and_no_other(hasher: PasswordHasher) -> None:
    encoded = await hasher.hash("correct horse battery")
    assert "correct" not in encoded
    assert await hasher.verify(encoded, "correct horse battery")
    assert not await hasher.verify(encoded, "correct horse batterz")
    assert not await hasher.verify("no hash at all", "correct horse battery")


async def test_argon2id_is_used_with_the_parameters_of_rfc_9106() -> None:
    encoded = await Argon2Passwords().hash("correct horse battery")
    assert encoded.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
