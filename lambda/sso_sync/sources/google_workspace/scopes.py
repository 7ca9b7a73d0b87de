"""The scopes of the Directory API that are asked for."""

ROOT = "https://www.googleapis.com/auth/admin.directory"
READ_SCOPES = (f"{ROOT}.user.readonly", f"{ROOT}.group.readonly", f"{ROOT}.group.member.readonly")
DOMAIN_SCOPE = f"{ROOT}.domain.readonly"  # optional: without it, externals are told by their missing status
# Optional, and used by an examination alone.
ROLE_SCOPE = f"{ROOT}.rolemanagement.readonly"
SCHEMA_SCOPE = f"{ROOT}.userschema.readonly"
