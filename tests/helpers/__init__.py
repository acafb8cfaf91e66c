"""What several tests share: points to try, and exact results to compare with."""
