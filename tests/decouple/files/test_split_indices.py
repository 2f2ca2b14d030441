import numpy as np

from decouple.files.split_indices import read_split_indices, write_split_indices


def test_positions_come_back_and_take_four_bytes_each(tmp_path):
    splits = {"train": np.arange(0, 40_000, 2), "test": np.array([5, 1])}
    write_split_indices(tmp_path / "splits.safetensors", splits)
    back = read_split_indices(tmp_path / "splits.safetensors")
    assert {name: indices.tolist() for name, indices in back.items()} == {
        name: indices.tolist() for name, indices in splits.items()
    }
    assert (tmp_path / "splits.safetensors").stat().st_size < 4 * 20_002 + 500
