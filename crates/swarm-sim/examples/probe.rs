use swarm_sim::scenario::*;
fn main(){ 
    let o=bridge_among_members().run(1); println!("member {:?}", o.completion.last);
    for s in 1..=6 { let o=bridge().run(s); let f=bridge().file_len() as f64; println!("bridge {s} {:.1} sent {:.3} up-down {:.3} done {}", o.completion.last, o.class("seeders").unwrap().uploaded as f64/f, o.class("bridges").unwrap().uploaded as f64/f, o.is_done);}
    let mut m = bridge(); m.groups[1].node.conduct = swarm_sim::Conduct::Honest;
    let o=m.run(1); println!("prompt {:.1}", o.completion.last);
    m.bridges[0].cache_pieces=256;
    let o=m.run(1); println!("prompt all cache {:.1} sent {:.3}", o.completion.last, o.class("seeders").unwrap().uploaded as f64/m.file_len() as f64);
    m.bridges[0].cache_pieces=32;
    let o=m.run(1); println!("prompt eighth cache {:.1} sent {:.3}", o.completion.last, o.class("seeders").unwrap().uploaded as f64/m.file_len() as f64);
    m.bridges[0].cache_pieces=16;
    let o=m.run(1); println!("prompt 16 cache {:.1} sent {:.3}", o.completion.last, o.class("seeders").unwrap().uploaded as f64/m.file_len() as f64);
}
