"""From LLVM IR to machine code: the target, llvmlite without its lock, and object files linked into this process."""
