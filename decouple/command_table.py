"""The table of commands: what each does, where its settings and its code are, and the examples that its help shows.

It imports nothing, so that the overview and shell completion answer at once.
"""

from typing import NamedTuple

EVERYDAY, RESEARCH = "Everyday", "Research"
GROUPS = {  # in the order of the overview
    EVERYDAY: "from images to a classifier, and what it is worth",
    RESEARCH: "every stage, search and comparison on its own",
}

QUIET = ("quiet",)
RECORD = ("quiet", "json")
TABLE = ("quiet", "json", "csv")
WORK = (*TABLE, "dry_run")  # of a command that computes for long


class Command(NamedTuple):
    """A row of the overview, and the modules of the command."""

    summary: str
    settings: str  # module:class of its options
    module: str  # its `run` executes the command
    group: str  # a key of GROUPS
    examples: tuple[str, ...]  # what follows `decouple`; real commands, which the tests parse
    call_options: tuple[str, ...] = TABLE  # fields of `decouple.config.call_options.CallOptions` that it takes


COMMANDS = {
    "fit": Command(
        "from a folder of images to a recommended classifier, and what to photograph next",
        "decouple.fitting.settings:FitConfig",
        "decouple.commands.fit",
        EVERYDAY,
        ("fit moths", "fit moths --train last-block --epochs 5", "fit moths.csv --root images --name moths"),
        WORK,
    ),
    "quickstart": Command(
        "both stages and two searches on scikit-learn's digits, in two minutes",
        "decouple.config.command_settings:QuickstartConfig",
        "decouple.commands.quickstart",
        EVERYDAY,
        ("quickstart", "quickstart --images moths", "quickstart --runs demo --seed 1"),
        RECORD,
    ),
    "data": Command(
        "images per class, groups, ratio and splits of a data set",
        "decouple.config.command_settings:DataCommandConfig",
        "decouple.commands.data",
        EVERYDAY,
        ("data moths", "data --data digits --ratio 20 --json"),
    ),
    "predict": Command(
        "the classes of new images, with probabilities, as CSV or Parquet",
        "decouple.config.predict_settings:PredictConfig",
        "decouple.commands.predict",
        EVERYDAY,
        ("predict base new/", "predict base 'shots/*.jpg' --prior em --sets 0.9 --out shots.parquet"),
        RECORD,
    ),
    "embed": Command(
        "the features of images under the backbone of a run, as npz, safetensors or Parquet",
        "decouple.config.predict_settings:EmbedConfig",
        "decouple.commands.embed",
        EVERYDAY,
        ("embed base new/", "embed base moths/ --labels folders --out moths.npz"),
        RECORD,
    ),
    "evaluate": Command(
        "every metric of a classifier on the test split, or on a new labelled folder",
        "decouple.config.command_settings:EvaluateConfig",
        "decouple.commands.evaluate",
        EVERYDAY,
        ("evaluate", "evaluate base --images new/ --sets 0.9", "evaluate base --method crt --split val"),
    ),
    "compare": Command(
        "saved classifiers on the same images: intervals, differences, tests",
        "decouple.config.command_settings:CompareConfig",
        "decouple.commands.compare",
        EVERYDAY,
        ("compare base tuned --method none crt", "compare base --csv"),
    ),
    "export": Command(
        "one file with preprocessing, network, classifier and class names: ONNX, torch.export, timm",
        "decouple.deploy.export_settings:ExportConfig",
        "decouple.commands.export",
        EVERYDAY,
        ("export", "export base --format timm --out moths-timm", "export base --method tau --prior uniform"),
        RECORD,
    ),
    "report": Command(
        "a page on a run, or on several: every class, figures, example images, live sliders",
        "decouple.pages.settings:ReportConfig",
        "decouple.commands.report",
        EVERYDAY,
        ("report", "report base --out base.html", "report base tuned --out comparison"),
    ),
    "runs": Command(
        "list the runs with their headline metrics",
        "decouple.config.command_settings:RunsConfig",
        "decouple.commands.runs",
        EVERYDAY,
        ("runs", "runs --runs demo --csv"),
    ),
    "methods": Command(
        "list samplers, losses, batch augmentations, stage-two methods and backbones",
        "decouple.config.command_settings:MethodsConfig",
        "decouple.commands.methods",
        EVERYDAY,
        ("methods", "methods --name crt"),
    ),
    "completion": Command(
        "the script that completes commands and options in bash, zsh or fish",
        "decouple.config.command_settings:CompletionConfig",
        "decouple.commands.completion",
        EVERYDAY,
        ("completion bash", "completion fish"),
        QUIET,
    ),
    "stage1": Command(
        "learn a representation and a first classifier",
        "stage1.settings:Stage1Config",
        "decouple.commands.stage1",
        RESEARCH,
        ("stage1 --data folder --root moths --epochs 90", "stage1 --data cifar10 --root data --ratio 100 --name base"),
        WORK,
    ),
    "stage2": Command(
        "re-balance the classifier on cached features: tau, crt, ncm, lws, all",
        "stage2.settings:Stage2Config",
        "decouple.commands.stage2",
        RESEARCH,
        ("stage2", "stage2 base --method crt --lr 0.03 0.1"),
    ),
    "tune weight-decay": Command(
        "search the weight decay of stage one, then train with the best",
        "tuning.settings:WeightDecayConfig",
        "decouple.commands.tune_weight_decay",
        RESEARCH,
        ("tune weight-decay", "tune weight-decay base --trials 20 --workers 2"),
        WORK,
    ),
    "tune tau": Command(
        "search tau on the validation features",
        "tuning.settings:TauConfig",
        "decouple.commands.tune_tau",
        RESEARCH,
        ("tune tau", "tune tau base --search grid --trials 41"),
        WORK,
    ),
    "tune joint": Command(
        "search weight decay and learning rate, each trial with its own best tau; then train with the best",
        "tuning.settings:JointConfig",
        "decouple.commands.tune_joint",
        RESEARCH,
        ("tune joint", "tune joint base --trials 40 --folds 3"),
        WORK,
    ),
    "tune stage2": Command(
        "search learning rate, epochs, weight decay and sampler of crt or lws",
        "tuning.settings:Stage2SearchConfig",
        "decouple.commands.tune_stage2",
        RESEARCH,
        ("tune stage2", "tune stage2 base --method lws --trials 50"),
        WORK,
    ),
    "sweep": Command(
        "a grid of data x stage one x stage two x seeds, and one table of it",
        "tuning.sweep.settings:SweepConfig",
        "decouple.commands.sweep",
        RESEARCH,
        ("sweep grid.yaml", "sweep grid.yaml --workers 4 --retry"),
        WORK,
    ),
    "figure": Command(
        "one figure by its name: of formulas, of runs or of a sweep; or the figures of a file",
        "decouple.figures.settings:FigureConfig",
        "decouple.commands.figure",
        RESEARCH,
        ("figure list", "figure focal --values 0 1 2", "figure sampling-weights --ratio 50 --figure weights.pdf"),
    ),
}
