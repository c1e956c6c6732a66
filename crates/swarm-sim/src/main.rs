//! tmp
use std::time::Instant;
fn main() {
    let name = std::env::args().nth(1).unwrap_or_default();
    let mut s = swarm_sim::scenario::named(&name).expect("name");
    if let Some(p) = std::env::args().nth(2) {
        s = s.with_policy(p.parse().expect("policy"));
    }
    let t = Instant::now();
    let o = s.run(1);
    let e = t.elapsed();
    println!("{:#?}", swarm_sim::Outcome { curve: vec![], ..o.clone() });
    println!(
        "best bound {:?}; {e:?}; {:.2} M events/s; {:.2} us/block",
        o.bounds.map(|b| o.completion.last / b.best_s()),
        o.happened as f64 / e.as_secs_f64() / 1e6,
        e.as_secs_f64() * 1e6 / (o.downloaded as f64 / 16384.0)
    );
}
