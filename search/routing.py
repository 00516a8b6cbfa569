"""How long it takes by road: an estimate, always shown as one. A routing server has its place here (`ROUTING_URL`).

Free-flowing car traffic: the road is 1.3 times the great circle, the first kilometres are in town, longer trips use
faster roads. Settled on the four durations of the training's screen, which come from a real road network:

    great circle (km)   portal (min)   here (min)
             3               3              4
             7               8              8
             9              13             11
            13              14             15
"""

DETOUR = 1.3  # road km for one km of great circle
# (road km up to, km/h on that stretch)
STRETCHES = ((2.0, 50.0), (20.0, 70.0), (50.0, 80.0), (float("inf"), 100.0))


def minutes(distance_km: float) -> int:
    """Estimated minutes by car for a great-circle distance in km; at least 1."""
    road, done, hours = distance_km * DETOUR, 0.0, 0.0
    for until, speed in STRETCHES:
        if road <= done:
            break
        hours += (min(road, until) - done) / speed
        done = until
    return max(1, round(hours * 60))


def clock_text(duration: int) -> str:
    """« 00:24 », as the portal writes it."""
    return f"{duration // 60:02d}:{duration % 60:02d}"


def words(duration: int) -> str:
    """« 24 minutes », « 1 heure 5 minutes »: the same, for a screen reader."""
    hours, rest = divmod(duration, 60)
    parts = [(hours, "heure"), (rest, "minute")]
    return " ".join(f"{n} {word}{'s' if n > 1 else ''}" for n, word in parts if n)
