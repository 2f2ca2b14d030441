"""The site that `make docs` builds: the documents of the repository, and a reference of every public name.

mkdocs calls the functions `on_...` (named in mkdocs.yml under `hooks`). Documents outside docs/ are pages too.
Links between documents are adapted, so that the same text works in the repository and on the site. The reference has
a page for each folder of code; mkdocstrings writes it from signatures and docstrings, without importing the code.
"""

import ast
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
PACKAGES = ("decouple", "samplers", "stage1", "stage2", "tuning")
PAGES = {  # document outside docs/ -> its page
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "benchmarks/README.md": "benchmarks.md",
    "configs/README.md": "configs.md",
}
STATIC = ("CITATION.cff", "LICENSE")  # linked files that are copied as they are


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Check that every public name is documented, and add the reference to the navigation.

    Raises:
        PluginError: a public name has no docstring.
    """
    missing = list(undocumented())
    if missing:
        raise PluginError("public names without a docstring: " + ", ".join(missing))
    config.nav = [*(config.nav or []), {"Reference": [{folder: _page_of(folder)} for folder in folders()]}]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the documents outside docs/ and the pages of the reference."""
    for document, page in PAGES.items():
        files.append(File.generated(config, page, content=(ROOT / document).read_text(encoding="utf-8")))
    for name in STATIC:
        files.append(File.generated(config, name, content=(ROOT / name).read_text(encoding="utf-8")))
    for folder, modules in folders().items():
        files.append(File.generated(config, _page_of(folder), content=_reference(folder, modules)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Adapt the links of a document, which are paths in the repository, to the paths of the site."""
    documents = {site: document for document, site in PAGES.items()}
    folder = posixpath.dirname(documents.get(page.file.src_uri, f"docs/{page.file.src_uri}"))
    return re.sub(
        r"(\]\()([^)\s#:]+)((?:#[^)\s]*)?\))", lambda link: link[1] + _on_site(folder, link[2]) + link[3], markdown
    )


def folders() -> dict[str, list[str]]:
    """Return the modules of each folder of code, both as dotted names; a folder's own `__init__` comes first."""
    modules: dict[str, list[str]] = {}
    for path in _code():
        name = _module(path)
        modules.setdefault(name if path.stem == "__init__" else name.rpartition(".")[0], []).append(name)
    return {folder: sorted(modules[folder]) for folder in sorted(modules)}


def undocumented() -> Iterator[str]:
    """Yield each public module, class, function and method without a docstring."""
    for path in _code():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if ast.get_docstring(tree) is None:
            yield _module(path)
        yield from _without_docstring(tree, _module(path))


def _without_docstring(owner: ast.Module | ast.ClassDef, name: str) -> Iterator[str]:
    for node in owner.body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        if ast.get_docstring(node) is None:
            yield f"{name}.{node.name}"
        if isinstance(node, ast.ClassDef):
            yield from _without_docstring(node, f"{name}.{node.name}")


def _code() -> list[Path]:
    paths = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return sorted(path for path in paths if path.stem != "__main__")


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _page_of(folder: str) -> str:
    return f"reference/{folder}.md"


def _reference(folder: str, modules: list[str]) -> str:
    return f"# {folder}\n\n" + "\n".join(f"::: {module}\n" for module in modules)


def _on_site(folder: str, target: str) -> str:
    """Return the path on the site of a link in a document of `folder`; on the site all documents are in one folder."""
    document = posixpath.normpath(posixpath.join(folder, target))
    return PAGES.get(document, document.removeprefix("docs/"))
