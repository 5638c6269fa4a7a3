# SPDX-License-Identifier: Apache-2.0
"""The result in Markdown: a table for each case, then what the targets make of it."""

from .cases import FIGURES
from .spread import ratio

LEGEND = """Medians, in brackets the least and the most. × is the ratio to the ambassador's median of the same run; for the first figure, the last
column is the ratio to direct. CPU time of the relay is that of its whole process tree, in user space and in the kernel; that of the
machine is everything that any CPU did meanwhile, client, server and softirq included."""


def table(summary, topology, case, peers):
    """Rows in the order of `peers`."""
    figures = [figure for figure in FIGURES if figure in summary.figures_of(topology, case.key)]
    asked = [peer for peer in peers if peer.name in summary.peers_of(topology, case.key)]
    if not figures:
        return [f"- {peer.title}: {'; '.join(sorted(set(summary.failures[topology, case.key, peer.name])))}" for peer in asked]
    has_direct = summary.spread(topology, case.key, "direct", figures[0]) is not None
    lines = [f"| | {' | '.join(FIGURES[figure].title for figure in figures)} |{' of direct |' if has_direct else ''}",
             f"|---|{'---|' * (len(figures) + has_direct)}"]
    for peer in asked:
        cells = [cell(summary, topology, case.key, peer.name, figure) for figure in figures]
        if has_direct:
            part = ratio(*(summary.spread(topology, case.key, name, figures[0]) for name in (peer.name, "direct")))
            cells.append("" if part is None else f"{part:.2f}")
        lines.append(f"| {peer.title} | {' | '.join(cells)} |")
    for peer in asked:
        for reason in sorted(set(summary.failures[topology, case.key, peer.name])):
            lines += ["", f"{peer.title}, {len(summary.failures[topology, case.key, peer.name])} ×: {reason}"]
    return lines


def cell(summary, topology, case, peer, figure):
    spread = summary.spread(topology, case, peer, figure)
    if spread is None:
        return ""
    shown = spread.show(FIGURES[figure].digits)
    to_ours = ratio(spread, summary.spread(topology, case, "ambassador", figure))
    return shown if to_ours is None or peer == "ambassador" else f"{shown} × {to_ours:.2f}"


def about(run):
    """Where and when it was measured, and how quiet it was."""
    machine, noise = run["machine"], run["noise"]
    return [f"{run['date']}, {machine['cpu']}, {machine['cpus']} CPUs, {machine['memory_gib']} GiB, Linux {machine['kernel']}; "
            f"virtualisation: {machine['virtualisation']}; CPU time from {machine['cpu_time_from']}; "
            f"load {run['load'][0]:.1f} before and {run['load'][1]:.1f} after; "
            f"{run['repetitions']} repetitions of {run['seconds']:g} s each.", "",
            f"Of {noise['measurements']} measurements {noise['repeated']} were made again because more than {noise['limit']:.0%} of the CPU "
            f"time went elsewhere, and {noise['noisy']} stayed above it; at the median {noise['steal']:.1%} was steal and "
            f"{noise['foreign']:.1%} was used by other programs.", "", f"Versions: {'; '.join(run['versions'])}."]


def markdown(run, summary, cases, peers, titles):
    """`titles` is {topology: title}."""
    lines = [*about(run), "", LEGEND, ""]
    for topology, title in titles.items():
        for case in cases:
            if summary.peers_of(topology, case.key):
                lines += [f"### {case.scenario}: {case.title} ({title})", "", *table(summary, topology, case, peers), ""]
    return lines
