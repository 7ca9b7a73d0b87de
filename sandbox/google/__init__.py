"""Google: the token endpoint and the Admin SDK Directory API, with batches."""
