"""Train all epochs, with a progress bar; Ctrl-C is handled between two steps."""

import time
from collections.abc import Callable

from decouple.interrupt import deferred_interrupt
from decouple.progress import Progress
from stage1.trainer import Training, finish_epoch, train_epoch


def train(
    training: Training,
    title: str,
    after_epoch: Callable[[bool], None],
    on_stop: Callable[[], None],
    *,
    quiet: bool = False,
) -> None:
    """Run the remaining epochs.

    Args:
        training: the state to continue from.
        title: of the progress bar.
        after_epoch: called after each epoch with whether it was the best on validation so far.
        on_stop: called when Ctrl-C came; raises `InterruptedRunError`, unless the last epoch is done.
        quiet: no line per epoch.
    """
    epochs, images = training.config.epochs, len(training.sampler)
    done = training.epoch * images + int(training.totals[2])
    with (
        deferred_interrupt() as interrupted,
        Progress(title, total=epochs * images, unit="images", done=done) as progress,
    ):
        while not training.finished:
            started, reported = time.perf_counter(), int(training.totals[2])

            def report(total: int, loss: float, accuracy: float) -> None:
                nonlocal reported
                progress.advance(total - reported, loss=loss, accuracy=accuracy)
                reported = total

            complete = train_epoch(training, report, interrupted)
            training.seconds += time.perf_counter() - started
            if not complete:
                return on_stop()
            best = finish_epoch(training)
            if not quiet:
                progress.note(_summary(training))
            after_epoch(best)
            if interrupted():
                return on_stop()
    return None


def _summary(training: Training) -> str:
    row = training.history[-1]
    text = f"epoch {training.epoch}/{training.config.epochs}: loss {row['train_loss']:.3f}"
    text += f", train {row['train_top1']:.1f} %"
    return text if row["val_balanced"] is None else f"{text}, validation balanced {row['val_balanced']:.1f} %"
