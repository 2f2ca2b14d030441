from decouple.reporting.seed_table import mean_std_text, seed_rows


def test_mean_and_sample_deviation_by_hand() -> None:
    # 1, 2, 3: mean 2, deviations -1, 0, 1, so sqrt(2 / 2) = 1.
    assert mean_std_text([1.0, 2.0, 3.0]) == "2.00 ± 1.00"
    assert mean_std_text([70.5]) == "70.50"
    assert mean_std_text([70.5, None]) == mean_std_text([]) == "-"


def test_a_line_for_each_classifier() -> None:
    few = {"groups": {"many_medium_few": {"many": 90.0, "medium": None, "few": 10.0}}}
    rows = {"crt": [{"top1": 50.0, "balanced": 40.0, **few}, {"top1": 52.0, "balanced": 40.0, **few}]}
    assert seed_rows(rows) == [
        {
            "method": "crt",
            "seeds": 2,
            "all": "51.00 ± 1.41",  # deviations of 1: sqrt(2)
            "balanced": "40.00 ± 0.00",
            "many": "90.00 ± 0.00",
            "medium": "-",
            "few": "10.00 ± 0.00",
        }
    ]
