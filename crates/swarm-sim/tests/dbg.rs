#[test]
fn dbg() {
    let s = swarm_sim::scenario::optimistic_unchoke(false);
    let mut sim = s.simulation(1);
    for t in [5u64, 15, 35, 65, 95, 125, 300, 1800] {
        sim.run_until(std::time::Duration::from_secs(t), |_| false);
        let v: Vec<f64> = sim.nodes().filter_map(|n| sim.unchoked_for(n)).map(|d| d.as_secs_f64()).collect();
        println!("{t}: {v:.1?}");
        println!("   {:?}", sim.engine(swarm_sim::NodeKey(0)).unwrap().peers().iter().map(|p| (p.link.0, p.choked_by_us, p.interested_in_us)).filter(|p| !p.1).collect::<Vec<_>>());
    }
}
