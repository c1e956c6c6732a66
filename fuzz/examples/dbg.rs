fn main(){ let f=std::env::args().nth(1).unwrap(); covey_fuzz::engine_operations(&std::fs::read(f).unwrap()); }
