"""What is deployed to AWS: one stack, and one construct for each capability."""
