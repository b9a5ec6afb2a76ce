//! Behaviour of the evaluator over programs made by hand.
