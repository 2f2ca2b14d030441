import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import cross_val_score

from decouple.errors import ConfigError, DataError
from stage2.feature_classifier import FeatureClassifier
from stage2.methods import METHODS
from stage2.methods.logit_adjust import LogitAdjust
from stage2.methods.tau import TauNorm


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    """Two overlapping classes in the plane, 90 to 10."""
    rng = np.random.default_rng(0)
    features = np.concatenate([rng.normal([0, 0], 1, (90, 2)), rng.normal([2, 0], 1, (10, 2))])
    return features.astype(np.float32), np.repeat(["common", "rare"], [90, 10])


@pytest.mark.parametrize("name", METHODS)
def test_every_method_predicts_the_labels_of_the_training(name: str, data: tuple[np.ndarray, np.ndarray]) -> None:
    features, labels = data
    fitted = FeatureClassifier(METHODS[name](), folds=2).fit(features, labels)
    assert set(fitted.predict(features)) <= {"common", "rare"}
    np.testing.assert_allclose(fitted.predict_proba(features).sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(fitted.decision_function(features) > 0, fitted.predict(features) == "rare")


def test_logit_adjustment_moves_the_threshold_by_the_log_of_the_ratio(data: tuple[np.ndarray, np.ndarray]) -> None:
    weight, bias = np.array([[0.0, 0.0], [1.0, 0.0]]), np.zeros(2)
    fitted = FeatureClassifier(LogitAdjust(tau=1.0), weight=weight, bias=bias).fit(*data)
    # The logit of "rare" less that of "common" is x + ln(90 / 10).
    np.testing.assert_allclose(
        fitted.decision_function([[0.0, 0.0], [1.0, 5.0]]), [np.log(9), 1 + np.log(9)], rtol=1e-5
    )


def test_tau_is_chosen_in_folds(data: tuple[np.ndarray, np.ndarray]) -> None:
    fitted = FeatureClassifier(TauNorm()).fit(*data)
    assert isinstance(fitted.method_, TauNorm)
    assert fitted.method_.tau in list(TauNorm.grid)
    plain = FeatureClassifier(TauNorm(tau=0.0)).fit(*data)
    scores = [balanced_accuracy_score(data[1], model.predict(data[0])) for model in (fitted, plain)]
    assert scores[0] >= scores[1] - 0.05


def test_it_works_with_scikit_learn(data: tuple[np.ndarray, np.ndarray]) -> None:
    estimator = clone(FeatureClassifier(TauNorm(tau=1.0), seed=3))
    assert estimator.get_params()["seed"] == 3
    assert len(cross_val_score(estimator, *data, cv=2, scoring="balanced_accuracy")) == 2


def test_wrong_input_is_named(data: tuple[np.ndarray, np.ndarray]) -> None:
    features, labels = data
    with pytest.raises(DataError, match=r"weight must have shape \(2, 2\), got \(3, 2\)"):
        FeatureClassifier(weight=np.zeros((3, 2))).fit(features, labels)
    with pytest.raises(ConfigError, match="bias goes with weight"):
        FeatureClassifier(bias=np.zeros(2)).fit(features, labels)
    with pytest.raises(DataError, match="a class has one image"):
        FeatureClassifier().fit(features[:91], labels[:91])
    with pytest.raises(ValueError, match="y has 1 class"):
        FeatureClassifier().fit(features[:90], labels[:90])
    with pytest.raises(ValueError, match="contains NaN"):
        FeatureClassifier().fit(np.full((100, 2), np.nan), labels)
