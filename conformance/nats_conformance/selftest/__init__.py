"""The kill matrix: every fault of the reference, and the cases that notice it."""
