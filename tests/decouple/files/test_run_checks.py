from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from decouple.errors import RunError
from decouple.evaluation.metrics import evaluate
from decouple.files.data_record import DataRecord, write_data
from decouple.files.new_run import create_run
from decouple.files.results import Stage1Entry, record_seed_metrics, record_stage1
from decouple.files.run_checks import require_finished, require_unedited
from decouple.files.run_dir import RunDir

MakeRun = Callable[..., RunDir]


def _data(num_classes: int) -> DataRecord:
    counts = (1,) * num_classes
    return DataRecord(
        class_names=tuple("abc"[:num_classes]),
        class_counts=counts,
        group_counts=counts,
        groups={},
        images={"train": num_classes, "test": num_classes},
        split_counts={"test": counts},
        image_size=8,
        mean=(),
        std=(),
        flippable=False,
        bad_images=0,
        fingerprint="f",
    )


def test_require_finished(tmp_path: Path, make_run: MakeRun) -> None:
    run = make_run(tmp_path, "a")
    with pytest.raises(RunError, match=f"no finished stage one; .*decouple stage1 resume=True runs={tmp_path} name=a"):
        require_finished(run)
    run.set_status("failed")
    with pytest.raises(RunError, match="not finite numbers; train again with a lower lr"):
        require_finished(run)
    run.set_status("finished")
    with pytest.raises(RunError, match=r"last.safetensors is missing; the run folder is not complete"):
        require_finished(run)
    run.weights("last").write_bytes(b"")
    with pytest.raises(RunError, match=r"results.json is missing"):
        require_finished(run)
    record_seed_metrics(run.results, "last", "tau", [])
    with pytest.raises(RunError, match="holds no metrics of stage one"):
        require_finished(run)
    metrics = evaluate(np.eye(3), np.arange(3), [3, 2, 1])
    record_stage1(run.results, "last", Stage1Entry(epoch=1, metrics={"test": metrics}, weight_norms=None))
    with pytest.raises(RunError, match=r"data.json is missing"):
        require_finished(run)
    write_data(run.data, _data(num_classes=2))
    with pytest.raises(
        RunError, match=r"results.json does not belong to .*data.json, which has 2 classes; restore both"
    ):
        require_finished(run)
    write_data(run.data, _data(num_classes=3))
    assert require_finished(run) == run


def test_edited_settings_are_noticed(tmp_path: Path) -> None:
    run = create_run(tmp_path, "a", "", lambda draft: draft.config.write_text("lr: 0.1") and None)
    require_unedited(run)
    run.set_status("finished")
    for edit in (lambda: run.config.write_text("lr: 0.2"), run.config.unlink):
        edit()
        for check in (require_unedited, require_finished):
            with pytest.raises(RunError, match=r"config.yaml is missing or was edited after the run began.*restore it"):
                check(run)
    run.config.write_text("lr: 0.1")
    require_unedited(run)
