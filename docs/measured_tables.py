"""Tables of docs/results.md, from the CSV files of benchmarks/results/tables."""

from pathlib import Path

import pandas as pd

from tuning.sweep.table_columns import TableColumn
from tuning.sweep.table_text import with_std

RESULTS = Path(__file__).resolve().parents[1] / "benchmarks" / "results" / "tables"
_NOT_MEASURED = "Not measured yet: `python -m benchmarks.tables {name}` runs it."


def measured_table(name: str) -> str:
    """Return a table in Markdown: a row for each cell, its columns side by side, published values where there are any.

    Args:
        name: of a file in benchmarks/results/tables, without its ending.
    """
    path = RESULTS / f"{name}.csv"
    if not path.exists():
        return _NOT_MEASURED.format(name=name)
    rows = pd.read_csv(path, dtype={"commit": str})
    names = [key for key in ("data", "stage1", "stage2") if rows[key].nunique() > 1] or ["stage2"]
    rows = rows[~((rows["split"] == "all") & (rows["metric"] == "balanced"))]  # on a balanced test set it is top1
    headings = list(dict.fromkeys(_heading(row) for _, row in rows.iterrows()))
    published = rows["published"].notna().any()
    lines = [line([*names, "seeds", *headings, *(["published", "difference"] if published else [])])]
    lines.append(line(["---"] * len(names) + ["---:"] * (lines[0].count("|") - 1 - len(names))))
    for cell, group in rows.groupby(["data", "stage1", "stage2"], sort=False):
        by_heading = {_heading(row): row for _, row in group.iterrows()}
        keys = dict(zip(("data", "stage1", "stage2"), cell, strict=True))
        texts = [str(keys[key]) for key in names] + [f"{int(group['n'].max())}"]
        texts += [_value(by_heading.get(heading)) for heading in headings]
        lines.append(line([*texts, *(_published(group) if published else [])]))
    first = rows.iloc[0]
    source = f"`{first['command']}`, commit {first['commit']}, {first['machine']}, {first['date']}"
    return "\n".join([*lines, "", f"*Rows of [{name}.csv](../benchmarks/results/tables/{name}.csv):* {source}."])


def _heading(row: pd.Series) -> str:
    return TableColumn(row["split"], row["metric"]).heading


def _value(row: pd.Series | None) -> str:
    if row is None or pd.isna(row["mean"]):
        return "-"
    text = with_std(row["mean"], None if pd.isna(row["std"]) else row["std"], row["unit"])
    if row["split"] == "all" and not pd.isna(row["low"]):
        text += f" [{row['low']:.1f}, {row['high']:.1f}]"
    return text


def _published(group: pd.DataFrame) -> list[str]:
    """Return the published value of the whole test split, and the difference."""
    fitting = group[(group["split"] == "all") & group["published"].notna()]
    if fitting.empty:
        return ["-", "-"]
    row = fitting.iloc[0]
    return [f"{row['published']:.2f}", f"{row['difference']:+.2f}"]


def line(texts: list[str]) -> str:
    """Return a line of a table in Markdown."""
    return f"| {' | '.join(texts)} |"
