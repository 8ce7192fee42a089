fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let words = vec!["borrowed", "by", "a", "task"];
    runtime.spawn(async { println!("{}", words.len()) });
}
