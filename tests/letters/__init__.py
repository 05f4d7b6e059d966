"""Each letter, caused by what really writes it, and read through: one scene for each folder of
`templates/letters/`."""

import pytest

pytest.register_assert_rewrite("tests.letters.reading")
