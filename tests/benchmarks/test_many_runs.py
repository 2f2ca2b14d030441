"""Several trainings at once have the threads that workers of a search have."""

import pytest

from benchmarks.many_runs import RUN_COUNTS, threads_each
from tuning.process_pool import threads_per_worker


@pytest.mark.parametrize("runs", RUN_COUNTS)
def test_threads_are_shared_out_as_in_a_search(runs: int) -> None:
    assert threads_each(runs) == threads_per_worker(runs)
