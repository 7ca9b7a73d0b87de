"""Where secrets may be kept, as settings say it."""

OF_DEPLOYMENT = "secret:"
REFERENCES = (OF_DEPLOYMENT, "env:", "arn:", "/", "./", "../", "~/")
WHERE = (
    "secret:NAME of the deployment, env:VARIABLE, the path of a file that starts with ./ or /, or the ARN of a secret"
)
NOT_HERE = f"a secret does not belong in the config; write {WHERE}"


def check_place(place: str, path: str, mistakes: list[str]) -> None:
    """Add a mistake if a setting holds something else than where a secret is: the secret itself, most often."""
    if not place.startswith(REFERENCES) or "\n" in place:
        mistakes.append(f"{path}: {NOT_HERE}")
