import pytest
import torch
import torch.nn.functional as F

from decouple import neighbour_vote
from decouple.errors import ConfigError, DataError
from decouple.neighbour_vote import NeighbourVote, nearest, vote


@pytest.mark.parametrize("k", [1, 7, 50, 99])
@pytest.mark.parametrize(("queries", "bytes_"), [(1024, 2**25), (3, 4 * 3 * 5), (1, 1)])
def test_in_blocks_of_any_size_the_nearest_are_those_of_one_product(
    k: int, queries: int, bytes_: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbour_vote, "QUERY_CHUNK", queries)
    monkeypatch.setattr(neighbour_vote, "MAX_BLOCK_BYTES", bytes_)
    rng = torch.Generator().manual_seed(0)
    stored, features = F.normalize(torch.randn(50, 4, generator=rng), dim=1), torch.randn(10, 4, generator=rng)
    cosines, indices = nearest(features, stored, k)
    expected = (F.normalize(features, dim=1) @ stored.T).sort(dim=1, descending=True)
    assert torch.equal(indices, expected.indices[:, :k])
    torch.testing.assert_close(cosines, expected.values[:, :k])


def test_no_query_has_no_neighbour() -> None:
    cosines, indices = nearest(torch.zeros(0, 4), torch.eye(4), 2)
    assert len(cosines) == len(indices) == 0


def test_a_zero_feature_has_finite_votes() -> None:
    cosines, indices = nearest(torch.zeros(1, 4), torch.eye(4), 2)
    assert vote(cosines, indices, torch.ones(4), 10.0).isfinite().all()


def test_a_far_neighbour_does_not_overflow() -> None:
    logits = vote(torch.tensor([[1.0, -1.0]]), torch.tensor([[0, 1]]), torch.ones(2), 1000.0)
    torch.testing.assert_close(logits.exp(), torch.tensor([[1.0, 1e-6]]))


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(ConfigError, match="k must be 1 or more, got 0"):
        NeighbourVote(torch.tensor([0, 1]), torch.ones(2), 0)
    with pytest.raises(DataError, match=r"labels must have shape \(N,\), got \(1, 2\)"):
        NeighbourVote(torch.tensor([[0, 1]]), torch.ones(2), 1)
    with pytest.raises(DataError, match=r"class_weights must have shape \(C,\), got \(\)"):
        NeighbourVote(torch.tensor([0, 1]), torch.tensor(1.0), 1)
