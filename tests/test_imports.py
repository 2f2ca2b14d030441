"""Imports point one way, files form no ring, and `__init__` files hold a docstring or a table."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ["core", "samplers", "stage1", "stage2", "tuning", "application", "commands", "entry point"]
APPLICATION = (
    "decouple.deploy",
    "decouple.fitting",
    "decouple.pages",
    "decouple.figures",
)  # what commands and the Python interface share
PACKAGES = ["decouple", "samplers", "stage1", "stage2", "tuning"]
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
LAZY = {  # files that import inside functions, each for the time it saves
    "decouple/__init__.py",  # the menu and the version
    "decouple/__main__.py",  # the entry point: Ctrl-C is taken care of before
    "decouple/cli.py",  # the commands
    "decouple/datasets/__init__.py",  # the functions for Python users
    "decouple/datasets/cifar.py",  # torchvision, only to download
    "decouple/datasets/deep_tiff.py",  # tifffile, which is optional
    "decouple/deploy/sheet.py",  # matplotlib, only to draw a contact sheet
    "decouple/deploy/prediction_files.py",  # pyarrow, only for Parquet
    "decouple/evaluation/roc.py",  # scikit-learn, which takes a second, only for a ROC curve
    "decouple/files/array_files.py",  # pandas, only for csv and parquet
    "decouple/reporting/feature_map.py",  # scikit-learn, which takes a second, only for a map
    "decouple/reporting/figure_files.py",  # the PDF writer, which takes 0.15 s, only for a PDF
    "stage1/loggers/tensorboard.py",  # tensorboard, which is optional, only with --log tensorboard
    "stage1/backbones/build.py",  # timm, only for its models
}


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): path for path in FILES}


def layer_of(module: str) -> str:
    if module in ("decouple", "decouple.cli", "decouple.__main__"):
        return "entry point"
    if module.startswith("decouple.commands") or module == "decouple.api" or module.startswith("decouple.python"):
        return "commands"
    if module.startswith(APPLICATION):
        return "application"
    top = module.split(".")[0]
    return "core" if top == "decouple" else top


def imported(path: Path) -> set[str]:
    """Return the modules of this project that a file imports, wherever in it."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: import by full name"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            modules |= {name if name in MODULES else str(node.module) for name in names}
    return {name for name in modules if name in MODULES}


GRAPH = {module: imported(path) for module, path in MODULES.items()}


def test_there_is_something_to_check() -> None:
    assert len(FILES) > 60
    assert GRAPH["stage2.methods.crt"] >= {"stage1.classifier", "stage2.fit_loop"}


@pytest.mark.parametrize("module", GRAPH)
def test_a_file_imports_its_own_layer_or_lower(module: str) -> None:
    above = {name for name in GRAPH[module] if LAYERS.index(layer_of(name)) > LAYERS.index(layer_of(module))}
    assert not above


def test_files_form_no_ring() -> None:
    TopologicalSorter(GRAPH).prepare()  # raises CycleError


@pytest.mark.parametrize("path", FILES, ids=str)
def test_only_the_named_files_import_inside_functions(path: Path) -> None:
    if path.relative_to(ROOT).as_posix() in LAZY:
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = [
        node.lineno
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not inside


@pytest.mark.parametrize("path", [path for path in FILES if path.name == "__init__.py"], ids=str)
def test_an_init_is_a_docstring_or_a_table(path: Path) -> None:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    assert isinstance(body[0], ast.Expr)
    assert isinstance(body[0].value, ast.Constant)
    defined = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    menus = (ROOT / "decouple" / "__init__.py", ROOT / "decouple" / "datasets" / "__init__.py")
    assert defined <= ({"__getattr__", "__dir__"} if path in menus else set())


@pytest.mark.parametrize("path", FILES, ids=str)
def test_no_file_outgrows_a_screenful_of_ideas(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300
