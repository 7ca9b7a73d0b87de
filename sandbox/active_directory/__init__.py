"""A real Active Directory domain controller (Samba) with a company in it, and what Samba has not: Windows' limits."""
