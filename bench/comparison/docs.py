# SPDX-License-Identifier: Apache-2.0
"""The block of docs/performance.md that a run writes: everything between two markers, and the plots beside it."""

from . import plots, report

BEGIN, END = "<!-- bench/compare --docs writes from here -->", "<!-- to here -->"


def block(runs, summary, judged, cases, peers, titles, images):
    """What was missed and the plots in sight, the rest folded. `images` is [(title, path as the page sees it)]."""
    missed = [verdict for verdict in judged if not verdict.met]
    lines = [*report.about(runs), "", report.LEGEND, "", report.sum_of(judged), "", *report.verdicts(missed), ""]
    for title, path in images:
        lines += [f"![{title}]({path})", ""]
    lines += folded("All targets", report.verdicts(judged))
    for topology, title in titles.items():
        lines += folded(f"All tables: {title}", report.tables(summary, cases, peers, {topology: title}))
    return lines


def folded(title, lines):
    return ["<details>", f"<summary>{title}</summary>", "", *lines, "", "</details>", ""] if lines else []


def replace(page, lines):
    """The page with `lines` between its markers; a page without them is a mistake."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no block between {BEGIN} and {END}")
    return f"{before}{begin}\n\n" + "\n".join(lines).strip() + f"\n\n{end}{after}"


def write(root, runs, summary, judged, cases, peers, titles):
    page, folder = root / "docs/performance.md", root / "docs/images"
    images = [(title, path.relative_to(page.parent))
              for title, path in plots.write(folder, summary, cases, peers, titles)]
    page.write_text(replace(page.read_text(encoding="utf-8"),
                            block(runs, summary, judged, cases, peers, titles, images)), encoding="utf-8")
    return page
