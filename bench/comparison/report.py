# SPDX-License-Identifier: Apache-2.0
"""The result in Markdown: where it was measured, what the targets make of it, and a table for each case."""

from .cases import FIGURES
from .spread import ratio

LEGEND = """Medians, in brackets the least and the most; × is the ratio to the ambassador's median in the same run.
CPU time of the relay is that of its whole process tree, in user space and in the kernel; that of the machine is what
client, server, relay and kernel used together, softirq included."""
RATES = ("gbit_s", "requests_s", "connections_s")
LATENCIES = ("p50_ms", "p99_ms", "p999_ms")


def cell(summary, place, peer, figure):
    spread = summary.spread(*place, peer, figure)
    if spread is None:
        return ""
    shown = spread.show(FIGURES[figure].digits)
    to_ours = ratio(spread, summary.spread(*place, "ambassador", figure))
    if to_ours is None or peer == "ambassador" or not FIGURES[figure].compared:
        return shown
    return f"{shown} × {to_ours:.2f}"


def beside_direct(summary, place, figures):
    """(title, what a peer has there) of the column that holds each row against no relay at all, where there is one."""
    def difference(peer):
        pairs = [(summary.spread(*place, peer, figure), summary.spread(*place, "direct", figure))
                 for figure in LATENCIES]
        return "" if None in pairs[0] else " / ".join(f"{one.median - other.median:.3f}" for one, other in pairs)

    def share(peer):
        part = ratio(*(summary.spread(*place, name, figures[0]) for name in (peer, "direct")))
        return "" if part is None else f"{part:.2f}"

    if summary.spread(*place, "direct", figures[0]) is None:
        return None
    if "p999_ms" in figures:
        return "added to direct: p50 / p99 / p99.9, ms", difference
    return ("of direct", share) if figures[0] in RATES else None


def table(summary, topology, case, peers):
    """Rows in the order of `peers`, figures in the order of FIGURES."""
    place = topology, case.key
    figures = [figure for figure in FIGURES if figure in summary.figures_of(*place)]
    asked = [peer for peer in peers if peer.name in summary.peers_of(*place)]
    column = beside_direct(summary, place, figures) if figures else None
    titles = [FIGURES[figure].title for figure in figures] + ([column[0]] if column else [])
    lines = [f"| | {' | '.join(titles)} |", f"|---|{'---|' * len(titles)}"] if figures else []
    for peer in asked if figures else []:
        cells = [cell(summary, place, peer.name, figure) for figure in figures]
        cells += [column[1](peer.name)] if column else []
        lines.append(f"| {peer.title} | {' | '.join(cells)} |")
    failures = [f"- {peer.title}, {len(reasons)} ×: {'; '.join(sorted(set(reasons)))}"
                for peer in asked if (reasons := summary.failures.get((*place, peer.name)))]
    return lines + ([""] if lines and failures else []) + failures


def about(runs):
    """Where and when each run was measured, and how quiet it was."""
    return [line for run in runs for line in [*about_one(run), ""]][:-1]


def about_one(run):
    machine, noise = run["machine"], run["noise"]
    return [f"{run['date']}, {machine['cpu']}, {machine['cpus']} CPUs, {machine['memory_gib']} GiB, "
            f"Linux {machine['kernel']}, virtualisation: {machine['virtualisation']}, "
            f"CPU time from {machine['cpu_time_from']}, "
            f"{run['repetitions']} repetitions of {run['seconds']:g} s, "
            f"load {run['load'][0]:.1f} before and {run['load'][1]:.1f} after, that of the benchmark included.", "",
            f"Of {noise['measurements']} measurements {noise['repeated']} were made again because more than "
            f"{noise['limit']:.0%} of the CPU time went elsewhere, and {noise['noisy']} stayed above it. At the median "
            f"{noise['steal']:.1%} was steal, and other programs used {noise['foreign']:.1%}.", "",
            f"{'; '.join(run['versions'])}."]


def sum_of(judged):
    """How many targets are met, in a line; `judged` comes from targets.judge()."""
    if not judged:
        return "No target could be judged: who it is about was not measured."
    return f"{sum(verdict.met for verdict in judged)} of {len(judged)} targets are met."


def verdicts(judged):
    """A row for each."""
    rows = [f"| {verdict.place} | {verdict.wanted} | {verdict.found} | {'met' if verdict.met else '**missed**'} |"
            for verdict in judged]
    return ["| | target | found | |", "|---|---|---|---|", *rows] if rows else []


def tables(summary, cases, peers, titles):
    """`titles` is {topology: title}."""
    lines = []
    for topology, title in titles.items():
        for case in cases:
            if summary.peers_of(topology, case.key):
                lines += [f"### {case.scenario}: {case.title} ({title})", "",
                          *table(summary, topology, case, peers), ""]
    return lines


def markdown(runs, summary, judged, cases, peers, titles):
    return [*about(runs), "", LEGEND, "", *tables(summary, cases, peers, titles),
            "### Targets", "", sum_of(judged), "", *verdicts(judged)]
