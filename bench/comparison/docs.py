# SPDX-License-Identifier: Apache-2.0
"""The block of docs/performance.md that a run writes: everything between two markers, and the plots beside it."""

from . import plots, report

BEGIN, END = "<!-- bench/compare --docs writes from here -->", "<!-- to here -->"


def block(run, summary, judged, cases, peers, titles, images):
    """Targets and plots in sight, tables folded. `images` is [(title, path as the page sees it)]."""
    lines = [*report.about(run), "", report.LEGEND, "", *report.verdicts(judged), ""]
    for title, path in images:
        lines += [f"![{title}]({path})", ""]
    for topology, title in titles.items():
        of_topology = report.tables(summary, cases, peers, {topology: title})
        if of_topology:
            lines += ["<details>", f"<summary>All tables: {title}</summary>", "", *of_topology, "</details>", ""]
    return lines


def replace(page, lines):
    """The page with `lines` between its markers; a page without them is a mistake."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no block between {BEGIN} and {END}")
    return f"{before}{begin}\n\n" + "\n".join(lines).strip() + f"\n\n{end}{after}"


def write(root, run, summary, judged, cases, peers, titles):
    page, folder = root / "docs/performance.md", root / "docs/images"
    images = [(title, path.relative_to(page.parent))
              for title, path in plots.write(folder, summary, cases, peers, titles)]
    page.write_text(replace(page.read_text(encoding="utf-8"),
                            block(run, summary, judged, cases, peers, titles, images)), encoding="utf-8")
    return page
