"""Cards in channels of Microsoft Teams."""

from sso_sync.reporters.teams.card import make_card
from sso_sync.reporters.teams.channel import MAIN, PROBLEMS, Audience, TeamsChannel
from sso_sync.reporters.teams.webhook import TeamsWebhook

__all__ = ["MAIN", "PROBLEMS", "Audience", "TeamsChannel", "TeamsWebhook", "make_card"]
