"""`airssys-rt explain`: what a code means, and how to mend what it stands for."""
