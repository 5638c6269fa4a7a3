# SPDX-License-Identifier: Apache-2.0
"""Bars with their spread as SVG, written by hand: no library, and a new run changes numbers and nothing else."""

from html import escape

from .cases import FIGURES

BAR, GAP, NAMES, PLOT, RIGHT, HEAD = 16, 6, 190, 300, 110, 46
STYLE = """<style>
text { font: 12px sans-serif; fill: #24292f } .title { font-weight: bold }
.bar { fill: #8c959f } .ours { fill: #0969da }
.spread { stroke: #24292f; stroke-width: 1 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .bar { fill: #6e7681 } .ours { fill: #58a6ff }
.spread { stroke: #e6edf3 } }
</style>"""

# File: cases whose figures are drawn, a panel for each that was measured.
CHARTS = {
    "bulk": [("bulk/1-up", "gbit_s"), ("bulk/1-up", "relay_s_per_gb"),
             ("bulk/4-up", "gbit_s"), ("bulk/4-up", "relay_s_per_gb")],
    "requests": [("requests/50", "requests_s"), ("requests/50", "relay_us"),
                 ("requests/50-p16", "requests_s"), ("requests/50-p16", "relay_us")],
    "churn": [("churn/50", "connections_s"), ("churn/50", "relay_us")],
    "latency": [("latency/1", "p50_ms"), ("latency/1", "p99_ms"),
                ("latency/half", "p50_ms"), ("latency/half", "p99_ms"), ("latency/half", "p999_ms")],
    "idle": [("idle/5000", "user_kib_each"), ("startup/start", "reply_ms"), ("startup/start", "rss_kib")],
}


def bar(index, title, spread, digits, scale, is_ours):
    """One row: name, bar to the median, a line from the least to the most, the number."""
    top = HEAD + index * (BAR + GAP)
    middle = top + BAR / 2
    text = f'y="{top + BAR - 4}"'
    end = NAMES + max(spread.median, spread.most) * scale + 6
    return (f'<text x="{NAMES - 8}" {text} text-anchor="end">{escape(title)}</text>'
            f'<rect class="{"ours" if is_ours else "bar"}" x="{NAMES}" y="{top}" '
            f'width="{spread.median * scale:.1f}" height="{BAR}"/>'
            f'<line class="spread" x1="{NAMES + spread.least * scale:.1f}" x2="{NAMES + spread.most * scale:.1f}" '
            f'y1="{middle}" y2="{middle}"/><text x="{end:.1f}" {text}>{spread.median:,.{digits}f}</text>')


def panel(title, figure, rows):
    """(SVG, height) of one figure; `rows` is [(peer, spread)]."""
    scale = PLOT / (max(spread.most for _, spread in rows) or 1)
    better = "more is better" if FIGURES[figure].more_is_better else "less is better"
    lines = [f'<text class="title" x="8" y="18">{escape(title)}</text>',
             f'<text x="8" y="36">{escape(FIGURES[figure].title)}, {better}</text>']
    lines += [bar(index, peer.title, spread, FIGURES[figure].digits, scale, peer.is_ours)
              for index, (peer, spread) in enumerate(rows)]
    return "\n".join(lines), HEAD + len(rows) * (BAR + GAP) + 14


def chart(panels):
    """Panels below each other."""
    parts, top, width = [], 0, NAMES + PLOT + RIGHT
    for drawn, height in panels:
        parts.append(f'<g transform="translate(0 {top})">\n{drawn}\n</g>')
        top += height
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{top}" viewBox="0 0 {width} {top}">\n'
            f"{STYLE}\n" + "\n".join(parts) + "\n</svg>\n")


def write(folder, summary, cases, peers, titles):
    """Draws what was measured; [(title, path)] of each chart."""
    folder.mkdir(parents=True, exist_ok=True)
    named, written = {case.key: case for case in cases}, []
    for topology, place in titles.items():
        for name, wanted in CHARTS.items():
            panels = []
            for key, figure in wanted:
                rows = [(peer, spread) for peer in peers
                        if (spread := summary.spread(topology, key, peer.name, figure))]
                if rows and key in named:
                    panels.append(panel(f"{named[key].scenario}: {named[key].title} ({place})", figure, rows))
            if panels:
                path = folder / f"compare-{topology}-{name}.svg"
                path.write_text(chart(panels), encoding="utf-8")
                written.append((f"{name}, {place}", path))
    return written
