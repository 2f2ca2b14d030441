import inspect
import math
from typing import Any

import numpy as np
import pytest
import torch

from decouple.class_counts import longtail_counts
from decouple.config.table_options import OptionValue
from decouple.errors import ConfigError, DataError
from samplers.formulas import FORMULAS
from samplers.probabilities import class_probabilities, complete_options, sampler_at

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
        ("class", {"replacement": False}, [1 / 2, 1 / 2]),
        ("deferred", {}, [3 / 4, 1 / 4]),  # progress 0 is before start
        ("deferred", {"start": 0}, [1 / 2, 1 / 2]),
        ("deferred", {"start": 0, "then": "power", "q": 2}, [9 / 10, 1 / 10]),
        ("oversample", {}, [1 / 2, 1 / 2]),
        ("undersample", {}, [1 / 2, 1 / 2]),
        ("hybrid", {}, [1 / 2, 1 / 2]),
    ],
)
def test_counts_3_and_1_by_hand(name: str, options: dict[str, OptionValue], expected: list[float]) -> None:
    probabilities = class_probabilities(name, [3, 1], **options)
    np.testing.assert_allclose(probabilities, expected, rtol=1e-14)
    assert probabilities.dtype == np.float64


@pytest.mark.parametrize("name", FORMULAS)
def test_every_formula_says_what_it_is_where_from_and_what_for(name: str) -> None:
    first, *rest = (inspect.getdoc(FORMULAS[name]) or "").splitlines()
    assert first.endswith(".")
    assert [line.split(":")[0] for line in rest if line.startswith(("Source:", "Use:"))] == ["Source", "Use"]


def slow_weight(name: str, n: int, counts: list[int], x: float) -> float:
    """Return one class's weight by the plainest way: sums instead of powers, one class at a time."""
    rarity = math.log(max(counts) / n) / math.log(max(counts) / min(counts))
    beta = {"effective": 0.9999, "cben": 0.999 + 0.0009 * rarity}
    if name in beta:
        return n / math.fsum(beta[name] ** i for i in range(n))
    return {
        "instance": n / sum(counts),
        "sqrt": math.sqrt(n),
        "power": math.sqrt(n),
        "progressive": (1 - x) * n / sum(counts) + x / len(counts),
        "reversed": 1 / n,
        "deferred": n / sum(counts) if x < 0.8 else 1 / len(counts),
    }.get(name, 1 / len(counts))


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("num_classes", [2, 7, 100, 1000])
@pytest.mark.parametrize("x", [0.0, 0.3, 0.8, 1.0])
def test_random_unsorted_counts_against_a_loop_over_classes(name: str, num_classes: int, x: float) -> None:
    counts = np.random.default_rng(num_classes).integers(1, 1000, num_classes).tolist()
    weights = [slow_weight(name, n, counts, x) for n in counts]
    expected = [weight / math.fsum(weights) for weight in weights]
    np.testing.assert_allclose(class_probabilities(name, counts, x), expected, rtol=1e-12)


@pytest.mark.parametrize("name", FORMULAS)
def test_renaming_the_classes_renames_the_probabilities(name: str) -> None:
    order = np.random.default_rng(0).permutation(len(TAIL))
    for x in (0.0, 0.5, 1.0):
        renamed = class_probabilities(name, TAIL[order], x)
        np.testing.assert_allclose(renamed, class_probabilities(name, TAIL, x)[order], rtol=1e-14)


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
    with pytest.raises(ConfigError, match=r"unknown option 'beta' of sampler 'sqrt'\. Known: none"):
        class_probabilities("sqrt", [3, 1], beta=0.9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"then": "clas"}, r"unknown sampler for option 'then': 'clas'\. Did you mean 'class'\?"),
        ({"then": "deferred"}, r"unknown sampler for option 'then': 'deferred'\..* Known: instance, class"),
        ({"strat": 0.5}, r"unknown option 'strat' .*Did you mean 'start'\? Known: start, then, replacement"),
        ({"then": "power", "beta": 0.5}, r"'deferred' with then 'power'\..* Known: start, then, q"),
        ({"then": "effective", "beta": 1.5}, "beta must be between 0 and 1"),  # now, and not when it takes over
        ({"then": "power", "q": "big"}, "option 'q' of sampler 'power' must be a number, got 'big'"),
        ({"start": 160}, "start must be between 0 and 1, got 160.0; it is a share of the epochs"),
        ({"start": -0.1}, "a share of the epochs"),
        ({"start": True}, "option 'start' of sampler 'deferred' must be a number"),
    ],
)
def test_what_deferred_refuses(options: dict[str, OptionValue], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        class_probabilities("deferred", [3, 1], **options)


def test_deferred_is_the_sampler_that_it_names_from_start_on() -> None:
    for then in FORMULAS.keys() - {"deferred"}:
        for x in (0.0, 0.25, 0.5, 0.75, 1.0):
            name = then if x >= 0.5 else "instance"
            options = complete_options("deferred", {"start": 0.5, "then": then})
            assert sampler_at(x, "deferred", options) == name
            result = class_probabilities("deferred", TAIL, x, start=0.5, then=then)
            np.testing.assert_array_equal(result, class_probabilities(name, TAIL, x))


def test_options_are_completed_by_the_defaults_of_the_signature() -> None:
    assert complete_options("cben", {"b": 0}) == {"a": 0.999, "b": 0.0}
    assert complete_options("deferred", {"then": "power", "q": 2}) == {"start": 0.8, "then": "power", "q": 2.0}
    assert complete_options("class", {}) == {"replacement": True}


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("effective", {"beta": 1.1}, "option of sampler 'effective': beta must be between 0 and 1, got 1.1; 0.9999 is"),
        ("effective", {"beta": float("nan")}, "'beta' of sampler 'effective' must be a number"),
        ("cben", {"a": 0.9, "b": 0.2}, "sum to at most 1"),
        ("cben", {"a": -0.1}, "a must be between 0 and 1, got -0.1"),
        ("power", {"q": float("inf")}, "'q' of sampler 'power' must be a number"),
        ("power", {"q": "high"}, "must be a number, got 'high'"),
        ("class", {"replacement": 0}, "must be true or false, got '0'"),
        ("progressive", {"progress": 1.5}, "progress must be between 0 and 1"),
    ],
)
def test_values_of_a_wrong_type_or_out_of_range_are_refused(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        class_probabilities(name, [3, 1], **options)


@pytest.mark.parametrize("counts", [[], [[3, 1]], 3])
def test_bad_counts_are_refused(counts: list[int]) -> None:
    with pytest.raises(DataError, match="class_counts must have shape"):
        class_probabilities("instance", counts)


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([-1, 3], "whole numbers, 0 or more, got -1 for class 0"),
        ([3, math.nan], "got nan for class 1"),
        ([3, math.inf], "got inf for class 1"),
        ([3, 1.5], "got 1.5 for class 1"),
        ([0, 0], "must have an image in a class"),
        (["many", "few"], "must be numbers of images"),
        ([[3], [1, 2]], "must be numbers of images"),
    ],
)
def test_counts_that_are_none_are_refused(name: str, counts: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        class_probabilities(name, counts)


@pytest.mark.parametrize("progress", ["half", math.nan, -0.1, None, True])
def test_progress_is_a_share(progress: Any) -> None:
    with pytest.raises(ConfigError, match="progress must be between 0 and 1"):
        class_probabilities("progressive", [3, 1], progress)


def test_counts_may_be_a_tensor() -> None:
    np.testing.assert_array_equal(class_probabilities("sqrt", torch.tensor([9, 1])), [0.75, 0.25])


@pytest.mark.parametrize(("q", "expected"), [(1e308, [0, 1, 0]), (-1e308, [0, 0, 1])])
def test_huge_exponents_leave_the_largest_or_the_smallest_class(q: float, expected: list[float]) -> None:
    assert class_probabilities("power", [20, 300, 7], q=q).tolist() == expected
