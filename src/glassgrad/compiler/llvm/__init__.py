"""LLVM at work: the target, llvmlite without its lock, and object files linked into this process."""
