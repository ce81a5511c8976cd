"""The table and `bench.json`: what came out, beside what we aim at."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Line:
    """One workload. `queries` and `buffers` are those of a page that has to be made; `kept_…` of one that is kept."""

    name: str
    requests_per_s: float
    p50_ms: float
    p99_ms: float
    bytes: int
    queries: int
    buffers: int
    floor_requests_per_s: float
    ratio: float
    goal: float
    p99_over_p50: float
    kept_queries: int | None
    kept_buffers: int | None
    # What one request costs the server's processor, ours and the floor's.
    cpu_ms: float | None
    floor_cpu_ms: float | None
    memory_mb: float | None
    # Of a page of stories: what making it took when there were few.
    few_queries: int | None = None
    few_buffers: int | None = None


MOST_P99_OVER_P50 = 3.0
MOST_MEMORY_MB = 150.0
_HEAD = (
    "workload",
    "req/s",
    "p50",
    "p99",
    "×",
    "bytes",
    "queries",
    "buffers",
    "floor/s",
    "ratio",
    "goal",
    "cpu ms",
    "floor",
)


def table(lines: list[Line]) -> str:
    rows = [_HEAD, *(_cells(line) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    drawn = [
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    drawn.insert(1, "-" * max(map(len, drawn)))
    if (memory := lines[-1].memory_mb) is not None:
        drawn.append(
            f"\nMemory of the web process after the run: {memory:.0f} MB (goal: at most {MOST_MEMORY_MB:.0f})."
        )
    grown = [
        f"{line.name}: {line.few_queries} → {line.queries} queries, {line.few_buffers} → {line.buffers} buffers"
        for line in lines
        if line.few_queries is not None
    ]
    if grown:
        drawn.append("\nFrom few stories to many:\n  " + "\n  ".join(grown) + "\n")
    drawn.append(
        "Milliseconds; × is p99 over p50 (goal: at most 3). Queries and buffers: of a page that has to be made / is "
        "kept.\nA ratio is ours over the floor's, measured in turns in this run; docs/measuring.md says how to read it."
    )
    return "\n".join(drawn)


def _cells(line: Line) -> tuple[str, ...]:
    def both(made: int, kept: int | None) -> str:
        return f"{made}" if kept is None else f"{made} / {kept}"

    return (
        line.name,
        f"{line.requests_per_s:,.0f}",
        f"{line.p50_ms:.2f}",
        f"{line.p99_ms:.2f}",
        f"{line.p99_over_p50:.1f}",
        f"{line.bytes:,}",
        both(line.queries, line.kept_queries),
        both(line.buffers, line.kept_buffers),
        f"{line.floor_requests_per_s:,.0f}",
        f"{line.ratio:.2f}",
        f"{'met' if line.ratio >= line.goal else 'not'} ({line.goal:g})",
        *("?" if spent is None else f"{spent:.2f}" for spent in (line.cpu_ms, line.floor_cpu_ms)),
    )


def write(lines: list[Line], path: Path) -> None:
    path.write_text(json.dumps([asdict(line) for line in lines], indent=1) + "\n")
