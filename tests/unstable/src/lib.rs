//! Nothing: the tests are what the package is for.
