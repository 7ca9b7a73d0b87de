"""Cards in a channel of Microsoft Teams."""

from sso_sync.reporters.teams.card import make_card, worth_telling
from sso_sync.reporters.teams.webhook import TeamsWebhook

__all__ = ["TeamsWebhook", "make_card", "worth_telling"]
