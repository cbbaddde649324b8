//! What goes wrong, and when.

use std::time::Duration;

use fastrand::Rng;

use super::{fleet::FLEET, traffic::seeded};

/// A kind of fault of one target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    /// All takes so many times as long.
    Slow(f64),
    /// Connections are refused.
    Refused,
    /// Every reply is a 503, at once.
    Down,
    /// A 503 to all in the second half of each period of so many seconds.
    Flapping(u64),
    /// Connections are taken, and then nothing.
    Hang,
    /// A 200 and the role, and then nothing.
    Silent,
    /// This part of the requests gets a 500.
    Errors(f64),
    /// This part of the streams breaks off half-way.
    Cuts(f64),
    /// The rate limit is this part of the usual one.
    Limit(f64),
    /// The capacity is this part of the usual one.
    Squeeze(f64),
}

/// A fault of a target for a while.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Incident {
    /// Since the start of the pattern.
    pub(crate) from: Duration,
    pub(crate) length: Duration,
    pub(crate) target: usize,
    pub(crate) fault: Fault,
}

/// The incidents of a day, or of some hours of one.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    /// The time of day at which it begins; the load depends on it.
    pub(crate) begins: Duration,
    pub(crate) length: Duration,
    pub(crate) incidents: Vec<Incident>,
}

/// What holds for one target at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    pub(crate) slow: f64,
    pub(crate) refuses: bool,
    pub(crate) is_down: bool,
    pub(crate) hangs: bool,
    pub(crate) is_silent: bool,
    pub(crate) errors: f64,
    pub(crate) cuts: f64,
    pub(crate) limit: f64,
    pub(crate) capacity: f64,
}

use Fault::{Cuts, Down, Errors, Flapping, Hang, Limit, Refused, Silent, Slow, Squeeze};

const NORTH: usize = 0;
const SOUTH: usize = 1;
const LAKE: usize = 2;
const HILL: usize = 3;
const RIVER: usize = 4;

/// Hour, minute, length in minutes, target, fault.
type Row = (u64, u64, u64, usize, Fault);

/// A bad day: every target has its share of nearly every fault, one after the other with some overlap.
const BAD_DAY: [Row; 30] = [
    (0, 40, 45, RIVER, Slow(4.0)),
    (1, 50, 25, NORTH, Refused),
    (2, 50, 40, LAKE, Cuts(0.15)),
    (3, 30, 30, HILL, Hang),
    (4, 30, 60, SOUTH, Slow(8.0)),
    (5, 40, 20, LAKE, Down),
    (6, 20, 40, RIVER, Errors(0.3)),
    (7, 10, 45, NORTH, Limit(0.25)),
    (8, 20, 30, LAKE, Silent),
    (9, 0, 60, NORTH, Slow(5.0)),
    (10, 15, 30, SOUTH, Cuts(0.2)),
    (10, 30, 45, HILL, Flapping(90)),
    (11, 30, 60, LAKE, Slow(10.0)),
    (12, 0, 20, SOUTH, Down),
    (12, 50, 40, NORTH, Hang),
    (13, 40, 50, SOUTH, Limit(0.2)),
    (14, 0, 40, RIVER, Cuts(0.15)),
    (15, 0, 60, HILL, Slow(3.0)),
    (15, 20, 30, LAKE, Flapping(60)),
    (16, 10, 35, NORTH, Cuts(0.2)),
    (17, 0, 30, SOUTH, Silent),
    (17, 45, 45, RIVER, Refused),
    (18, 40, 60, LAKE, Limit(0.15)),
    (19, 0, 45, HILL, Cuts(0.1)),
    (19, 50, 30, SOUTH, Errors(0.5)),
    (20, 30, 40, NORTH, Flapping(120)),
    (21, 15, 45, RIVER, Hang),
    (22, 0, 60, HILL, Squeeze(0.3)),
    (22, 40, 30, NORTH, Errors(0.4)),
    (23, 20, 25, HILL, Refused),
];

/// Two or three targets at a time, as when they share a network or a cloud.
const FRONTS: [Row; 19] = [
    (1, 0, 60, NORTH, Slow(4.0)),
    (1, 10, 50, SOUTH, Slow(6.0)),
    (3, 0, 30, LAKE, Refused),
    (3, 5, 25, HILL, Refused),
    (6, 0, 45, RIVER, Errors(0.2)),
    (6, 0, 45, NORTH, Errors(0.3)),
    (8, 30, 60, SOUTH, Limit(0.3)),
    (8, 40, 60, LAKE, Limit(0.3)),
    (8, 50, 60, HILL, Limit(0.3)),
    (11, 0, 20, NORTH, Hang),
    (11, 0, 30, SOUTH, Hang),
    (13, 30, 60, LAKE, Cuts(0.1)),
    (13, 40, 40, RIVER, Cuts(0.2)),
    (13, 50, 45, NORTH, Cuts(0.15)),
    (16, 0, 50, HILL, Slow(10.0)),
    (16, 0, 90, SOUTH, Squeeze(0.4)),
    (18, 30, 30, NORTH, Silent),
    (18, 45, 30, LAKE, Silent),
    (21, 0, 90, RIVER, Slow(3.0)),
];

impl Pattern {
    /// The patterns of whole days.
    pub(crate) const NAMES: [&str; 4] = ["bad_day", "fronts", "gusts", "drawn"];

    /// The pattern of this name; `seed` is for the one that is drawn.
    pub(crate) fn named(name: &str, seed: u64) -> Option<Self> {
        Some(match name {
            "bad_day" => Self::of_rows(&BAD_DAY),
            "fronts" => Self::of_rows(&FRONTS),
            "gusts" => Self::gusts(),
            "drawn" => Self::drawn(seed),
            "short_day" => Self::short_day(minutes(2 * 60)),
            _ => return None,
        })
    }

    /// All of the bad day in a few hours around noon: shorter incidents, closer together.
    pub(crate) fn short_day(length: Duration) -> Self {
        let mut pattern = Self::of_rows(&BAD_DAY);
        let scale = length.as_secs_f64() / pattern.length.as_secs_f64();
        for incident in &mut pattern.incidents {
            incident.from = incident.from.mul_f64(scale);
            incident.length = incident.length.mul_f64(scale);
        }
        pattern.begins = minutes(12 * 60);
        pattern.length = length;
        pattern
    }

    /// Every ten minutes another target has another fault, for three minutes.
    fn gusts() -> Self {
        const FAULTS: [Fault; 7] = [
            Slow(6.0),
            Down,
            Errors(0.4),
            Hang,
            Cuts(0.2),
            Limit(0.2),
            Silent,
        ];
        let incidents = (0..144_usize).map(|place| Incident {
            from: minutes(place as u64 * 10 + 4),
            length: minutes(3),
            target: place % FLEET.len(),
            fault: FAULTS[place % FAULTS.len()],
        });
        Self::full_day(incidents.collect())
    }

    /// Incidents by chance, of half an hour on average: one target in ten has one at any time.
    fn drawn(seed: u64) -> Self {
        let mut rng = seeded(seed, 0);
        let mut incidents = Vec::new();
        for target in 0..FLEET.len() {
            let mut at = 0.0;
            loop {
                at += exponential(&mut rng, 270.0);
                if at > 24.0 * 60.0 {
                    break;
                }
                let length = exponential(&mut rng, 27.0) + 3.0;
                incidents.push(Incident {
                    from: Duration::from_secs_f64(at * 60.0),
                    length: Duration::from_secs_f64(length * 60.0),
                    target,
                    fault: any_fault(&mut rng),
                });
                at += length;
            }
        }
        Self::full_day(incidents)
    }

    fn of_rows(rows: &[Row]) -> Self {
        let incidents = rows
            .iter()
            .map(|&(hour, minute, length, target, fault)| Incident {
                from: minutes(hour * 60 + minute),
                length: minutes(length),
                target,
                fault,
            });
        Self::full_day(incidents.collect())
    }

    fn full_day(incidents: Vec<Incident>) -> Self {
        Self {
            begins: Duration::ZERO,
            length: minutes(24 * 60),
            incidents,
        }
    }

    /// What holds for a target, so long after the start.
    pub(crate) fn weather(&self, target: usize, at: Duration) -> Weather {
        let mut weather = Weather {
            slow: 1.0,
            refuses: false,
            is_down: false,
            hangs: false,
            is_silent: false,
            errors: 0.0,
            cuts: 0.0,
            limit: 1.0,
            capacity: 1.0,
        };
        for incident in &self.incidents {
            let Some(since) = at.checked_sub(incident.from) else {
                continue;
            };
            if incident.target != target || since >= incident.length {
                continue;
            }
            match incident.fault {
                Slow(factor) => weather.slow *= factor,
                Refused => weather.refuses = true,
                Down => weather.is_down = true,
                Flapping(period) => weather.is_down |= since.as_secs() % period >= period / 2,
                Hang => weather.hangs = true,
                Silent => weather.is_silent = true,
                Errors(part) => weather.errors += part,
                Cuts(part) => weather.cuts += part,
                Limit(part) => weather.limit *= part,
                Squeeze(part) => weather.capacity *= part,
            }
        }
        weather
    }
}

fn any_fault(rng: &mut Rng) -> Fault {
    match rng.u8(..10) {
        0 => Slow(3.0 + 7.0 * rng.f64()),
        1 => Refused,
        2 => Down,
        3 => Flapping(rng.u64(40..180)),
        4 => Hang,
        5 => Silent,
        6 => Errors(0.1 + 0.5 * rng.f64()),
        7 => Cuts(0.05 + 0.2 * rng.f64()),
        8 => Limit(0.1 + 0.3 * rng.f64()),
        _ => Squeeze(0.2 + 0.3 * rng.f64()),
    }
}

fn exponential(rng: &mut Rng, mean: f64) -> f64 {
    -mean * (1.0 - rng.f64()).ln()
}

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}
