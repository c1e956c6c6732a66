use swarm_sim::scenario::*;
fn main(){ 
    let o=bridge_among_members().run(1); println!("member {:?}", o.completion);
    for s in 1..=3 { let o=bridge().run(s); let f=bridge().file_len() as f64; println!("bridge {s} {:?} sent {:.3} up-down {:.3} done {}", o.completion, o.class("seeders").unwrap().uploaded as f64/f, o.class("bridges").unwrap().uploaded as f64/f, o.is_done);}
}
