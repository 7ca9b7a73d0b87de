"""What is kept between runs, in a folder or in S3: ledger, lease and run records."""
