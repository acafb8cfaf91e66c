"""Write kernels for tapes with loops: each loop of the tape is a loop of the machine code."""
