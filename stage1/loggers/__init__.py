"""The table of loggers: what `--log` names. Each writes what the epochs of a training gave, see `epoch_logger`."""

from stage1.loggers.csv_history import CsvHistory
from stage1.loggers.epoch_logger import EpochLogger
from stage1.loggers.tensorboard import TensorBoardLogger

LOGGERS: dict[str, type[EpochLogger]] = {"csv": CsvHistory, "tensorboard": TensorBoardLogger}
