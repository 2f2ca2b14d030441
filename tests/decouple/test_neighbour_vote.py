import pytest
import torch
import torch.nn.functional as F

from decouple.neighbour_vote import nearest, vote


@pytest.mark.parametrize("k", [1, 7, 50, 99])
@pytest.mark.parametrize(("queries", "bytes_"), [(1024, 2**25), (3, 4 * 3 * 5), (1, 1)])
def test_in_blocks_of_any_size_the_nearest_are_those_of_one_product(
    k: int, queries: int, bytes_: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "QUERIES", queries)
    monkeypatch.setattr(neighbours, "BLOCK_BYTES", bytes_)
    rng = torch.Generator().manual_seed(0)
    stored, features = F.normalize(torch.randn(50, 4, generator=rng), dim=1), torch.randn(10, 4, generator=rng)
    cosines, places = nearest(features, stored, k)
    expected = (F.normalize(features, dim=1) @ stored.T).sort(dim=1, descending=True)
    assert torch.equal(places, expected.indices[:, :k])
    torch.testing.assert_close(cosines, expected.values[:, :k])


def test_no_query_has_no_neighbour() -> None:
    cosines, places = nearest(torch.zeros(0, 4), torch.eye(4), 2)
    assert len(cosines) == len(places) == 0


def test_a_zero_feature_has_finite_votes() -> None:
    cosines, places = nearest(torch.zeros(1, 4), torch.eye(4), 2)
    assert vote(cosines, places, torch.ones(4), 10.0).isfinite().all()


def test_a_far_neighbour_does_not_overflow() -> None:
    logits = vote(torch.tensor([[1.0, -1.0]]), torch.tensor([[0, 1]]), torch.ones(2), 1000.0)
    torch.testing.assert_close(logits.exp(), torch.tensor([[1.0, 1e-6]]))
