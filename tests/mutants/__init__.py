"""Do the tests test? `make mutants` puts one fault after the other into the program, and asks whether they notice."""
