// Tables that are sorted by a click on a heading, filtered by typing and shown in pages; the choice of light or dark.
(() => {
  "use strict";
  const PAGE = 100;
  const root = document.documentElement;

  const stored = (() => { try { return localStorage.getItem("decouple-theme"); } catch { return null; } })();
  if (stored === "light" || stored === "dark") root.dataset.theme = stored;
  document.getElementById("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("decouple-theme", root.dataset.theme); } catch { /* a page without storage forgets it */ }
  });

  const text = (row, column) => row.cells[column].textContent.trim();
  function value(row, column, numeric) {
    if (!numeric) return text(row, column);
    const parsed = Number.parseFloat((row.cells[column].dataset.value ?? text(row, column)).replaceAll(",", "").replace("−", "-"));
    return Number.isNaN(parsed) ? null : parsed;
  }

  // Missing values come last in both directions; equal ones keep their order.
  function compare(a, b, direction) {
    if (a === null || b === null) return (a === null) - (b === null);
    return direction * (typeof a === "number" ? a - b : a.localeCompare(b, undefined, { numeric: true }));
  }

  function setUp(section) {
    const table = section.querySelector("table"), body = table.tBodies[0], all = [...body.rows];
    const filter = section.querySelector("input[type=search]"), pager = section.querySelector(".pager");
    let rows = all, first = 0;

    function show() {
      const matching = rows.filter((row) => !row.dataset.hidden);
      first = Math.max(0, Math.min(first, matching.length - 1));
      first -= first % PAGE;
      body.replaceChildren(...matching.slice(first, first + PAGE));
      if (!pager) return;
      const last = Math.min(first + PAGE, matching.length);
      pager.hidden = all.length <= PAGE && matching.length === all.length;
      pager.querySelector("output").textContent = matching.length ? `${first + 1} to ${last} of ${matching.length.toLocaleString("en")}` : "no row matches";
      pager.querySelector("[data-step='-1']").disabled = first === 0;
      pager.querySelector("[data-step='1']").disabled = last >= matching.length;
    }

    table.tHead.addEventListener("click", (event) => {
      const heading = event.target.closest("th"), button = event.target.closest("button");
      if (!button) return;
      const column = heading.cellIndex, numeric = heading.classList.contains("number");
      const up = heading.ariaSort ? heading.ariaSort !== "ascending" : !numeric;
      for (const other of table.tHead.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", up ? "ascending" : "descending");
      const keys = new Map(all.map((row) => [row, value(row, column, numeric)]));
      rows = [...all].sort((a, b) => compare(keys.get(a), keys.get(b), up ? 1 : -1));
      first = 0;
      show();
    });
    filter?.addEventListener("input", () => {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of all) {
        const content = (row.textContent + (row.dataset.words ?? "")).toLowerCase();
        if (words.every((word) => content.includes(word))) delete row.dataset.hidden; else row.dataset.hidden = "1";
      }
      first = 0;
      show();
    });
    pager?.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) { first += PAGE * Number(button.dataset.step); show(); }
    });
    show();
  }

  document.querySelectorAll("[data-table]").forEach(setUp);
  addEventListener("beforeprint", () => { for (const details of document.querySelectorAll("details")) details.open = true; });
})();
