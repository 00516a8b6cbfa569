"""Minutes guessed from the distance alone, always shown as a guess.

Free-flowing car traffic: the road is `DETOUR` times the great circle, the first kilometres are in town, longer trips
use faster roads. Each stretch has its own speed, so the time of a trip is the sum of its stretches: it grows with the
distance whatever the figures below. Settled on the four durations of the training's screen, which come from a real
road network:

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
    """Estimated minutes by car for a great-circle distance in km; at least 1, never less for a longer distance."""
    road, done, hours = distance_km * DETOUR, 0.0, 0.0
    for until, speed in STRETCHES:
        if road <= done:
            break
        hours += (min(road, until) - done) / speed
        done = until
    return max(1, round(hours * 60))
