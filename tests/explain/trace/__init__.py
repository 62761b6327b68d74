"""What every token did to a state, against brute force."""
