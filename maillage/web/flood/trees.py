"""Conversations without words: who answers whom, and when, as numbers, paths and depths."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

DEEPEST = 16
_DIRECT = 0.35
# People answer what they have just read, so that most answers go to one of the last messages.
_RECENT = 25


@dataclass(frozen=True, slots=True)
class Node:
    """A message of a thread, without its words."""

    seq: int
    parent_seq: int | None
    depth: int
    path: bytes
    at: datetime


def sizes(rng: random.Random, threads: int, replies: int) -> list[int]:
    """How many replies each thread has: many have few, few have many, all together `replies`."""
    weights = [rng.expovariate(1) for _ in range(threads)]
    whole = sum(weights) or 1.0
    counts = [int(replies * weight / whole) for weight in weights]
    for place in rng.choices(range(threads), k=replies - sum(counts)):
        counts[place] += 1
    return counts


def grown(rng: random.Random, replies: int, began: datetime, now: datetime) -> list[Node]:
    """A thread of one message and `replies`, begun at `began`, whose last message is before `now`."""
    nodes = [Node(1, None, 0, (1).to_bytes(3, "big"), began)]
    lively = min(now - began, timedelta(days=2) * (replies + 1))
    moments = sorted(began + lively * rng.random() for _ in range(replies))
    for seq, at in enumerate(moments, 2):
        parent = nodes[0]
        if rng.random() >= _DIRECT:
            parent = nodes[rng.randrange(max(0, len(nodes) - _RECENT), len(nodes))]
            if parent.depth >= DEEPEST:
                parent = nodes[0]
        nodes.append(Node(seq, parent.seq, parent.depth + 1, parent.path + seq.to_bytes(3, "big"), at))
    return nodes
