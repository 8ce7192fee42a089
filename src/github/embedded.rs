//! stub
mod catalogue;
mod dice;
mod grammar;
mod history;
#[cfg(test)]
mod likeness_tests;
mod paraphrase;
mod text;
