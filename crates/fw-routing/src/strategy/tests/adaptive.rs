//! That everything is weighed together.

use super::{
    sim::{Model, Sim, Trouble},
    *,
};

#[test]
#[ignore]
fn scratch() {
    use Trouble::*;
    let m = Model::new;
    let rotating = |n: f64| -> Vec<Model> {
        vec![
            m(300.0).trouble(300, 600, Slow(n)).trouble(1800, 1900, Slow(n)).trouble(2500, 3200, Slow(n)),
            m(400.0).trouble(700, 1000, Slow(n)).trouble(1850, 2000, Slow(n)),
            m(600.0).trouble(1200, 1500, Slow(n)),
        ]
    };
    let scenarios: Vec<(&str, Vec<Model>, f64)> = vec![
        ("steady", vec![m(300.0), m(450.0), m(900.0)], 20.0),
        ("equal", vec![m(400.0), m(400.0), m(400.0)], 20.0),
        ("slow x5", rotating(5.0), 20.0),
        ("slow x5 2rps", rotating(5.0), 2.0),
        ("slow x30", rotating(30.0), 20.0),
        ("down", vec![m(300.0).trouble(300, 900, Down).trouble(2000, 2060, Down), m(400.0).trouble(1200, 1500, Down), m(600.0)], 20.0),
        ("silent", vec![m(300.0).trouble(300, 900, Silent).trouble(2000, 2060, Silent), m(400.0).trouble(1200, 1500, Silent), m(600.0)], 20.0),
        ("errors", vec![m(300.0).trouble(300, 900, Errors(0.3)), m(400.0).trouble(1200, 1800, Errors(0.5)), m(600.0).errors(0.02)], 20.0),
        ("err 2%", vec![m(300.0).errors(0.02), m(400.0).errors(0.01), m(600.0).errors(0.02)], 20.0),
        ("fail fast", vec![m(300.0).errors(0.5), m(400.0), m(600.0)], 20.0),
        ("limit told", vec![m(300.0).limit(600, true), m(400.0).limit(600, true), m(600.0)], 20.0),
        ("limit dark", vec![m(300.0).limit(600, false), m(400.0).limit(600, false), m(600.0)], 20.0),
        ("load", vec![m(300.0).capacity(40.0), m(400.0).capacity(80.0), m(600.0).capacity(80.0)], 40.0),
        ("load slow", rotating(5.0).into_iter().map(|m| m.capacity(60.0)).collect(), 40.0),
        ("all", vec![
            m(300.0).limit(900, true).capacity(80.0).errors(0.005).trouble(300, 600, Slow(6.0)).trouble(1500, 1700, Down),
            m(400.0).limit(1500, false).capacity(80.0).errors(0.005).trouble(600, 900, Silent).trouble(1600, 1650, Down),
            m(500.0).capacity(80.0).errors(0.005).trouble(2000, 2300, Errors(0.4)),
            m(700.0).errors(0.005).trouble(2600, 3000, Slow(4.0)),
        ], 20.0),
    ];
    let only = std::env::var("ONLY").unwrap_or_default();
    let attempts: usize = std::env::var("ATTEMPTS").ok().map_or(3, |a| a.parse().unwrap());
    for (name, models, rate) in scenarios.iter().filter(|s| s.0.contains(&only)) {
        println!("== {name}");
        for strategy in ALL {
            if ["split", "lowest_cost", "highest_throughput"].contains(&strategy) { continue; }
            let mut s: Box<dyn Strategy> = match strategy {
                "adaptive" => Box::new(crate::strategy::Adaptive::new().seed(1)),
                "lowest_latency" => Box::new(crate::strategy::LowestLatency::new().seed(1)),
                "random" => Box::new(crate::strategy::Random::new().seed(1)),
                other => by_name(other).unwrap() };
            let o = Sim::run(models, &mut *s, *rate, 3600, attempts);
            println!("{strategy:22} ok {:9.5}%  p50 {:5} p90 {:5} p99 {:6} p99.9 {:6} failed_attempts {:6} {:?} {:?}", o.success()*100.0, o.quantile(0.5), o.quantile(0.9), o.quantile(0.99), o.quantile(0.999), o.failed_attempts, o.attempts, o.most_in_flight);
        }
    }
}
