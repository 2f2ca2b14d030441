"""The colours of all figures, for light and for dark pages. All have a contrast of 3 or more to their page."""

INK, GREY, FAINT, GRID, PAPER = "#222222", "#707070", "#b8b8b8", "#e3e3e3", "#ffffff"
CELL_INK, CELL_PAPER = "#212121", "#fefefe"  # text on coloured cells, the same on light and on dark pages

# After Paul Tol's "high contrast" colours: distinguishable with every type of colour vision, and in greyscale print.
_MANY, _MEDIUM, _FEW = "#004488", "#b8860b", "#aa3355"
GROUP_COLOURS = {
    "many": _MANY, "medium": _MEDIUM, "few": _FEW,
    "head": _MANY, "middle": _MEDIUM, "tail": _FEW,
    "balanced": INK, "all": GREY,
}  # fmt: skip

# After Okabe and Ito, without yellow, which is invisible on white; shapes distinguish methods once colours repeat.
METHOD_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b37a00", "#3a97d4", INK)
METHOD_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">", "h")

_DARK_METHODS = ("#4fa8e0", "#f08a4b", "#2dbe95", "#e39ac4", "#e0a83c", "#9bd2f5")

# matplotlib's "plasma", cut where the contrast to the page ends: the largest class stands out most.
RANK_COLOURS = (
    "#0d0887", "#330597", "#5102a3", "#6e00a8", "#8808a6", "#a11b9b", "#b6308b", "#c9447a", "#d9586a", "#e76e5b"
)  # fmt: skip
_DARK_RANKS = (
    "#f4ed27", "#fcd225", "#feba2c", "#fba238", "#f58c46", "#ed7953", "#e26561", "#d5536f", "#c7427c", "#b6308b"
)  # fmt: skip

# CSS variable -> colour on a light page, colour on a dark one; ink is the text colour of the page.
PAGE_COLOURS = {
    "--figure-muted": (GREY, "#a6a6a6"),
    "--figure-faint": (FAINT, "#5c5c5c"),
    "--figure-grid": (GRID, "#3a3a3a"),
    "--figure-paper": (PAPER, "#16181c"),
    "--figure-many": (_MANY, "#6fa8dc"),
    "--figure-medium": (_MEDIUM, "#e0b040"),
    "--figure-few": (_FEW, "#e58299"),
} | {
    f"--figure-{kind}-{position + 1}": colours
    for kind, pairs in {
        "method": zip(METHOD_COLOURS[:-1], _DARK_METHODS, strict=True),
        "rank": zip(RANK_COLOURS, _DARK_RANKS, strict=True),
    }.items()
    for position, colours in enumerate(pairs)
}


def page_variables(*, dark: bool) -> str:
    """Return the CSS declarations of the colours of inline figures on a light or a dark page.

    Example:
        >>> page_variables(dark=True)[:46]
        '--figure-muted: #a6a6a6; --figure-faint: #5c5c'
    """
    return "; ".join(f"{name}: {colours[dark]}" for name, colours in PAGE_COLOURS.items())


def rank_colour(rank: int, num_classes: int) -> str:
    """Return the colour of the class at `rank`, 0 the largest, of `num_classes`; neighbours share one above 10 classes.

    Example:
        >>> rank_colour(0, 3), rank_colour(2, 3), rank_colour(0, 1)
        ('#0d0887', '#e76e5b', '#0d0887')
    """
    return RANK_COLOURS[round(rank * (len(RANK_COLOURS) - 1) / max(1, num_classes - 1))]


def page_colour(colour: str) -> str:
    """Return a colour of a figure as CSS that follows the page: the ink as the text colour, the others by variable.

    Example:
        >>> page_colour("#222222"), page_colour("#004488"), page_colour("#123456")
        ('currentColor', 'var(--figure-many, #004488)', '#123456')
    """
    if colour == INK:
        return "currentColor"
    names = [name for name, (light, _) in PAGE_COLOURS.items() if light == colour]
    return f"var({names[0]}, {colour})" if names else colour
