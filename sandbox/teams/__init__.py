"""A stand-in of a Microsoft Teams Workflows webhook, and a page that shows the cards it took."""
