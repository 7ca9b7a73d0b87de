"""Microsoft Entra ID: the login of one tenant, and Microsoft Graph with batches."""
