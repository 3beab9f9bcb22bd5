"""The reference server: what the specification says, as a program to read and to run."""
