//! Holds nothing: the tests are the target `it`.
