import numpy as np
import pytest

from decouple.class_counts import longtail_counts
from decouple.errors import ConfigError, DataError
from samplers.probabilities import FORMULAS, class_probabilities

TAIL = longtail_counts("exp", 10, 5000, 100)


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("instance", {}, [3 / 4, 1 / 4]),
        ("class", {}, [1 / 2, 1 / 2]),
        ("sqrt", {}, [3**0.5 / (3**0.5 + 1), 1 / (3**0.5 + 1)]),
        ("power", {"q": 2}, [9 / 10, 1 / 10]),
        ("power", {"q": 0}, [1 / 2, 1 / 2]),
        ("progressive", {}, [3 / 4, 1 / 4]),  # progress 0
        ("reversed", {}, [1 / 4, 3 / 4]),  # 1/3 : 1
        # beta 1/2: an image weighs (1/2) / (7/8) = 4/7 in class 0 and 1 in class 1; three images make 12/7 : 1.
        ("effective", {"beta": 0.5}, [12 / 19, 7 / 19]),
        # beta_0 = a = 1/2 as above, beta_1 = a + b = 3/4: (1/4) / (1/4) = 1 for the only image.
        ("cben", {"a": 0.5, "b": 0.25}, [12 / 19, 7 / 19]),
    ],
)
def test_counts_3_and_1_by_hand(name: str, options: dict[str, float], expected: list[float]) -> None:
    probabilities = class_probabilities(name, [3, 1], **options)
    np.testing.assert_allclose(probabilities, expected, rtol=1e-14)
    assert probabilities.dtype == np.float64


def test_cben_gives_each_class_a_beta_of_its_own() -> None:
    # Counts 4, 2, 1: d = 0, ln 2, ln 4, so beta = 1/2, 5/8, 3/4. An image weighs (1/2) / (15/16) = 8/15,
    # (3/8) / (39/64) = 8/13, 1; times the counts: 32/15, 16/13, 1.
    weights = np.array([32 / 15, 16 / 13, 1])
    probabilities = class_probabilities("cben", [4, 2, 1], a=0.5, b=0.25)
    np.testing.assert_allclose(probabilities, weights / weights.sum(), rtol=1e-14)


def test_progressive_moves_from_instance_to_class() -> None:
    # A quarter of the way: 3/4 * (3/4, 1/4) + 1/4 * (1/2, 1/2) = (11/16, 5/16).
    np.testing.assert_allclose(class_probabilities("progressive", [3, 1], 0.25), [11 / 16, 5 / 16], rtol=1e-15)
    np.testing.assert_array_equal(class_probabilities("progressive", TAIL, 1.0), class_probabilities("class", TAIL))


@pytest.mark.parametrize("name", FORMULAS)
def test_a_distribution_at_any_size_and_uniform_on_balanced_counts(name: str) -> None:
    for counts in (TAIL, longtail_counts("pareto", 10_000, 1_000_000, 1_000_000), np.array([1, 10**7])):
        probabilities = class_probabilities(name, counts)
        assert probabilities.sum() == pytest.approx(1, abs=1e-12)
        assert (probabilities > 0).all()
    np.testing.assert_allclose(class_probabilities(name, [7, 7, 7, 7]), [0.25] * 4, rtol=1e-15)


def test_effective_reaches_both_limits_exactly() -> None:
    np.testing.assert_allclose(class_probabilities("effective", TAIL, beta=0), TAIL / TAIL.sum(), rtol=1e-15)
    for beta in (1.0, 1 - 2**-53):
        np.testing.assert_allclose(class_probabilities("effective", TAIL, beta=beta), np.full(10, 0.1), rtol=1e-12)


def test_cben_reaches_both_limits_exactly() -> None:
    np.testing.assert_allclose(class_probabilities("cben", TAIL, a=0, b=0), TAIL / TAIL.sum(), rtol=1e-15)
    np.testing.assert_allclose(class_probabilities("cben", TAIL, a=1, b=0), np.full(10, 0.1), rtol=1e-12)
    effective = class_probabilities("effective", TAIL, beta=0.999)
    np.testing.assert_allclose(class_probabilities("cben", TAIL, b=0), effective, rtol=1e-15)


def test_effective_equals_the_plain_formula_where_that_is_accurate() -> None:
    weights = TAIL * (1 - 0.99) / (1 - 0.99 ** TAIL.astype(float))
    np.testing.assert_allclose(class_probabilities("effective", TAIL, beta=0.99), weights / weights.sum(), rtol=1e-12)


def test_effective_is_stable_next_to_1() -> None:
    # 1 - beta^n by the binomial series with e = 2^-40: n e - n (n - 1) / 2 e^2; the next term is below 1e-17.
    e, n = 2.0**-40, TAIL.astype(float)
    weights = 1 / (1 - (n - 1) / 2 * e)
    np.testing.assert_allclose(class_probabilities("effective", TAIL, beta=1 - e), weights / weights.sum(), rtol=1e-15)


def test_cben_weighs_images_and_not_classes() -> None:
    # Head: 0.001 / (1 - 0.999^5000) = 0.001007 an image; tail: 0.0001 / (1 - 0.9999^50) = 0.02005, 19.9 times that.
    # A class has 100 times fewer images at the tail, so it is still drawn 5 times less often.
    probabilities = class_probabilities("cben", TAIL)
    assert probabilities[-1] / probabilities[0] == pytest.approx(19.9 / 100, rel=1e-3)
    assert (np.diff(probabilities) < 0).all()


def test_power_does_not_overflow() -> None:
    assert class_probabilities("power", [10**7, 1], q=100).tolist() == [1.0, 0.0]
    np.testing.assert_allclose(
        class_probabilities("power", TAIL, q=-1), class_probabilities("reversed", TAIL), rtol=1e-12
    )


def test_instance_never_draws_an_empty_class_and_the_others_refuse_it() -> None:
    assert class_probabilities("instance", [3, 0, 1]).tolist() == [0.75, 0.0, 0.25]
    for name in FORMULAS.keys() - {"instance"}:
        with pytest.raises(DataError, match=r"classes \[1\] of 3"):
            class_probabilities(name, [3, 0, 1])


def test_unknown_names_and_options_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"unknown sampler 'sqr'\. Did you mean 'sqrt'\? Known: instance, class"):
        class_probabilities("sqr", [3, 1])
    with pytest.raises(ConfigError, match=r"unknown option 'bet' of sampler 'effective'\. Did you mean 'beta'\?"):
        class_probabilities("effective", [3, 1], bet=0.9)
    with pytest.raises(ConfigError, match=r"unknown option 'beta' of sampler 'class'\. Known: none"):
        class_probabilities("class", [3, 1], beta=0.9)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("effective", {"beta": 1.1}, r"beta must be in 0\.\.1"),
        ("effective", {"beta": float("nan")}, r"beta must be in 0\.\.1"),
        ("cben", {"a": 0.9, "b": 0.2}, "sum to at most 1"),
        ("power", {"q": float("inf")}, "q must be a finite number"),
        ("progressive", {"progress": 1.5}, r"progress must be in 0\.\.1"),
    ],
)
def test_values_out_of_range_are_refused(name: str, options: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        class_probabilities(name, [3, 1], **options)


@pytest.mark.parametrize("counts", [[], [[3, 1]], [0, 0], 3])
def test_bad_counts_are_refused(counts: list[int]) -> None:
    with pytest.raises(DataError, match="class_counts must have shape"):
        class_probabilities("instance", counts)
